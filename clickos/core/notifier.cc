// SPDX-License-Identifier: Apache-2.0
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/router.hh>
#include <click/task.hh>

#include <algorithm>

namespace click {

void Notifier::wake() {
    if (!_active) {
        _active = true;
        for (Task* task : _listeners) {
            task->reschedule();
        }
    }
}

namespace {

/// Walks the packet graph from one port, through agnostic elements, to whoever offers a notifier.
class NotifierSearch {
public:
    using Offer = Notifier* (*)(Element& element, int port);

    NotifierSearch(const Router& router, Offer offer, bool upstream)
        : _offer(offer), _upstream(upstream), _seen(router.elements().size(), false) {}

    /// False when some end has no notifier.
    bool visit(const Element& element, int port) {
        const Port& port_here = _upstream ? element.input(port) : element.output(port);
        if (!port_here.connected()) {
            return true;
        }
        Element& peer = *port_here.peer();
        if (Notifier* notifier = _offer(peer, port_here.peer_port())) {
            if (std::find(found.begin(), found.end(), notifier) == found.end()) {
                found.push_back(notifier);
            }
            return true;
        }
        auto index = static_cast<size_t>(peer.index());
        if (_seen[index]) {
            return true;
        }
        _seen[index] = true;
        int ports = _upstream ? peer.ninputs() : peer.noutputs();
        bool complete = ports > 0;
        for (int next = 0; next < ports; ++next) {
            bool same_direction = _upstream ? peer.input_is_pull(next) : peer.output_is_push(next);
            complete &= same_direction && visit(peer, next);
        }
        return complete;
    }

    std::vector<Notifier*> found;

private:
    Offer _offer;
    bool _upstream;
    std::vector<bool> _seen;
};

}  // namespace

NotifierSignal NotifierSignal::upstream_empty(Element& element, int port, Task* task) {
    NotifierSearch search(
        element.router(), [](Element& peer, int output) { return peer.empty_notifier(output); }, true);
    NotifierSignal signal;
    signal._always = !search.visit(element, port);
    signal._notifiers = std::move(search.found);
    if (task) {
        for (Notifier* notifier : signal._notifiers) {
            notifier->listen(*task);
        }
    }
    return signal;
}

NotifierSignal NotifierSignal::downstream_full(Element& element, int port, Task* task) {
    NotifierSearch search(
        element.router(), [](Element& peer, int input) { return peer.full_notifier(input); }, false);
    NotifierSignal signal;
    signal._always = !search.visit(element, port);
    signal._notifiers = std::move(search.found);
    if (task) {
        for (Notifier* notifier : signal._notifiers) {
            notifier->listen(*task);
        }
    }
    return signal;
}

bool NotifierSignal::active() const {
    return _always ||
           std::any_of(_notifiers.begin(), _notifiers.end(), [](const Notifier* one) { return one->active(); });
}

}  // namespace click
