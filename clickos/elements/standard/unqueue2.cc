// SPDX-License-Identifier: Apache-2.0
/*
=c
Unqueue2([BURST, I<keywords> QUEUES, QUIET])
=s shaping
pulls packets and pushes them on while there is room for them
=d
Pulls BURST packets (1 by default; 0 for all that there are) at each turn and pushes them out, but no more than the fullest
queue that they may come to has room for, and none while it is full. Unqueue, which does not ask, is to be preferred.

Keyword arguments are:
=over 8
=item QUEUES
Names of elements that store packets, separated by white space: those that must have room. Default is the nearest ones
downstream; where there are none, nothing is asked.
=item QUIET
Boolean. Whether no warning says that Unqueue is to be preferred. Default is false.
=back
=h count read
How many packets were moved.
=h reset_counts write
Sets the count to 0.
=h active read/write
Whether packets are pulled.
=use task-handlers
=e
  InfiniteSource(LIMIT 50) -> Queue -> Unqueue2(QUIET true) -> Queue(10) -> RatedUnqueue(100) -> Discard;
=a Unqueue, RatedUnqueue
*/
#include <click/pullelement.hh>

#include "elements/aqm/watchedqueues.hh"

namespace click {

namespace {

class Unqueue2 final : public PullElement {
public:
    const char* class_name() const override { return "Unqueue2"; }
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPullToPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        bool quiet = false;
        if (Args(conf, this, errh)
                .optional("BURST", bounded(_burst, 0, INT32_MAX), 1)
                .keyword("QUEUES", _queues.argument(), {})
                .keyword("QUIET", quiet, false)
                .complete() < 0) {
            return -1;
        }
        if (!quiet) {
            errh.warning("Unqueue2 is deprecated; use Unqueue, or say QUIET true");
        }
        return 0;
    }
    int initialize(ErrorHandler& errh) override {
        if (_queues.find_any(*this, errh) < 0) {
            return -1;
        }
        _room = NotifierSignal::downstream_full(*this, 0, &_task);
        return PullElement::initialize(errh);
    }
    void add_handlers() override { add_pull_handlers(); }
    bool run_task() override {
        const uint64_t room = _queues.room();
        if (room == 0) {
            // A queue that does not tell when it has room again is asked again and again.
            if (_room.active()) {
                _task.reschedule();
            }
            return false;
        }
        // What there is room for is the LIMIT of this turn.
        _limit = room < kMostLimit ? static_cast<int64_t>(_count.value() + room) : -1;
        return PullElement::run_task();
    }

protected:
    void take(PacketBatch& batch) override { output(0).push(batch); }

private:
    static constexpr uint64_t kMostLimit = UINT32_MAX;

    WatchedQueues _queues;
    NotifierSignal _room;
};

}  // namespace

CLICK_ELEMENT(Unqueue2)

}  // namespace click
