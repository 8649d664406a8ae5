// SPDX-License-Identifier: Apache-2.0
/*
=c
TimestampAccum()
=s timestamps
adds up how long packets took
=d
For each packet, adds the time that has passed since its timestamp annotation to a sum.
=h count read
Packets that passed.
=h time read
The sum, in seconds.
=h average_time read
The sum divided by the count.
=h min read
The shortest of these times, in seconds.
=h max read
The longest of these times, in seconds.
=h reset_counts write
Begins anew.
=e
  RatedSource(LIMIT 5, STOP true) -> SetTimestamp -> Queue -> Unqueue -> t :: TimestampAccum -> Discard;
=a SetTimestamp, SetTimestampDelta
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/tally.hh>

#include <algorithm>
#include <cstdint>

#include "lib/elapsed.hh"

namespace click {

namespace {

class TimestampAccum final : public Element {
public:
    const char* class_name() const override { return "TimestampAccum"; }
    const char* port_count() const override { return "1/1"; }
    void take_state(Element& old, ErrorHandler&) override {
        auto& other = static_cast<TimestampAccum&>(old);
        _count = other._count;
        _time = other._time;
        _least = other._least;
        _longest = other._longest;
    }
    void add_handlers() override {
        add_data_handler("count", _count);
        add_read_handler<&TimestampAccum::time>("time");
        add_read_handler<&TimestampAccum::average_time>("average_time");
        add_read_handler<&TimestampAccum::extreme>("min", kLeast);
        add_read_handler<&TimestampAccum::extreme>("max", kLongest);
        add_write_handler<&TimestampAccum::reset>("reset_counts", 0, Handler::kButton);
    }

    void transform(PacketBatch& batch) override {
        int64_t now = clock::now();
        for (const Packet* packet : batch) {
            int64_t took = elapsed(packet->timestamp(), now);
            if (__builtin_add_overflow(_time, took, &_time)) {
                _time = INT64_MAX;
            }
            _least = std::min(_least, took);
            _longest = std::max(_longest, took);
        }
        _count += batch.size();
    }

private:
    enum { kLeast, kLongest };

    std::string extreme(int which) const {
        bool any = _count.value() != 0;
        return clock::unparse(any ? (which == kLeast ? _least : _longest) : 0);
    }
    std::string time() const { return clock::unparse(_time); }
    std::string average_time() const {
        uint64_t count = _count.value();
        return clock::unparse(count != 0 ? _time / static_cast<int64_t>(count) : 0);
    }
    void reset() {
        _count.reset();
        _time = 0;
        _least = INT64_MAX;
        _longest = INT64_MIN;
    }

    Tally _count;
    int64_t _time = 0;
    int64_t _least = INT64_MAX;
    int64_t _longest = INT64_MIN;
};

}  // namespace

CLICK_ELEMENT(TimestampAccum)

}  // namespace click
