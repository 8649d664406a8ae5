// SPDX-License-Identifier: Apache-2.0
/*
=c
SetCycleCount()
=s counters
marks the moment at which packets pass
=d
Stores the time at which each packet passes in its last annotation bytes, for a CycleCountAccum. Time is counted in cycles of
a nanosecond, the same on every processor.
=e
  InfiniteSource(LIMIT 10, STOP true) -> SetCycleCount -> Strip(14) -> c :: CycleCountAccum -> Discard;
=a CycleCountAccum, RoundTripCycleCount, TimestampAccum
*/
/*
=c
CycleCountAccum()
=s counters
adds up how long packets took from a SetCycleCount
=d
For each packet, adds the cycles that have passed since a SetCycleCount saw it to a sum. Packets that none has seen are
counted apart.
=h count read
Packets that a SetCycleCount had seen.
=h cycles read
The sum.
=h zero_count read
Packets that none had seen.
=h reset_counts write
Sets all counts and the sum to 0.
=e
  InfiniteSource(LIMIT 10, STOP true) -> SetCycleCount -> Strip(14) -> c :: CycleCountAccum -> Discard;
=a SetCycleCount, RoundTripCycleCount, TimestampAccum
*/
/*
=c
RoundTripCycleCount()
=s counters
measures what the elements behind it take
=d
Adds up the cycles that pushing packets on takes, or pulling them: all that the elements on the other side do in the call.
=h count read
Packets that passed.
=h cycles read
The sum.
=h reset_counts write
Sets count and sum to 0.
=e
  InfiniteSource(LIMIT 10, STOP true) -> r :: RoundTripCycleCount -> Strip(14) -> Discard;
=a CycleCountAccum
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/tally.hh>

#include <algorithm>
#include <cstring>

namespace click {

namespace {

constexpr size_t kCycles = 40;  ///< 8 bytes of the annotation area

class SetCycleCount final : public Element {
public:
    const char* class_name() const override { return "SetCycleCount"; }
    const char* port_count() const override { return "1/1"; }

    void transform(PacketBatch& batch) override {
        int64_t now = clock::steady();
        for (Packet* packet : batch) {
            std::memcpy(packet->anno() + kCycles, &now, sizeof now);
        }
    }
};

/// What both counters show.
class CycleCounter : public Element {
public:
    const char* port_count() const override { return "1/1"; }
    void take_state(Element& old, ErrorHandler&) override {
        auto& other = static_cast<CycleCounter&>(old);
        _count = other._count;
        _cycles = other._cycles;
        _zero_count = other._zero_count;
    }
    void add_handlers() override {
        add_data_handler("count", _count);
        add_data_handler("cycles", _cycles);
        add_write_handler<&CycleCounter::reset>("reset_counts", 0, Handler::kButton);
    }

protected:
    void count(uint64_t packets, int64_t cycles) {
        _count += packets;
        _cycles += static_cast<uint64_t>(std::max<int64_t>(cycles, 0));
    }
    Tally _zero_count;

private:
    void reset() {
        _count.reset();
        _cycles.reset();
        _zero_count.reset();
    }

    Tally _count;
    Tally _cycles;
};

class CycleCountAccum final : public CycleCounter {
public:
    const char* class_name() const override { return "CycleCountAccum"; }
    void add_handlers() override {
        CycleCounter::add_handlers();
        add_data_handler("zero_count", _zero_count);
    }

    void transform(PacketBatch& batch) override {
        int64_t now = clock::steady();
        for (const Packet* packet : batch) {
            int64_t then = 0;
            std::memcpy(&then, packet->anno() + kCycles, sizeof then);
            if (then == 0) {
                ++_zero_count;
            } else {
                count(1, then > now ? 0 : now - std::max<int64_t>(then, 0));
            }
        }
    }
};

class RoundTripCycleCount final : public CycleCounter {
public:
    const char* class_name() const override { return "RoundTripCycleCount"; }

    void push(int, PacketBatch& batch) override {
        uint64_t packets = batch.size();
        int64_t before = clock::steady();
        output(0).push(batch);
        count(packets, clock::steady() - before);
    }
    void pull(int, PacketBatch& batch, unsigned most) override {
        unsigned had = batch.size();
        int64_t before = clock::steady();
        input(0).pull(batch, most);
        count(batch.size() - had, clock::steady() - before);
    }
};

}  // namespace

CLICK_ELEMENT(SetCycleCount)
CLICK_ELEMENT(CycleCountAccum)
CLICK_ELEMENT(RoundTripCycleCount)

}  // namespace click
