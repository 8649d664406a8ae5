// SPDX-License-Identifier: Apache-2.0
/*
=c
Counter([I<keywords> COUNT_CALL, BYTE_COUNT_CALL])
=s counters
counts packets and bytes and measures their rate
=d
Passes packets unchanged and counts them. A new configuration goes on with the counts and rates of the Counter of the same
name.

Keyword arguments are:
=over 8
=item COUNT_CALL
C<N HANDLER [VALUE]>. When the count of packets reaches N, the write handler is called, before the packet goes on.
=item BYTE_COUNT_CALL
C<N HANDLER [VALUE]>. The same for bytes: when their count reaches or passes N.
=back
=h count read
Packets since the last reset.
=h byte_count read
Bytes since the last reset.
=h rate read
Recent rate in packets a second, an exponentially weighted moving average.
=h bit_rate read
Recent rate in bits a second.
=h byte_rate read
Recent rate in bytes a second.
=h reset_counts write
Sets counts and rates to 0; calls can happen again.
=h reset write
The same as C<reset_counts>.
=h count_call write
A new COUNT_CALL argument. The handler may be left out: the old one stays.
=h byte_count_call write
A new BYTE_COUNT_CALL argument. The handler may be left out: the old one stays.
=e
  InfiniteSource(LIMIT 5, STOP true) -> c :: Counter -> Discard;
  DriverManager(wait_stop, print c.count);
=a AverageCounter
*/
#include <click/clock.hh>
#include <click/router.hh>

#include "elements/standard/countcall.hh"
#include "lib/ewma.hh"

namespace click {

namespace {

class Counter final : public Element {
public:
    const char* class_name() const override { return "Counter"; }
    bool shows_order() const override { return _calls; }
    const char* port_count() const override { return "1/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;

    void transform(PacketBatch& batch) override {
        uint64_t bytes = 0;
        for (const Packet* packet : batch) {
            bytes += packet->length();
        }
        if (_calls) [[unlikely]] {
            count_with_calls(batch);
        } else {
            _count += batch.size();
            _byte_count += bytes;
        }
        // Within one round of the scheduler hardly any time passes: the clock is read once a round.
        uint64_t round = home().rounds();
        if (round != _round) {
            _round = round;
            _now = clock::steady();
        }
        _rate.add(batch.size(), _now);
        _byte_rate.add(bytes, _now);
    }

private:
    enum { kCount, kByteCount };
    enum { kRate, kBitRate, kByteRate };

    void count_with_calls(const PacketBatch& batch);
    void call(CountCall& which);
    std::string count(int which) { return std::to_string(which == kCount ? _count : _byte_count); }
    std::string rate(int which);
    int set_call(std::string_view value, int which, ErrorHandler& errh);
    void reset();

    uint64_t _count = 0;
    uint64_t _byte_count = 0;
    bool _calls = false;  ///< whether a call may still have to be made
    uint64_t _round = ~uint64_t{0};
    int64_t _now = 0;
    RateAverage _rate;
    RateAverage _byte_rate;
    CountCall _count_call;
    CountCall _byte_count_call;
};

int Counter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    return Args(conf, this, errh)
        .keyword("COUNT_CALL", _count_call)
        .keyword("BYTE_COUNT_CALL", _byte_count_call)
        .complete();
}

int Counter::initialize(ErrorHandler& errh) {
    for (CountCall* one : {&_count_call, &_byte_count_call}) {
        if (!one->call.empty() && one->call.initialize_write(*this, errh) < 0) {
            return -1;
        }
    }
    _calls = !_count_call.done || !_byte_count_call.done;
    return 0;
}

void Counter::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<Counter&>(old);
    _count = other._count;
    _byte_count = other._byte_count;
    _rate = other._rate;
    _byte_rate = other._byte_rate;
    // What the counts have passed was called for then.
    _count_call.done |= _count >= _count_call.count;
    _byte_count_call.done |= _byte_count >= _byte_count_call.count;
    _calls = !_count_call.done || !_byte_count_call.done;
}

void Counter::count_with_calls(const PacketBatch& batch) {
    for (const Packet* packet : batch) {
        ++_count;
        _byte_count += packet->length();
        if (!_count_call.done && _count == _count_call.count) {
            call(_count_call);
        }
        if (!_byte_count_call.done && _byte_count >= _byte_count_call.count) {
            call(_byte_count_call);
        }
    }
}

void Counter::call(CountCall& which) {
    which.done = true;
    _calls = !_count_call.done || !_byte_count_call.done;
    LogErrorHandler errh;
    which.call.write(errh);
}

std::string Counter::rate(int which) {
    int64_t now = clock::steady();
    return which == kRate ? _rate.unparse(now) : _byte_rate.unparse(now, which == kBitRate ? 8 : 1);
}

int Counter::set_call(std::string_view value, int which, ErrorHandler& errh) {
    CountCall& old = which == kCount ? _count_call : _byte_count_call;
    if (renew(old, value, which == kCount ? "count_call" : "byte_count_call", *this, errh) < 0) {
        return -1;
    }
    _calls = true;
    return 0;
}

void Counter::reset() {
    _count = _byte_count = 0;
    _rate.reset();
    _byte_rate.reset();
    for (CountCall* one : {&_count_call, &_byte_count_call}) {
        one->done = one->call.empty();
    }
    _calls = !_count_call.done || !_byte_count_call.done;
}

void Counter::add_handlers() {
    add_read_handler<&Counter::count>("count", kCount);
    add_read_handler<&Counter::count>("byte_count", kByteCount);
    add_read_handler<&Counter::rate>("rate", kRate);
    add_read_handler<&Counter::rate>("bit_rate", kBitRate);
    add_read_handler<&Counter::rate>("byte_rate", kByteRate);
    add_write_handler<&Counter::reset>("reset", 0, Handler::kButton);
    add_write_handler<&Counter::reset>("reset_counts", 0, Handler::kButton);
    add_write_handler<&Counter::set_call>("count_call", kCount);
    add_write_handler<&Counter::set_call>("byte_count_call", kByteCount);
}

}  // namespace

CLICK_ELEMENT(Counter)

}  // namespace click
