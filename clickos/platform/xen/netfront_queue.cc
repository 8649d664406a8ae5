// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/netfront_queue.hh"

#include <click/task.hh>

#include <algorithm>
#include <utility>

#include "platform/xen/events.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

namespace {

/// What a frame of the greatest length takes, each way.
constexpr size_t kFewestReceivePages = XEN_NETIF_NR_SLOTS_MIN;
constexpr size_t kFewestSendPages = XEN_NETIF_NR_SLOTS_MIN / 2;

void arrived(void* waiters) { static_cast<Waiters*>(waiters)->wake_receiver(); }

void sent(void* waiters) { static_cast<Waiters*>(waiters)->wake_senders(); }

void either(void* waiters) {
    arrived(waiters);
    sent(waiters);
}

/// A new event channel that `receiver` listens at; 0 when there is none.
evtchn_port_t listen(domid_t backend, events::Receiver receiver, Waiters& waiters) {
    evtchn_port_t port = events::allocate(backend);
    if (port != 0 && !events::listen(port, receiver, &waiters)) {
        events::close(port);
        return 0;
    }
    return port;
}

}  // namespace

void Waiters::wake_receiver() {
    if (receiver) {
        receiver->reschedule();
    }
}

void Waiters::wake_senders() {
    for (Task* task : std::exchange(senders, {})) {
        task->reschedule();
    }
}

bool Queue::open(const Options& options, Waiters& waiters) {
    // Two of three buffer pages receive.
    size_t receive = std::max(kFewestReceivePages, options.pages * 2 / 3);
    size_t send = std::max(kFewestSendPages, options.pages / 3);
    if (!receiving.open(options.backend, receive, options.rest) ||
        !sending.open(options.backend, send, options.rest, options.gather)) {
        return false;
    }
    _split = options.split;
    _receive_port = listen(options.backend, _split ? arrived : either, waiters);
    _send_port = _split ? listen(options.backend, sent, waiters) : _receive_port;
    receiving.set_port(_receive_port);
    sending.set_port(_send_port);
    return _receive_port != 0 && _send_port != 0;
}

Queue::~Queue() {
    if (_send_port != 0 && _send_port != _receive_port) {
        events::close(_send_port);
    }
    if (_receive_port != 0) {
        events::close(_receive_port);
    }
}

bool Queue::publish(const std::string& folder, uint32_t transaction) const {
    auto write = [&](const char* node, uint64_t number) {
        return xenstore::write(folder + node, std::to_string(number), transaction);
    };
    return write("/tx-ring-ref", sending.reference()) && write("/rx-ring-ref", receiving.reference()) &&
           (_split ? write("/event-channel-tx", _send_port) && write("/event-channel-rx", _receive_port)
                   : write("/event-channel", _receive_port));
}

void Queue::abandon() {
    receiving.abandon();
    sending.abandon();
}

}  // namespace click::xen
