// SPDX-License-Identifier: Apache-2.0
#include "platform/xen_control/xenstore_channel.hh"

#include <xen/io/xs_wire.h>

#include <algorithm>
#include <atomic>

#include "platform/platform.hh"
#include "platform/xen/events.hh"
#include "platform/xen/machine.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen::xenstore::channel {

namespace {

constinit xenstore_domain_interface* ring = nullptr;

/// Sleeps until the daemon has moved; false when the deadline passed.
bool wait_for_daemon(int64_t deadline) {
    return events::sleep_for(machine.xenstore_port, deadline) || deadline < 0 || platform::monotonic_clock() < deadline;
}

void event(void*) { receive_events(); }

}  // namespace

bool open() {
    if (machine.xenstore_port != 0) {
        ring = static_cast<xenstore_domain_interface*>(machine.xenstore_ring);
        events::listen(machine.xenstore_port, event, nullptr);
    }
    return ring != nullptr;
}

bool something_there() { return ring->rsp_cons != std::atomic_ref(ring->rsp_prod).load(std::memory_order_acquire); }

bool send(const void* bytes, size_t size, int64_t deadline) {
    const auto* from = static_cast<const char*>(bytes);
    while (size > 0) {
        XENSTORE_RING_IDX producer = ring->req_prod;
        XENSTORE_RING_IDX consumer = std::atomic_ref(ring->req_cons).load(std::memory_order_acquire);
        size_t room = XENSTORE_RING_SIZE - (producer - consumer);
        if (room > XENSTORE_RING_SIZE) {
            platform::panic("XenStore's ring is broken");
        }
        if (room == 0) {
            if (!wait_for_daemon(deadline)) {
                return false;
            }
            continue;
        }
        size_t part = std::min({size, room, size_t{XENSTORE_RING_SIZE - MASK_XENSTORE_IDX(producer)}});
        std::memcpy(ring->req + MASK_XENSTORE_IDX(producer), from, part);
        std::atomic_ref(ring->req_prod).store(producer + static_cast<uint32_t>(part), std::memory_order_release);
        events::notify(machine.xenstore_port);
        from += part;
        size -= part;
    }
    return true;
}

bool receive(void* bytes, size_t size, int64_t deadline) {
    auto* to = static_cast<char*>(bytes);
    while (size > 0) {
        XENSTORE_RING_IDX consumer = ring->rsp_cons;
        XENSTORE_RING_IDX producer = std::atomic_ref(ring->rsp_prod).load(std::memory_order_acquire);
        size_t there = producer - consumer;
        if (there > XENSTORE_RING_SIZE) {
            platform::panic("XenStore's ring is broken");
        }
        if (there == 0) {
            if (!wait_for_daemon(deadline)) {
                return false;
            }
            continue;
        }
        size_t part = std::min({size, there, size_t{XENSTORE_RING_SIZE - MASK_XENSTORE_IDX(consumer)}});
        std::memcpy(to, ring->rsp + MASK_XENSTORE_IDX(consumer), part);
        std::atomic_ref(ring->rsp_cons).store(consumer + static_cast<uint32_t>(part), std::memory_order_release);
        events::notify(machine.xenstore_port);
        to += part;
        size -= part;
    }
    return true;
}

}  // namespace click::xen::xenstore::channel
