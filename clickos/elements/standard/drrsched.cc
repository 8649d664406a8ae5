// SPDX-License-Identifier: Apache-2.0
/*
=c
DRRSched([QUANTUM])
=s scheduling
pulls from its inputs by deficit round robin
=d
Gives its inputs turns in which each may send QUANTUM bytes (500 by default), and keeps what an input has left for its next
turn as long as it has packets (Shreedhar and Varghese 1995): inputs get equal shares of bytes whatever their packets'
lengths.
=e
  s :: DRRSched -> Discard;
  InfiniteSource(LENGTH 100, LIMIT 50) -> Queue -> [0] s;
  InfiniteSource(LENGTH 1000, LIMIT 5) -> Queue -> [1] s;
=a PrioSched, StrideSched, RoundRobinSched, FQCoDel
*/
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/task.hh>

#include <algorithm>
#include <vector>

namespace click {

namespace {

class DRRSched final : public Element {
public:
    const char* class_name() const override { return "DRRSched"; }
    const char* port_count() const override { return "-/1"; }
    const char* processing() const override { return kPull; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("QUANTUM", bounded(_quantum, 1, 1U << 30, "bad QUANTUM"), kDefaultQuantum)
            .complete();
    }
    int initialize(ErrorHandler&) override {
        _queues.resize(static_cast<size_t>(ninputs()));
        _arrival.initialize(this, false);
        for (int port = 0; port < ninputs(); ++port) {
            _queues[static_cast<size_t>(port)].packets = NotifierSignal::upstream_empty(*this, port, &_arrival);
        }
        return 0;
    }
    bool run_task() override {
        _ready.wake();
        return false;
    }

    void pull(int, PacketBatch& batch, unsigned most) override {
        for (most = std::min(most, batch.room()); most > 0; --most) {
            PacketPtr packet = pull_one();
            if (!packet) {
                return;
            }
            batch.append(std::move(packet));
        }
    }

protected:
    /// The packet that waits here for its turn is no longer in a queue that would tell of it.
    Notifier* empty_notifier(int) override { return &_ready; }

private:
    static constexpr uint32_t kDefaultQuantum = 500;

    struct Queue {
        PacketPtr head;
        uint64_t deficit = 0;
        NotifierSignal packets;
    };

    PacketPtr pull_one();
    void next_turn() {
        _next = _next + 1 == _queues.size() ? 0 : _next + 1;
        if (_next < _queues.size()) {
            _queues[_next].deficit += _quantum;
        }
    }

    uint32_t _quantum = kDefaultQuantum;
    std::vector<Queue> _queues;
    size_t _next = 0;
    Notifier _ready;
    Task _arrival{this};
};

/// A packet that is longer than many quanta takes as many rounds, which are passed here in one step.
PacketPtr DRRSched::pull_one() {
    bool more = false;
    for (size_t empty = 0; empty < _queues.size();) {
        Queue& queue = _queues[_next];
        if (!queue.head) {
            queue.head = input(static_cast<int>(_next)).pull();
        }
        if (!queue.head) {
            more = more || queue.packets.active();
            queue.deficit = 0;
            ++empty;
            next_turn();
            continue;
        }
        empty = 0;
        more = true;
        if (queue.head->length() <= queue.deficit) {
            queue.deficit -= queue.head->length();
            return std::move(queue.head);
        }
        // Whole rounds in which nobody who waits could send.
        uint64_t rounds = ~uint64_t{0};
        for (const Queue& one : _queues) {
            uint64_t missing = one.head && one.head->length() > one.deficit ? one.head->length() - one.deficit - 1 : 0;
            rounds = std::min(rounds, missing / _quantum);
        }
        for (Queue& one : _queues) {
            one.deficit += rounds * _quantum;
        }
        next_turn();
    }
    if (!more) {
        _ready.sleep();
    }
    return {};
}

}  // namespace

CLICK_ELEMENT(DRRSched)

}  // namespace click
