// SPDX-License-Identifier: Apache-2.0
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/packet_walk.hh>
#include <click/router.hh>
#include <click/task.hh>

#include <algorithm>

namespace click {

void Notifier::wake() {
    if (!active()) {
        _active.store(true, std::memory_order_relaxed);
        for (Task* task : _listeners) {
            task->reschedule();
        }
    }
}

NotifierSignal NotifierSignal::upstream_empty(Element& element, int port, Task* task) {
    NotifierSignal signal;
    PacketWalk walk(element.router(), PacketWalk::Way::Upstream);
    signal._always = !walk.from(element, port,
                                [&](Element& peer, int output) { return signal.passes(peer.empty_notifier(output)); });
    signal.wake(task);
    return signal;
}

NotifierSignal NotifierSignal::downstream_full(Element& element, int port, Task* task) {
    NotifierSignal signal;
    PacketWalk walk(element.router(), PacketWalk::Way::Downstream);
    signal._always =
        !walk.from(element, port, [&](Element& peer, int input) { return signal.passes(peer.full_notifier(input)); });
    signal.wake(task);
    return signal;
}

/// Takes what an element offers; where it offers nothing, the search goes on behind it.
bool NotifierSignal::passes(Notifier* offered) {
    if (offered && std::find(_notifiers.begin(), _notifiers.end(), offered) == _notifiers.end()) {
        _notifiers.push_back(offered);
    }
    return offered == nullptr;
}

void NotifierSignal::wake(Task* task) {
    if (task) {
        for (Notifier* notifier : _notifiers) {
            notifier->listen(*task);
        }
    }
}

bool NotifierSignal::active() const {
    return _always ||
           std::any_of(_notifiers.begin(), _notifiers.end(), [](const Notifier* one) { return one->active(); });
}

}  // namespace click
