// SPDX-License-Identifier: Apache-2.0
/*
=c
TimestampDiff(RECORDER [, I<keywords> OFFSET, N, MAXDELAY, SAMPLE])
=s timestamps
measures how long packets were under way
=d
Takes the time that has passed since RecordTimestamp RECORDER saw the packet of the same number. Packets of which it has no
time leave by output 1 if it is connected and are dropped if not.

Keyword arguments are:
=over 8
=item RECORDER
The RecordTimestamp.
=item OFFSET
Integer. Where the number is in the packet. Default is where RECORDER finds it; its byte order is the same in any case.
=item N
Unsigned, up to 268435456. How many delays are kept; when there are more, each has the same chance to be among them. 0, the
default, means as many as RECORDER keeps times.
=item MAXDELAY
Unsigned, milliseconds. A packet that took as long or longer is reported. Default is 1000; 0 reports none.
=item SAMPLE
Unsigned, at least 1. Only packets whose number is a multiple of it are measured; others leave by output 0. Default is 1.
=back
=h count read
How many packets were measured.
=h average read
Their average delay, in microseconds as all of these.
=h min read
The shortest delay.
=h max read
The longest delay.
=h median read
The delay that half of them did not exceed.
=h perc read
With a number from 0 to 100: the delay that so many per cent of them did not exceed.
=h percI<N> read
The same, with the number in the name: C<perc01>, C<perc05>, C<perc25>, C<perc75>, C<perc95> or C<perc99>.
=h dump_list read
The delays that are kept, one a line.
=h reset write
Forgets all delays.
=e
  InfiniteSource(LENGTH 64, LIMIT 2) -> NumberPacket -> r :: RecordTimestamp(OFFSET 40) -> Queue -> Unqueue
    -> d :: TimestampDiff(r, N 1000) -> Discard;
=a NumberPacket, RecordTimestamp, TimestampAccum
*/
#include <click/clock.hh>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "elements/analysis/recordtimestamp.hh"
#include "elements/standard/packetfilter.hh"
#include "lang/confparse.hh"
#include "lib/elapsed.hh"
#include "lib/format.hh"
#include "lib/random.hh"

