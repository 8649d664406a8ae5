// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/events.hh"

#include <atomic>

#include "platform/xen/hypercall.hh"
#include "platform/xen/machine.hh"

namespace click::xen::events {

namespace {

/// As many ports as one SCHEDOP_poll takes.
constexpr unsigned kMostPorts = 128;
constexpr unsigned kWordBits = 8 * sizeof(xen_ulong_t);

struct Listener {
    evtchn_port_t port;
    Receiver receiver;
    void* user;
};

constinit Listener listeners[kMostPorts] = {};
constinit evtchn_port_t ports[kMostPorts] = {};
constinit unsigned count = 0;

bool take(evtchn_port_t port) {
    xen_ulong_t bit = xen_ulong_t{1} << port % kWordBits;
    std::atomic_ref<xen_ulong_t> word(machine.shared->evtchn_pending[port / kWordBits]);
    return (word.load(std::memory_order_relaxed) & bit) && (word.fetch_and(~bit) & bit);
}

void poll(evtchn_port_t* list, unsigned length, int64_t deadline) {
    sched_poll question{};
    set_xen_guest_handle(question.ports, list);
    question.nr_ports = length;
    question.timeout = deadline < 0 ? 0 : static_cast<uint64_t>(deadline);
    sched_op(SCHEDOP_poll, &question);
}

}  // namespace

void start() {
    for (xen_ulong_t& word : machine.shared->evtchn_mask) {
        word = ~xen_ulong_t{0};
    }
}

evtchn_port_t allocate(domid_t remote) {
    evtchn_alloc_unbound request{DOMID_SELF, remote, 0};
    return event_channel_op(EVTCHNOP_alloc_unbound, &request) == 0 ? request.port : 0;
}

bool listen(evtchn_port_t port, Receiver receiver, void* user) {
    if (count == kMostPorts) {
        return false;
    }
    listeners[count] = {port, receiver, user};
    ports[count++] = port;
    return true;
}

void close(evtchn_port_t port) {
    for (unsigned i = 0; i < count; ++i) {
        if (ports[i] == port) {
            listeners[i] = listeners[--count];
            ports[i] = ports[count];
        }
    }
    evtchn_close request{port};
    event_channel_op(EVTCHNOP_close, &request);
    take(port);
}

void notify(evtchn_port_t port) {
    evtchn_send request{port};
    event_channel_op(EVTCHNOP_send, &request);
}

bool deliver() {
    bool any = false;
    for (unsigned i = 0; i < count; ++i) {
        if (take(ports[i])) {
            any = true;
            listeners[i].receiver(listeners[i].user);
        }
    }
    return any;
}

void sleep(int64_t deadline) { poll(ports, count, deadline); }

bool sleep_for(evtchn_port_t port, int64_t deadline) {
    poll(&port, 1, deadline);
    return take(port);
}

}  // namespace click::xen::events
