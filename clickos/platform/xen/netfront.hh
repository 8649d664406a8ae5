// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/batch.hh>
#include <click/task.hh>

#include <memory>
#include <string>
#include <vector>

#include "net/etheraddress.hh"
#include "platform/xen/netfront_queue.hh"

namespace click::xen {

/// A virtual network interface, as its frontend drives it (io/netif.h). The pages that packets are copied to and from
/// are granted once and stay granted.
///
/// An interface lives as long as the guest; between a detach and an attach it has no backend.
class Interface {
public:
    explicit Interface(unsigned number);
    Interface(const Interface&) = delete;
    Interface& operator=(const Interface&) = delete;

    /// The number by which configurations know it: the one that it had first.
    unsigned number() const { return _number; }
    /// The number that the toolstack gives it now.
    unsigned seat() const { return _seat; }
    /// It comes back under another number: the toolstack gives a new one to whatever is attached.
    void come_back_as(unsigned seat);
    /// As Linux guests call it: eth0.
    const std::string& name() const { return _name; }
    const EtherAddress& address() const { return _address; }
    /// Whether the toolstack has this interface configured.
    bool present() const { return _present; }
    /// Whether frames can pass: it is connected, and the backend does not say that its carrier is lost.
    bool link_up() const;
    /// Queues that it is connected by.
    unsigned queues() const { return static_cast<unsigned>(_queues.size()); }

    /// Looks at what XenStore says of it and does the next step of connecting or disconnecting.
    void follow_backend();
    /// The toolstack has removed it, or given it another backend.
    void vanish();
    /// Whether the toolstack has given it another backend than the one that it follows.
    bool moved() const;
    /// The domain went on in a new one (restored, migrated): nothing of before is granted or bound there.
    void start_anew();

    void receive(PacketBatch& batch, unsigned most, uint32_t headroom);
    /// Whether frames have arrived that nobody has received.
    bool waiting() const;
    /// What never goes out goes to `refused`; what there is no room for stays.
    void transmit(PacketBatch& batch, PacketBatch& sent, PacketBatch& refused);
    /// Forgets the frames that have arrived so far.
    void drop_received();
    void wake_receiver(Task* task);
    const Task* receiver() const { return _waiters.receiver; }
    /// `task` is rescheduled once, when there may be room again.
    void wake_sender(Task* task);
    void forget_sender(const Task* task) { std::erase(_waiters.senders, task); }
    uint64_t drops() const;

private:
    std::string path(const char* node) const { return _path + "/" + node; }
    std::string token() const { return "vif/" + std::to_string(_seat); }
    void find_backend();
    bool connect();
    bool open_queues();
    bool publish();
    void disconnect();
    void close();
    void break_off(Fault fault);
    bool connected() const { return !_queues.empty(); }
    Queue& queue_of(const Packet& packet);

    unsigned _number;
    unsigned _seat;
    std::string _name;
    std::string _path;
    std::string _backend;
    EtherAddress _address;
    bool _present = false;
    bool _closed = false;    ///< by the backend's wish
    bool _answered = false;  ///< it has been told of our rings and has not gone on yet
    bool _split = false;     ///< has been published with an event channel for each ring
    bool _several = false;   ///< has been published with several queues
    domid_t _backend_domain = 0;
    std::vector<std::unique_ptr<Queue>> _queues;  ///< none: not connected
    size_t _first_queue = 0;                      ///< from which one the next frames are taken
    Queue* _full = nullptr;                       ///< had no room last
    Waiters _waiters;
    uint64_t _drops = 0;  ///< of queues that are no more
};

namespace interfaces {

/// Finds the interfaces that the domain has now, and watches for more.
void start();
/// Follows a XenStore event with one of our tokens; false when it is not ours.
bool follow(const std::string& path, const std::string& token);
/// By number (`0`), name (`eth0`) or Ethernet address; null when there is none.
Interface* find(std::string_view name);
/// The domain was suspended and goes on in a new one, whose grants, events and XenStore work already: connects all
/// interfaces to the backends that they have there. When a suspend was cancelled, nothing has happened to them.
void resume();

}  // namespace interfaces

}  // namespace click::xen
