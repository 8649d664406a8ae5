// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/batch.hh>

#include "platform/xen/granted_pages.hh"
#include "platform/xen/netif.hh"

namespace click::xen {

/// The ring by which frames come from the backend into buffers of a page each (io/netif.h, "Guest receive"). A frame is
/// as many responses as it takes pages, up to 18, perhaps with slots of extra information behind the first.
///
/// Responses come in the order of their requests (the header's note on backends), and each buffer is posted again as
/// soon as its part has been copied. So the buffers go round in the order of their numbers, and a slot tells its buffer.
class ReceiveRing {
public:
    /// Takes and posts up to `buffers` buffers, and leaves `rest` free pages. False without memory for a single one.
    bool open(domid_t backend, size_t buffers, size_t rest);
    /// Where the backend is told of new buffers.
    void set_port(evtchn_port_t port) { _port = port; }
    grant_ref_t reference() const { return _page.reference(0); }

    /// Appends frames until the batch holds `end`; asks for an event at the next one when there are no more. Looks at no
    /// more slots than the ring has, so that a backend which never stops does not keep the processor; `more` becomes true
    /// if that was why it ended.
    Fault receive(PacketBatch& batch, unsigned end, uint32_t headroom, bool& more);
    bool waiting() const { return RING_HAS_UNCONSUMED_RESPONSES(&_ring); }
    /// Frames that were lost for want of memory, or because the backend said that they were broken.
    uint64_t drops() const { return _drops; }
    void abandon();

private:
    /// The responses of one frame, as they were when they were looked at: the backend may change its ring at any time.
    struct Frame {
        struct Part {
            const uint8_t* from;
            uint32_t length;
        };
        unsigned slots = 0;  ///< of the ring; 0: the rest of the frame is still to come
        unsigned count = 0;
        uint32_t length = 0;
        bool good = true;
        bool blank_checksum = false;
        Part parts[XEN_NETIF_NR_SLOTS_MIN];
    };

    Fault look(RING_IDX there, Frame& frame) const;
    void add_part(const netif_rx_response& response, Frame& frame) const;
    static PacketPtr make_packet(const Frame& frame, uint32_t headroom);
    void repost(unsigned slots);
    void push();
    bool await(RING_IDX there);

    GrantedPages _page;
    GrantedPages _buffers;
    netif_rx_front_ring _ring{};
    uint16_t _next = 0;  ///< the buffer of the next response
    evtchn_port_t _port = 0;
    uint64_t _drops = 0;
};

}  // namespace click::xen
