// SPDX-License-Identifier: Apache-2.0
/*
=c
RatedUnqueue(RATE [, I<keywords> BURST_DURATION, BURST_SIZE])
=s shaping
pulls packets at a rate and pushes them on
=d
Pulls up to RATE packets a second and pushes them out. The rate is kept by a token bucket, which is full at the
beginning. It holds the tokens of 20 milliseconds, and at least one, unless a keyword says otherwise.

=use packet-rate
=use task-handlers
=e
  InfiniteSource(LIMIT 100) -> Queue -> RatedUnqueue(50) -> c :: Counter -> Discard;
  DriverManager(wait 1s, print c.count);
=a BandwidthRatedUnqueue, Unqueue, Shaper, RatedSplitter
*/
/*
=c
BandwidthRatedUnqueue(RATE [, I<keywords> BURST_DURATION, BURST_BYTES, EXTRA_LENGTH, LINK_RATE])
=s shaping
pulls packets at a bandwidth and pushes them on
=d
Like RatedUnqueue, but RATE is a bandwidth such as C<384kbps>, and packets count by their bytes.

=use bandwidth-rate
=use task-handlers
=e
  InfiniteSource(LIMIT 100) -> Queue -> BandwidthRatedUnqueue(20kbps) -> c :: Counter -> Discard;
  DriverManager(wait 1s, print c.byte_count);
=a RatedUnqueue, BandwidthShaper, BandwidthRatedSplitter
*/
#include <click/notifier.hh>
#include <click/task.hh>

#include "elements/standard/ratelimit.hh"

namespace click {

namespace {

template <typename Units>
class RatedPull : public RateLimited<Units, Element> {
    using Limited = RateLimited<Units, Element>;

public:
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return Element::kPullToPush; }
    int initialize(ErrorHandler& errh) override {
        _task.initialize(this, true);
        _timer.initialize(this);
        _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
        return Limited::initialize(errh);
    }
    void add_handlers() override {
        Limited::add_handlers();
        this->add_task_handlers(_task);
    }
    void run_timer() override { _task.reschedule(); }
    bool run_task() override {
        uint64_t most = _task.turn_budget(1);
        bool more = true;
        uint64_t moved = 0;
        while (more && moved < most) {
            PacketBatch batch;
            more = this->pull_affordable(batch, most - moved);
            if (batch.empty()) {
                break;
            }
            moved += batch.size();
            this->output(0).push(batch);
        }
        _task.turn_moved(moved);
        if (!more && !_packets.active()) {
            return moved > 0;
        }
        if (!more || moved == most || this->tokens() > 0) {
            _task.reschedule();
        } else if (this->rate() > 0) {
            _timer.schedule_at(this->next_token());
        }
        return moved > 0;
    }

protected:
    void rate_changed() override { _task.reschedule(); }

private:
    NotifierSignal _packets;
    Task _task{this};
    Timer _timer{this};
};

class RatedUnqueue final : public RatedPull<PacketRate> {
public:
    const char* class_name() const override { return "RatedUnqueue"; }
};

class BandwidthRatedUnqueue final : public RatedPull<ByteRate> {
public:
    const char* class_name() const override { return "BandwidthRatedUnqueue"; }
};

}  // namespace

CLICK_ELEMENT(RatedUnqueue)
CLICK_ELEMENT(BandwidthRatedUnqueue)

}  // namespace click
