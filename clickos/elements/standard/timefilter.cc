// SPDX-License-Identifier: Apache-2.0
/*
=c
TimeFilter(I<keywords> START, START_AFTER, START_DELAY, END, END_AFTER, END_DELAY, INTERVAL, STOP, END_CALL)
=s timestamps
passes packets of a range of time
=d
Packets whose timestamps lie within a range leave by output 0; others by output 1 if it is connected, else they are
dropped. Each end of the range may be given in one way, or not at all.

Keyword arguments are:
=over 8
=item START
Time in seconds since the epoch. Timestamps are at least that.
=item START_AFTER
Time. The range begins that long after the first timestamp that is seen.
=item START_DELAY
Time. The range begins that long after the router was initialized.
=item END
Time in seconds since the epoch. Timestamps are at most that.
=item END_AFTER
Time. The range ends that long after the first timestamp that is seen.
=item END_DELAY
Time. The range ends that long after the router was initialized.
=item INTERVAL
Time. The range ends that long after its start.
=item STOP
Boolean. Whether the router stops with the first packet behind the range. Default is false.
=item END_CALL
A write handler and its value, called with the first packet behind the range. It excludes STOP.
=back
=h start read/write
The start of the range.
=h end read/write
The end of the range.
=h interval read/write
From the start to the end; a new one moves the end.
=h extend_interval write
Moves the end by that much time, and the call for it can happen again.
=e
  FromDump(trace.pcap, STOP true) -> TimeFilter(START_AFTER 10s, INTERVAL 1s) -> Print(TIMESTAMP true) -> Discard;
=a TimeRange, SetTimestamp
*/
/*
=c
TimeRange
=s timestamps
notes the range of packets' timestamps
=d
Passes packets unchanged and notes the earliest and the latest of their timestamps.
=h first read
The earliest timestamp.
=h last read
The latest timestamp.
=h range read
Both.
=h interval read
The time between both.
=h reset write
Forgets all timestamps.
=e
  FromDump(trace.pcap, STOP true) -> r :: TimeRange -> Discard;
  DriverManager(wait_stop, print r.range);
=a TimeFilter, SetTimestamp
*/
#include <click/clock.hh>
#include <click/handlercall.hh>

#include <algorithm>
#include <limits>

#include "elements/standard/packetfilter.hh"
#include "lang/confparse.hh"
#include "lib/elapsed.hh"

namespace click {

namespace {

constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

int64_t later(int64_t moment, int64_t by) {
    int64_t result;
    return __builtin_add_overflow(moment, by, &result) ? kForever : result;
}

class TimeFilter final : public PacketFilter<TimeFilter> {
public:
    const char* class_name() const override { return "TimeFilter"; }
    bool shows_order() const override { return !_end_call.empty(); }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;

    bool passes(const Packet& packet) {
        int64_t time = packet.timestamp();
        if (!_begun) [[unlikely]] {
            _begun = true;
            _start.fix(_start.kind == End::AfterFirst, time);
            fix_end(time);
        }
        if (time > _end.moment && !_ended) [[unlikely]] {
            _ended = true;
            LogErrorHandler errh;
            _end_call.write(errh);
        }
        return time >= _start.moment && time <= _end.moment;
    }

private:
    /// One end of the range: how it was given, and when it is.
    struct End {
        enum Kind : uint8_t { Open, Absolute, AfterFirst, Delayed, AfterStart };
        Kind kind = Open;
        int64_t given = 0;
        int64_t moment = 0;
        void fix(bool now, int64_t base) { moment = now ? later(base, given) : moment; }
    };

    bool choose(End& end, std::initializer_list<std::pair<bool, End>> given, const char* what, ErrorHandler& errh);
    void fix_end(int64_t first) {
        _end.fix(_end.kind == End::AfterFirst, first);
        _end.fix(_end.kind == End::AfterStart, _start.moment);
    }
    std::string read_time(int which) const;
    int write_time(std::string_view value, int which, ErrorHandler& errh);

    enum { kStart, kEnd, kInterval, kExtend };

