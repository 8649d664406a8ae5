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
=h reset_counts write
Sets count and sum to 0.
=e
  RatedSource(LIMIT 5, STOP true) -> SetTimestamp -> Queue -> Unqueue -> t :: TimestampAccum -> Discard;
=a SetTimestamp, SetTimestampDelta
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/tally.hh>

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
    }
    void add_handlers() override {
        add_data_handler("count", _count);
        add_read_handler<&TimestampAccum::time>("time");
        add_read_handler<&TimestampAccum::average_time>("average_time");
        add_write_handler<&TimestampAccum::reset>("reset_counts", 0, Handler::kButton);
    }

    void transform(PacketBatch& batch) override {
        int64_t now = clock::now();
        for (const Packet* packet : batch) {
            if (__builtin_add_overflow(_time, elapsed(packet->timestamp(), now), &_time)) {
                _time = INT64_MAX;
            }
        }
        _count += batch.size();
    }

private:
    std::string time() const { return clock::unparse(_time); }
    std::string average_time() const {
        uint64_t count = _count.value();
        return clock::unparse(count != 0 ? _time / static_cast<int64_t>(count) : 0);
    }
    void reset() {
        _count.reset();
        _time = 0;
    }

    Tally _count;
    int64_t _time = 0;
};

}  // namespace

CLICK_ELEMENT(TimestampAccum)

}  // namespace click
