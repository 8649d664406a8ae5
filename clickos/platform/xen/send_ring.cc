// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/send_ring.hh"

#include <algorithm>
#include <atomic>

#include "platform/xen/events.hh"
#include "platform/xen/machine.hh"

namespace click::xen {

bool SendRing::open(domid_t backend, size_t pages, size_t rest, bool gather) {
    if (!_page.add(backend, rest)) {
        return false;
    }
    std::memset(_page.memory(0), 0, kPage);
    auto* shared = reinterpret_cast<netif_tx_sring*>(_page.memory(0));
    SHARED_RING_INIT(shared);
    FRONT_RING_INIT(&_ring, shared, kPage);
    // No more slots than the ring has: so a free slot is room in the ring, too.
    while (_slots.size() < std::min<size_t>(pages, RING_SIZE(&_ring) / kSlotsPerPage) && _slots.add(backend, rest)) {
    }
    size_t slots = _slots.size() * kSlotsPerPage;
    for (size_t i = slots; i-- > 0;) {
        _free.push_back(static_cast<uint16_t>(i));
    }
    _used.assign(slots, 0);
    _longest = kSlotSize * (gather ? static_cast<uint32_t>(std::min<size_t>(slots, XEN_NETIF_NR_SLOTS_MIN)) : 1);
    return slots > 0;
}

void SendRing::abandon() {
    _page.abandon();
    _slots.abandon();
}

bool SendRing::put(const Packet& packet) {
    uint32_t left = packet.length();
    if (_free.size() < (left + kSlotSize - 1) / kSlotSize) {
        return false;
    }
    const uint8_t* from = packet.data();
    // The first request says the length of the whole frame, the others say their own.
    auto size = static_cast<uint16_t>(left);
    while (left > 0) {
        uint32_t part = std::min(left, kSlotSize);
        left -= part;
        uint16_t id = _free.back();
        _free.pop_back();
        _used[id] = 1;
        size_t page = id / kSlotsPerPage;
        auto offset = static_cast<uint16_t>(id % kSlotsPerPage * kSlotSize);
        std::memcpy(_slots.memory(page) + offset, from, part);
        from += part;
        netif_tx_request* request = RING_GET_REQUEST(&_ring, _ring.req_prod_pvt++);
        request->gref = _slots.reference(page);
        request->offset = offset;
        request->flags = left > 0 ? NETTXF_more_data : 0;
        request->id = id;
        request->size = size;
        size = static_cast<uint16_t>(std::min(left, kSlotSize));
    }
    return true;
}

void SendRing::push() {
    if (_ring.req_prod_pvt == _ring.sring->req_prod) {
        return;
    }
    int notify;
    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&_ring, notify);
    if (notify) {
        events::notify(_port);
    }
}

Fault SendRing::reap() {
    RING_IDX there = std::atomic_ref(_ring.sring->rsp_prod).load(std::memory_order_acquire);
    if (there - _ring.rsp_cons > _used.size() - _free.size()) {
        return "more sent than asked for";
    }
    while (_ring.rsp_cons != there) {
        netif_tx_response response;
        std::memcpy(&response, RING_GET_RESPONSE(&_ring, _ring.rsp_cons++), sizeof response);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (response.id >= _used.size() || _used[response.id] == 0) {
            return "unknown send buffer";
        }
        _used[response.id] = 0;
        _free.push_back(response.id);
    }
    return nullptr;
}

bool SendRing::await_room() {
    auto out = static_cast<RING_IDX>(_used.size() - _free.size());
    _ring.sring->rsp_event = _ring.rsp_cons + out / 2 + 1;
    xen_mb();
    return std::atomic_ref(_ring.sring->rsp_prod).load(std::memory_order_acquire) == _ring.rsp_cons;
}

}  // namespace click::xen
