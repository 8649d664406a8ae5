// SPDX-License-Identifier: Apache-2.0
//
// The 2-level interface, which every Xen has: bits in the page of shared information, for 4,096 ports.
#include <atomic>

#include "platform/xen/events_abi.hh"
#include "platform/xen/machine.hh"

namespace click::xen::events {

namespace {

constexpr unsigned kWordBits = 8 * sizeof(xen_ulong_t);

bool start() {
    for (xen_ulong_t& word : machine.shared->evtchn_mask) {
        word = ~xen_ulong_t{0};
    }
    return true;
}

bool reach(evtchn_port_t port) { return port < kWordBits * kWordBits; }

bool take(evtchn_port_t port) {
    xen_ulong_t bit = xen_ulong_t{1} << port % kWordBits;
    std::atomic_ref<xen_ulong_t> word(machine.shared->evtchn_pending[port / kWordBits]);
    return (word.load(std::memory_order_relaxed) & bit) && (word.fetch_and(~bit) & bit);
}

}  // namespace

constinit const Abi two_level{start, reach, take};

}  // namespace click::xen::events