    End _start;
    End _end;
    HandlerCall _end_call;
    bool _begun = false;
    bool _ended = false;
};

bool TimeFilter::choose(End& end, std::initializer_list<std::pair<bool, End>> given, const char* what,
                        ErrorHandler& errh) {
    for (auto& [is_given, one] : given) {
        if (!is_given) {
            continue;
        }
        if (end.kind != End::Open) {
            errh.error("conflicting %s arguments", what);
            return false;
        }
        end = one;
        end.moment = one.given;
    }
    return true;
}

int TimeFilter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Moment start, end;
    Duration start_after, start_delay, end_after, end_delay, interval;
    bool has_start, has_start_after, has_start_delay, has_end, has_end_after, has_end_delay, has_interval;
    bool stop = false;
    HandlerCall call;
    if (Args(conf, this, errh)
            .keyword("START", start)
            .given(has_start)
            .keyword("START_AFTER", start_after)
            .given(has_start_after)
            .keyword("START_DELAY", start_delay)
            .given(has_start_delay)
            .keyword("END", end)
            .given(has_end)
            .keyword("END_AFTER", end_after)
            .given(has_end_after)
            .keyword("END_DELAY", end_delay)
            .given(has_end_delay)
            .keyword("INTERVAL", interval)
            .given(has_interval)
            .keyword("STOP", stop)
            .keyword("END_CALL", call)
            .complete() < 0) {
        return -1;
    }
    End first{End::Open, 0, std::numeric_limits<int64_t>::min()};
    End last{End::Open, 0, kForever};
    if (!choose(first,
                {{has_start, {End::Absolute, start.nanoseconds}},
                 {has_start_after, {End::AfterFirst, start_after.nanoseconds}},
                 {has_start_delay, {End::Delayed, start_delay.nanoseconds}}},
                "START", errh) ||
        !choose(last,
                {{has_end, {End::Absolute, end.nanoseconds}},
                 {has_end_after, {End::AfterFirst, end_after.nanoseconds}},
                 {has_end_delay, {End::Delayed, end_delay.nanoseconds}},
                 {has_interval, {End::AfterStart, interval.nanoseconds}}},
                "END", errh) ||
        end_call(stop, call, errh) < 0) {
        return -1;
    }
    if (last.kind == End::AfterStart && first.kind == End::Open) {
        last.kind = End::AfterFirst;
    }
    _start = first;
    _end = last;
    _end_call = std::move(call);
    return 0;
}

int TimeFilter::initialize(ErrorHandler& errh) {
    _start.fix(_start.kind == End::Delayed, clock::now());
    _end.fix(_end.kind == End::Delayed, clock::now());
    return _end_call.empty() ? 0 : _end_call.initialize_write(*this, errh);
}

std::string TimeFilter::read_time(int which) const {
    switch (which) {
        case kStart:
            return clock::unparse(std::max<int64_t>(_start.moment, 0));
        case kEnd:
            return clock::unparse(_end.moment);
        default:
            return clock::unparse(_end.moment - std::max<int64_t>(_start.moment, 0));
    }
}

int TimeFilter::write_time(std::string_view value, int which, ErrorHandler& errh) {
    bool absolute = which == kStart || which == kEnd;
    Moment moment;
    Duration duration;
    ArgContext context(this, errh, which == kStart ? "start" : which == kEnd ? "end" : "interval");
    int errors = errh.error_count();
    if (absolute ? !parse_arg(value, moment, context) : !parse_arg(value, duration, context)) {
        return errh.error_count() == errors ? errh.error("expected time") : -1;
    }
    End& end = which == kStart ? _start : _end;
    int64_t base = which == kExtend ? _end.moment : std::max<int64_t>(_start.moment, 0);
    end.kind = End::Absolute;
    end.moment = absolute ? moment.nanoseconds : later(base, duration.nanoseconds);
    _ended = _ended && which == kStart;
    return 0;
}

void TimeFilter::add_handlers() {
    add_read_handler<&TimeFilter::read_time>("start", kStart);
    add_write_handler<&TimeFilter::write_time>("start", kStart);
    add_read_handler<&TimeFilter::read_time>("end", kEnd);
    add_write_handler<&TimeFilter::write_time>("end", kEnd);
    add_read_handler<&TimeFilter::read_time>("interval", kInterval);
    add_write_handler<&TimeFilter::write_time>("interval", kInterval);
    add_write_handler<&TimeFilter::write_time>("extend_interval", kExtend);
}

class TimeRange final : public Element {
public:
    const char* class_name() const override { return "TimeRange"; }
    const char* port_count() const override { return "1/1"; }
    void add_handlers() override {
        add_read_handler<&TimeRange::read_time>("first", kFirst);
        add_read_handler<&TimeRange::read_time>("last", kLast);
        add_read_handler<&TimeRange::read_time>("range", kRange);
        add_read_handler<&TimeRange::read_time>("interval", kInterval);
        add_write_handler<&TimeRange::reset>("reset", 0, Handler::kButton);
    }

    void transform(PacketBatch& batch) override {
        for (const Packet* packet : batch) {
            int64_t time = packet->timestamp();
            _first = !_seen ? time : std::min(_first, time);
            _last = !_seen ? time : std::max(_last, time);
            _seen = true;
        }
    }

private:
    enum { kFirst, kLast, kRange, kInterval };

    std::string read_time(int which) const {
        switch (which) {
            case kFirst:
                return clock::unparse(_first);
            case kLast:
                return clock::unparse(_last);
            case kRange:
                return clock::unparse(_first) + " " + clock::unparse(_last);
            default:
                return clock::unparse(elapsed(_first, _last));
        }
    }
    void reset() {
        _first = _last = 0;
        _seen = false;
    }

    int64_t _first = 0;
    int64_t _last = 0;
    bool _seen = false;
};

}  // namespace

CLICK_ELEMENT(TimeFilter)
CLICK_ELEMENT(TimeRange)

}  // namespace click
