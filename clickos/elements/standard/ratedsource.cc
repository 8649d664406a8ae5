// SPDX-License-Identifier: Apache-2.0
/*
=c
RatedSource([DATA, RATE, LIMIT, ACTIVE, I<keywords>])
=s basicsources
makes packets at a given rate
=d
Pushes packets that hold DATA, RATE of them a second (10 by default), until LIMIT packets are out; a negative LIMIT (the
default) means no end. On a pull output, gives a packet to a pull when the rate allows one.

Keyword arguments are:
=over 8
=use source-data
=item RATE
Integer. Packets a second. Default is 10.
=item BANDWIDTH
Bandwidth. Sets RATE so that the packets' bytes amount to this.
=item LIMIT
Integer. How many packets are made; negative for no limit. Default is -1.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=use source-keywords
=back
=use source-count
=h data read/write
The DATA argument.
=h rate read/write
The RATE argument.
=h limit read/write
The LIMIT argument.
=h active read/write
The ACTIVE argument.
=use source-lengths
=use task-handlers
=e
  RatedSource(RATE 100, LIMIT 5, STOP true) -> Print -> Discard;
=a InfiniteSource, TimedSource
*/
#include <click/clock.hh>
#include <click/task.hh>

#include <algorithm>

#include "elements/standard/source.hh"
#include "lib/tokenbucket.hh"

namespace click {

namespace {

class RatedSource final : public SourceElement {
public:
    const char* class_name() const override { return "RatedSource"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;
    void pull(int port, PacketBatch& batch, unsigned most) override;
    bool run_task() override;
    void run_timer() override { _task.reschedule(); }

protected:
    void start() override;

private:
    static constexpr uint64_t kMostRate = 0x7fffffff;

    void set_rate(uint64_t rate);
    int write_rate(std::string_view value, ErrorHandler& errh);
    void reset();

    uint64_t _rate = 10;
    TokenBucket _bucket;
    Task _task{this};
    Timer _timer{this};
};

int RatedSource::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Settings next;
    uint64_t rate = 10;
    Bandwidth bandwidth;
    bool has_bandwidth = false;
    Args args(conf, this, errh);
    args.optional("DATA", next.data.text_argument())
        .optional("RATE", bounded(rate, 0, kMostRate))
        .optional("LIMIT", next.limit)
        .optional("ACTIVE", next.active)
        .keyword("BANDWIDTH", bandwidth)
        .given(has_bandwidth);
    if (complete(args, next, errh) < 0) {
        return -1;
    }
    if (has_bandwidth) {
        rate = std::min(bandwidth.bytes_per_second / std::max<size_t>(next.data.length(), 1), kMostRate);
    }
    adopt(std::move(next));
    set_rate(rate);
    return 0;
}

int RatedSource::initialize(ErrorHandler& errh) {
    if (output_is_push(0)) {
        _task.initialize(this, true);
        _timer.initialize(this);
    }
    _bucket.set_tokens(1, clock::steady());
    return SourceElement::initialize(errh);
}

void RatedSource::set_rate(uint64_t rate) {
    if (initialized()) {
        _bucket.refill(clock::steady());  // at the old rate until now
    }
    // A late turn makes up for at most a hundredth of a second.
    _rate = rate;
    _bucket.configure(rate, rate < 200 ? 2 : rate / 100);
}

bool RatedSource::run_task() {
    if (!active()) {
        return false;
    }
    if (exhausted()) {
        end();
        return false;
    }
    int64_t now = clock::steady();
    _bucket.refill(now);
    uint64_t most = std::min<uint64_t>(_task.turn_budget(1, left()), PacketBatch::kCapacity);
    PacketBatch batch;
    while (batch.size() < most && _bucket.remove(1)) {
        PacketPtr packet = make(clock::now());
        if (!packet) {
            break;
        }
        batch.append(std::move(packet));
    }
    _task.turn_moved(batch.size());
    if (!batch.empty()) {
        output(0).push(batch);
        _task.reschedule();
        return true;
    }
    if (_rate > 0) {
        _timer.schedule_at(_bucket.time_of(1, now));
    }
    return false;
}

void RatedSource::pull(int, PacketBatch& batch, unsigned most) {
    if (!active() || most == 0) {
        return;
    }
    if (exhausted()) {
        end();
        return;
    }
    _bucket.refill(clock::steady());
    while (most-- > 0 && !exhausted() && _bucket.remove(1)) {
        batch.append(make(clock::now()));
    }
}

void RatedSource::start() {
    if (active() && output_is_push(0)) {
        _timer.unschedule();
        _task.reschedule();
    }
}

int RatedSource::write_rate(std::string_view value, ErrorHandler& errh) {
    uint64_t rate = 0;
    ArgContext context(this, errh, "rate");
    if (!parse_within(value, rate, uint64_t{0}, kMostRate, context)) {
        return -1;
    }
    set_rate(rate);
    start();
    return 0;
}

void RatedSource::reset() {
    _bucket.set_tokens(1, clock::steady());
    reset_count();
}

void RatedSource::add_handlers() {
    add_source_handlers();
    add_task_handlers(_task);
    add_write_handler<&RatedSource::reset>("reset", 0, Handler::kButton);
    add_data_handler("rate", _rate);
    add_write_handler<&RatedSource::write_rate>("rate");
}

}  // namespace

CLICK_ELEMENT(RatedSource)

}  // namespace click