namespace click {

namespace {

class TimestampDiff final : public PacketFilter<TimestampDiff> {
public:
    const char* class_name() const override { return "TimestampDiff"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;
    bool passes(const Packet& packet);

private:
    enum { kAverage, kLeast, kLongest };

    void measure(int64_t delay);
    std::string figure(int which);
    /// The delay that so many per cent of those that are kept did not exceed.
    int64_t share(double percent) const;
    std::string fixed_share(int percent) { return microseconds(static_cast<double>(share(percent))); }
    std::string asked_share(std::string_view text, ErrorHandler& errh);
    std::string list();
    static std::string microseconds(double nanoseconds) { return format("%.3f", nanoseconds / 1000); }
    void reset() {
        _count.reset();
        _kept = 0;
        _sum = 0;
        _least = _longest = 0;
    }

    RecordTimestamp* _recorder = nullptr;
    NumberField _field;
    uint32_t _most = 0;
    uint32_t _sample = 1;
    uint32_t _max_delay = 0;  ///< milliseconds; 0: any
    Tally _count;
    double _sum = 0;  ///< of delays, nanoseconds
    int64_t _least = 0;
    int64_t _longest = 0;
    Table<int64_t> _delays;
    uint64_t _kept = 0;
};

int TimestampDiff::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kUsualDelay = 1000;
    Element* recorder = nullptr;
    if (Args(conf, this, errh)
            .mandatory("RECORDER", recorder)
            .keyword("OFFSET", bounded(_field.offset, -kMostNumberOffset, kMostNumberOffset), -1)
            .keyword("N", bounded(_most, 0, kMostTimes), 0)
            .keyword("MAXDELAY", _max_delay, kUsualDelay)
            .keyword("SAMPLE", bounded(_sample, 1, kMostTimes), 1)
            .complete() < 0) {
        return -1;
    }
    _recorder = recorder->as<RecordTimestamp>();
    return _recorder ? 0 : errh.error("RECORDER: '%s' is not a RecordTimestamp", recorder->name().c_str());
}

int TimestampDiff::initialize(ErrorHandler& errh) {
    _field.network_order = _recorder->field().network_order;
    if (_field.offset < 0) {
        _field.offset = _recorder->field().offset;
    }
    if (_field.offset < 0) {
        return errh.error("OFFSET: needed, since '%s' has none", _recorder->name().c_str());
    }
    return _delays.allocate(_most != 0 ? _most : _recorder->most(), "delays", errh);
}

bool TimestampDiff::passes(const Packet& packet) {
    if (!_field.within(packet)) {
        return false;
    }
    uint64_t number = _field.read(packet);
    if (number % _sample != 0) {
        return true;
    }
    int64_t then = _recorder->time_of(number);
    if (then != 0) {
        measure(elapsed(then, clock::now()));
    }
    return then != 0;
}

void TimestampDiff::measure(int64_t delay) {
    constexpr double kMillisecond = 1e6;
    auto nanoseconds = static_cast<double>(delay);
    if (_max_delay != 0 && nanoseconds >= _max_delay * kMillisecond) {
        platform::log(format("%s: packet took %s us\n", declaration().c_str(), microseconds(nanoseconds).c_str()));
    }
    _least = _count.value() == 0 ? delay : std::min(_least, delay);
    _longest = _count.value() == 0 ? delay : std::max(_longest, delay);
    ++_count;
    _sum += nanoseconds;
    if (_kept < _delays.size()) {
        _delays[_kept++] = delay;
        return;
    }
    // Algorithm R (Vitter 1985): the n-th of them replaces one with probability kept/n.
    auto bound = static_cast<uint32_t>(std::min<uint64_t>(_count.value(), RandomNumbers::kMost));
    uint64_t place = random_numbers().below(bound);
    if (place < _kept) {
        _delays[place] = delay;
    }
}

std::string TimestampDiff::figure(int which) {
    auto count = static_cast<double>(std::max<uint64_t>(_count.value(), 1));
    switch (which) {
        case kLeast:
            return microseconds(static_cast<double>(_least));
        case kLongest:
            return microseconds(static_cast<double>(_longest));
        default:
            return microseconds(_sum / count);
    }
}

int64_t TimestampDiff::share(double percent) const {
    if (_kept == 0) {
        return 0;
    }
    std::vector<int64_t> sorted(_delays.begin(), _delays.begin() + _kept);
    auto rank = static_cast<uint64_t>(std::ceil(percent / 100 * static_cast<double>(_kept)));
    auto place = sorted.begin() + static_cast<ptrdiff_t>(std::clamp<uint64_t>(rank, 1, _kept) - 1);
    std::nth_element(sorted.begin(), place, sorted.end());
    return *place;
}

std::string TimestampDiff::asked_share(std::string_view text, ErrorHandler& errh) {
    double percent;
    if (!parse_real(trim(text), percent) || percent < 0 || percent > 100) {
        errh.error("expected a number from 0 to 100, got '%s'", std::string(text).c_str());
        return {};
    }
    return microseconds(static_cast<double>(share(percent)));
}

std::string TimestampDiff::list() {
    std::string text;
    for (uint64_t i = 0; i < _kept; ++i) {
        text += microseconds(static_cast<double>(_delays[i])) + '\n';
    }
    return text;
}

void TimestampDiff::add_handlers() {
    add_data_handler("count", _count);
    add_read_handler<&TimestampDiff::figure>("average", kAverage);
    add_read_handler<&TimestampDiff::figure>("min", kLeast);
    add_read_handler<&TimestampDiff::figure>("max", kLongest);
    add_read_handler<&TimestampDiff::fixed_share>("median", 50);
    add_read_handler<&TimestampDiff::asked_share>("perc");
    for (int percent : {1, 5, 25, 75, 95, 99}) {
        add_read_handler<&TimestampDiff::fixed_share>(format("perc%02d", percent), percent);
    }
    add_read_handler<&TimestampDiff::list>("dump_list");
    add_write_handler<&TimestampDiff::reset>("reset", 0, Handler::kButton);
}

}  // namespace

CLICK_ELEMENT(TimestampDiff)

}  // namespace click
