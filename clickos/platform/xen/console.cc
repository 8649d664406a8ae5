// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/console.hh"

#include <xen/io/console.h>

#include <atomic>

#include "platform/platform.hh"
#include "platform/xen/events.hh"
#include "platform/xen/machine.hh"

namespace click::xen::console {

namespace {

constexpr int64_t kPatience = 1'000'000'000;  ///< nanoseconds

constinit xencons_interface* ring = nullptr;
constinit bool stuck = false;

/// Puts as much as there is room for into the ring.
size_t put(std::string_view text) {
    XENCONS_RING_IDX producer = ring->out_prod;
    XENCONS_RING_IDX consumer = std::atomic_ref(ring->out_cons).load(std::memory_order_acquire);
    size_t count = 0;
    while (count < text.size() && producer - consumer < sizeof ring->out) {
        ring->out[MASK_XENCONS_IDX(producer++, ring->out)] = text[count++];
    }
    std::atomic_ref(ring->out_prod).store(producer, std::memory_order_release);
    return count;
}

/// Sends text as it is. Once the daemon has been away for too long, text is lost until it comes back.
void send(std::string_view text) {
    while (!text.empty()) {
        size_t count = put(text);
        text.remove_prefix(count);
        events::notify(machine.console_port);
        stuck = stuck && count == 0;
        if (text.empty() || stuck) {
            return;
        }
        stuck = count == 0 && !events::sleep_for(machine.console_port, platform::monotonic_clock() + kPatience);
    }
}

}  // namespace

void start() {
    ring = machine.console_port != 0 ? static_cast<xencons_interface*>(machine.console_ring) : nullptr;
    stuck = false;
}

void write(std::string_view text) {
    if (!ring) {
        return;
    }
    // A terminal is at the other end.
    while (!text.empty()) {
        size_t end = text.find('\n');
        send(text.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        send("\r\n");
        text.remove_prefix(end + 1);
    }
}

}  // namespace click::xen::console
