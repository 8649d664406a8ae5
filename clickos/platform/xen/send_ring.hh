// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include "platform/xen/granted_pages.hh"
#include "platform/xen/netif.hh"

namespace click::xen {

/// The ring by which frames go to the backend (io/netif.h, "Guest transmit"), copied into slots of half a page. Where the
/// backend gathers, a frame takes up to 18 slots.
class SendRing {
public:
    /// Takes memory for up to `pages` pages of slots, and leaves `rest` free pages. False without memory for a single one.
    bool open(domid_t backend, size_t pages, size_t rest, bool gather);
    /// Where the backend is told of new frames.
    void set_port(evtchn_port_t port) { _port = port; }
    grant_ref_t reference() const { return _page.reference(0); }

    /// The longest frame that ever fits.
    uint32_t longest() const { return _longest; }
    /// Queues a frame; false when there is no room now.
    bool put(const Packet& packet);
    /// Hands what was queued to the backend.
    void push();
    /// Takes back the slots of frames that the backend has sent.
    Fault reap();
    /// Asks for an event when half of the slots are free again. False when some are already.
    bool await_room();
    void abandon();

private:
    static constexpr uint32_t kSlotSize = 2048;
    static constexpr unsigned kSlotsPerPage = 2;

    GrantedPages _page;
    GrantedPages _slots;
    netif_tx_front_ring _ring{};
    std::vector<uint16_t> _free;
    std::vector<uint8_t> _used;  ///< by identifier: whether the backend has it
    uint32_t _longest = 0;
    evtchn_port_t _port = 0;
};

}  // namespace click::xen
