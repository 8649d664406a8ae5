// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/events.hh"

#include <algorithm>

#include "platform/xen/counters.hh"
#include "platform/xen/events_abi.hh"
#include "platform/xen/hypercall.hh"
#include "platform/xen/machine.hh"

namespace click::xen::events {

namespace {

/// As many ports as one SCHEDOP_poll takes.
constexpr unsigned kMostPorts = 128;

struct Listener {
    evtchn_port_t port;
    Receiver receiver;
    void* user;
};

constinit Listener listeners[kMostPorts] = {};
constinit evtchn_port_t ports[kMostPorts] = {};
constinit unsigned count = 0;
constinit const Abi* abi = nullptr;

bool take(evtchn_port_t port) {
    bool taken = abi->take(port);
    counters.events += taken;
    return taken;
}

void close_port(evtchn_port_t port) {
    evtchn_close request{port};
    event_channel_op(EVTCHNOP_close, &request);
}

void poll(evtchn_port_t* list, unsigned length, int64_t deadline) {
    sched_poll question{};
    set_xen_guest_handle(question.ports, list);
    question.nr_ports = length;
    // 0 would be for ever.
    question.timeout = deadline < 0 ? 0 : static_cast<uint64_t>(std::max<int64_t>(deadline - machine.clock_offset, 1));
    sched_op(SCHEDOP_poll, &question);
}

}  // namespace

void start() {
    count = 0;
    two_level.start();  // until Xen has changed to the other one, too, all ports are masked
    abi = fifo.start() ? &fifo : &two_level;
}

evtchn_port_t allocate(domid_t remote) {
    evtchn_alloc_unbound request{DOMID_SELF, remote, 0};
    if (count == kMostPorts || event_channel_op(EVTCHNOP_alloc_unbound, &request) != 0) {
        return 0;
    }
    if (!abi->reach(request.port)) {
        close_port(request.port);
        return 0;
    }
    return request.port;
}

bool listen(evtchn_port_t port, Receiver receiver, void* user) {
    if (count == kMostPorts || !abi->reach(port)) {
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
            close_port(port);
            return;
        }
    }
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
