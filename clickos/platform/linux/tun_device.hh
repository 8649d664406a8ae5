// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>
#include <click/batch.hh>

#include <memory>
#include <string>

#include "platform/linux/poller.hh"

namespace click {

class Task;

/// A network interface of this machine whose other end is this program: what the machine sends into it is received here,
/// and the other way round (the kernel's universal TUN/TAP driver, Documentation/networking/tuntap).
class TunDevice final : private poller::Watcher {
public:
    enum class Kind : uint8_t { Ip, Ethernet };

    /// What an interface is given when it is made; each only where it is asked for.
    struct Setup {
        IPPrefix address;    ///< mask 0: none
        EtherAddress ether;  ///< zero: the kernel chooses; only for Ethernet
        IPAddress gateway;   ///< next hop of a default route; 0: none
        uint32_t mtu = 0;    ///< 0: the kernel's own
        uint32_t headroom = Packet::kDefaultHeadroom;
    };

    /// Makes the interface, or finds the one that this program made under that name: then `setup` changes nothing. An
    /// empty name has the kernel choose one. Null after a report.
    static std::shared_ptr<TunDevice> open(const std::string& name, Kind kind, const Setup& setup, ErrorHandler& errh);
    /// The interface that this program made under that name, or null.
    static std::shared_ptr<TunDevice> find(const std::string& name);
    TunDevice(const TunDevice&) = delete;
    TunDevice& operator=(const TunDevice&) = delete;
    ~TunDevice();

    const std::string& name() const { return _name; }
    Kind kind() const { return _kind; }
    /// Appends packets that the machine sent into the interface, at most `most`.
    void receive(PacketBatch& batch, unsigned most);
    /// Hands a packet to the machine; false when it did not take it.
    bool send(const Packet& packet);
    /// `task` is rescheduled whenever there is something to receive; null: no more.
    void on_receive(Task* task);

private:
    TunDevice(int fd, std::string name, Kind kind, const Setup& setup);
    int configure(const Setup& setup, ErrorHandler& errh) const;
    void ready(int fd, uint32_t events) override;

    int _fd;
    std::string _name;
    Kind _kind;
    uint32_t _headroom;
    uint32_t _most;  ///< bytes of the longest packet
    std::weak_ptr<TunDevice> _shared;
    Task* _task = nullptr;
};

}  // namespace click
