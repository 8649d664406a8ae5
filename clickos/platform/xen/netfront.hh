// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/batch.hh>
#include <click/task.hh>

#include <memory>
#include <string>
#include <vector>

#include "net/etheraddress.hh"
#include "platform/xen/interface.hh"
#include "platform/xen/netif.hh"

namespace click::xen {

/// A virtual network interface, as its frontend drives it (io/netif.h): two rings of requests to the backend. The pages
/// that packets are copied to and from are granted once and stay granted. One queue and one event channel: the guest has
/// one processor, and event channels are what a host runs out of.
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

    /// Looks at what XenStore says of it and does the next step of connecting or disconnecting.
    void follow_backend();
    /// The toolstack has removed it.
    void vanish();

    void receive(PacketBatch& batch, unsigned most, uint32_t headroom);
    /// What never goes out goes to `refused`; what there is no room for stays.
    void transmit(PacketBatch& batch, PacketBatch& sent, PacketBatch& refused);
    /// Forgets the frames that have arrived so far.
    void drop_received();
    void wake_receiver(Task* task);
    /// `task` is rescheduled once, when there may be room again.
    void wake_sender(Task* task) { _senders.push_back(task); }
    void forget_sender(const Task* task) { std::erase(_senders, task); }
    const Task* receiver() const { return _receiver; }
    /// Arms the event for room; false when there is room already.
    bool await_room();
    uint64_t drops() const { return _drops; }

private:
    static constexpr unsigned kSlots = 256;
    static constexpr size_t kSendSize = 2048;  ///< what a slot to send from holds: two to a page

    struct Page {
        uint8_t* memory = nullptr;
        grant_ref_t reference = 0;
    };

    std::string path(const char* node) const { return _path + "/" + node; }
    std::string token() const { return "vif/" + std::to_string(_seat); }
    bool connect();
    bool publish();
    void disconnect();
    void close();
    /// Takes a page and grants it, if that leaves `rest` free pages.
    bool provide(Page& page, size_t rest);
    static void give_up(Page& page);
    void post_buffers();
    void take_response(const netif_rx_response& response, PacketBatch& batch, uint32_t headroom);
    void reap();
    void break_off(const char* what);
    static void event(void* user);
    void wake_senders();

    unsigned _number;
    unsigned _seat;
    std::string _name;
    std::string _path;
    std::string _backend;
    EtherAddress _address;
    bool _present = false;
    bool _connected = false;
    bool _closed = false;  ///< by the backend's wish
    domid_t _backend_domain = 0;
    evtchn_port_t _port = 0;
    Page _tx_page;
    Page _rx_page;
    netif_tx_front_ring _tx{};
    netif_rx_front_ring _rx{};
    std::vector<Page> _receive_pages;  ///< one for each identifier of a receive request
    std::vector<Page> _send_pages;     ///< one for two identifiers of a transmit request
    std::vector<uint16_t> _free_sends;
    std::vector<bool> _sending;
    bool _in_rest = false;  ///< the next responses belong to a frame that is dropped
    Task* _receiver = nullptr;
    std::vector<Task*> _senders;
    uint64_t _drops = 0;
};

namespace interfaces {

/// Finds the interfaces that the domain has now, and watches for more.
void start();
/// Follows a XenStore event with one of our tokens; false when it is not ours.
bool follow(const std::string& path, const std::string& token);
/// By number (`0`), name (`eth0`) or Ethernet address; null when there is none.
Interface* find(std::string_view name);

}  // namespace interfaces

}  // namespace click::xen
