// SPDX-License-Identifier: Apache-2.0
/*
=c
NumberPacket([OFFSET, I<keywords> NET_ORDER])
=s timestamps
writes an increasing number into packets
=d
Writes a number of 8 bytes into each packet, 0 into the first one. Packets that end before it would get none and are not
counted.

Keyword arguments are:
=over 8
=item OFFSET
Unsigned. Where in the packet the number is. Default is 40.
=item NET_ORDER
Boolean. Whether its first byte is the highest one; else it is the lowest one. Default is false.
=back
=h count read
How many packets got a number, which is the next one.
=h reset write
Begins with 0 again.
=e
  InfiniteSource(LENGTH 64, LIMIT 2) -> NumberPacket(OFFSET 8) -> Print(a, 16) -> Discard;
=a RecordTimestamp, TimestampDiff
*/
/*
=c
RecordTimestamp([I<keywords> N, OFFSET, COUNTER, NET_ORDER, DYNAMIC, SAMPLE])
=s timestamps
keeps the time at which each packet passed
=d
Keeps the time of each packet under the number that NumberPacket wrote into it, or, without an OFFSET and a COUNTER, under
the count of packets before it. TimestampDiff compares with it when the packet comes back.

Keyword arguments are:
=over 8
=item N
Unsigned, up to 268435456. How many times are kept; packets with a larger number pass without. Default is 65536.
=item OFFSET
Integer. Where the number is in the packet; negative (the default) for packets that have none.
=item COUNTER
A NumberPacket, whose OFFSET and NET_ORDER hold here too. Default is none.
=item NET_ORDER
Boolean. Whether the number's first byte is the highest one. Default is false.
=item DYNAMIC
Boolean. Whether there may be more than N times; room for them is made when they come, which takes a moment. Default is
false.
=item SAMPLE
Unsigned, at least 1. Only packets whose number is a multiple of it have their time kept. Default is 1.
=back
=h count read
How many packets had their time kept.
=h missed read
How many packets had no number, or one beyond N.
=h reset write
Forgets all times.
=e
  InfiniteSource(LENGTH 64, LIMIT 2) -> NumberPacket -> r :: RecordTimestamp(OFFSET 40) -> TimestampDiff(r) -> Discard;
=a NumberPacket, TimestampDiff
*/
#include "elements/analysis/recordtimestamp.hh"

#include <click/clock.hh>

#include <bit>

namespace click {

int RecordTimestamp::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kUsual = 65536;
    Element* counter = nullptr;
    if (Args(conf, this, errh)
            .keyword("N", bounded(_most, 1, kMostTimes), kUsual)
            .keyword("OFFSET", bounded(_field.offset, -kMostNumberOffset, kMostNumberOffset), -1)
            .keyword("COUNTER", counter)
            .keyword("NET_ORDER", _field.network_order, false)
            .keyword("DYNAMIC", _dynamic, false)
            .keyword("SAMPLE", bounded(_sample, 1, kMostTimes), 1)
            .complete() < 0) {
        return -1;
    }
    _counter = counter ? counter->as<NumberPacket>() : nullptr;
    if (counter && !_counter) {
        return errh.error("COUNTER: '%s' is not a NumberPacket", counter->name().c_str());
    }
    return 0;
}

int RecordTimestamp::initialize(ErrorHandler& errh) { return _times.allocate(_most, "times", errh); }

bool RecordTimestamp::keep(uint64_t number, int64_t now) {
    uint64_t slot = number / _sample;
    if (slot >= _times.size()) {
        Table<int64_t> larger;
        if (!_dynamic || slot >= kMostTimes || !larger.allocate(std::bit_ceil(slot + 1))) {
            return false;
        }
        std::copy(_times.begin(), _times.end(), larger.begin());
        _times = std::move(larger);
    }
    _times[slot] = now;
    return true;
}

void RecordTimestamp::push(int, PacketBatch& batch) {
    int64_t now = clock::now();
    const NumberField& where = field();
    for (const Packet* packet : batch) {
        bool numbered = where.offset < 0 || where.within(*packet);
        uint64_t number = where.offset < 0 ? _passed++ : (numbered ? where.read(*packet) : 0);
        if (!numbered || (number % _sample == 0 && !keep(number, now))) {
            ++_missed;
        } else if (number % _sample == 0) {
            ++_count;
        }
    }
    output(0).push(batch);
}

CLICK_ELEMENT(NumberPacket)
CLICK_ELEMENT(RecordTimestamp)

}  // namespace click
