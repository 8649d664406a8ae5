// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/receive_ring.hh"

#include <atomic>

#include "lib/offload.hh"
#include "net/ether.hh"
#include "net/ip.hh"
#include "platform/xen/events.hh"
#include "platform/xen/machine.hh"

namespace click::xen {

namespace {

/// What the sender left for its hardware to do: the checksum of TCP or UDP in IPv4.
Offload blank_checksum(const uint8_t* frame, uint32_t length) {
    Offload offload;
    constexpr uint32_t kNetwork = sizeof(EtherHeader);
    constexpr uint32_t kProtocol = kNetwork + 9;
    if (length < kNetwork + sizeof(IpHeader) || frame[kNetwork] >> 4 != 4) {
        return offload;
    }
    uint8_t protocol = frame[kProtocol];
    offload.partial_checksum = protocol == kIpProtoTcp || protocol == kIpProtoUdp;
    offload.checksum_start = static_cast<uint16_t>(kNetwork + (frame[kNetwork] & 15U) * 4);
    offload.checksum_offset = protocol == kIpProtoTcp ? 16 : 6;
    return offload;
}

/// A copy of a slot, which the backend cannot change any more.
template <typename T>
T copy_slot(const void* slot) {
    T copy;
    std::memcpy(&copy, slot, sizeof copy);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return copy;
}

}  // namespace

bool ReceiveRing::open(domid_t backend, size_t buffers, size_t rest) {
    if (!_page.add(backend, rest)) {
        return false;
    }
    std::memset(_page.memory(0), 0, kPage);
    auto* shared = reinterpret_cast<netif_rx_sring*>(_page.memory(0));
    SHARED_RING_INIT(shared);
    FRONT_RING_INIT(&_ring, shared, kPage);
    while (_buffers.size() < std::min<size_t>(buffers, RING_SIZE(&_ring)) && _buffers.add(backend, rest)) {
    }
    repost(static_cast<unsigned>(_buffers.size()));
    RING_PUSH_REQUESTS(&_ring);
    _ring.sring->rsp_event = _ring.rsp_cons + 1;
    return _buffers.size() > 0;
}

void ReceiveRing::abandon() {
    _page.abandon();
    _buffers.abandon();
}

void ReceiveRing::add_part(const netif_rx_response& response, Frame& frame) const {
    uint32_t length = response.status > 0 ? static_cast<uint32_t>(response.status) : 0;
    if (length == 0 || response.offset + length > kPage || frame.count == XEN_NETIF_NR_SLOTS_MIN) {
        frame.good = false;
        return;
    }
    frame.parts[frame.count++] = {_buffers.memory(response.id) + response.offset, length};
    frame.length += length;
}

/// Collects the parts of the frame that begins at the next response; none of them is taken yet.
Fault ReceiveRing::look(RING_IDX there, Frame& frame) const {
    uint16_t buffer = _next;
    bool more = true;
    bool extra = false;
    for (RING_IDX index = _ring.rsp_cons; index != there;) {
        const auto* slot = RING_GET_RESPONSE(&_ring, index);
        if (extra) {
            // All kinds are optional to know but that of segmentation, which is never asked for.
            auto info = copy_slot<netif_extra_info>(slot);
            extra = info.flags & XEN_NETIF_EXTRA_FLAG_MORE;
            frame.good &= info.type != XEN_NETIF_EXTRA_TYPE_GSO;
        } else {
            auto response = copy_slot<netif_rx_response>(slot);
            if (response.id != buffer) {
                return "unknown receive buffer";
            }
            bool first = index == _ring.rsp_cons;
            extra = first && (response.flags & NETRXF_extra_info);
            more = response.flags & NETRXF_more_data;
            frame.blank_checksum |= first && (response.flags & NETRXF_csum_blank);
            add_part(response, frame);
        }
        buffer = buffer + 1U == _buffers.size() ? 0 : static_cast<uint16_t>(buffer + 1);
        ++index;
        if (!more && !extra) {
            frame.slots = index - _ring.rsp_cons;
            return nullptr;
        }
    }
    return there - _ring.rsp_cons == _buffers.size() ? "a frame longer than all buffers" : nullptr;
}

PacketPtr ReceiveRing::make_packet(const Frame& frame, uint32_t headroom) {
    if (!frame.good || frame.length < sizeof(EtherHeader)) {
        return {};
    }
    PacketPtr packet = Packet::make(headroom, nullptr, frame.length, Packet::kMinTailroom);
    if (!packet) {
        return {};
    }
    uint8_t* to = packet->mutable_data();
    for (unsigned i = 0; i < frame.count; ++i) {
        std::memcpy(to, frame.parts[i].from, frame.parts[i].length);
        to += frame.parts[i].length;
    }
    if (frame.blank_checksum) {
        Offload offload = blank_checksum(packet->data(), frame.length);
        if (!offload.partial_checksum || !complete_checksum(packet->mutable_data(), frame.length, offload)) {
            return {};
        }
    }
    return packet;
}

/// Hands the next `slots` buffers out again.
void ReceiveRing::repost(unsigned slots) {
    for (; slots > 0; --slots) {
        netif_rx_request* request = RING_GET_REQUEST(&_ring, _ring.req_prod_pvt++);
        request->id = _next;
        request->gref = _buffers.reference(_next);
        _next = _next + 1U == _buffers.size() ? 0 : static_cast<uint16_t>(_next + 1);
    }
}

void ReceiveRing::push() {
    int notify;
    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&_ring, notify);
    if (notify) {
        events::notify(_port);
    }
}

/// Asks for an event at the response behind `there`. False when it has come already.
bool ReceiveRing::await(RING_IDX there) {
    _ring.sring->rsp_event = there + 1;
    xen_mb();
    return std::atomic_ref(_ring.sring->rsp_prod).load(std::memory_order_acquire) == there;
}

Fault ReceiveRing::receive(PacketBatch& batch, unsigned end, uint32_t headroom, bool& more) {
    RING_IDX last = _ring.rsp_cons + static_cast<RING_IDX>(_buffers.size());
    while (batch.size() < end) {
        if (static_cast<int32_t>(last - _ring.rsp_cons) <= 0) {
            more = true;
            break;
        }
        RING_IDX there = std::atomic_ref(_ring.sring->rsp_prod).load(std::memory_order_acquire);
        if (there - _ring.rsp_cons > _buffers.size()) {
            return "more received than asked for";
        }
        RING_IDX before = _ring.rsp_cons;
        while (_ring.rsp_cons != there && static_cast<int32_t>(last - _ring.rsp_cons) > 0 && batch.size() < end) {
            Frame frame;
            if (Fault fault = look(there, frame)) {
                return fault;
            }
            if (frame.slots == 0) {
                break;
            }
            PacketPtr packet = make_packet(frame, headroom);
            _drops += packet ? 0 : 1;
            batch.append(std::move(packet));
            _ring.rsp_cons += frame.slots;
            repost(frame.slots);
        }
        if (_ring.rsp_cons != before) {
            push();
        } else if (await(there)) {
            break;
        }
    }
    return nullptr;
}

}  // namespace click::xen
