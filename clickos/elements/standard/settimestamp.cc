// SPDX-License-Identifier: Apache-2.0
/*
=c
SetTimestamp([TIMESTAMP, I<keywords> FIRST])
=s timestamps
stamps packets with the time
=d
Sets each packet's timestamp annotation to TIMESTAMP, or to the time at which it comes here.

Keyword arguments are:
=over 8
=item FIRST
Boolean. Whether the first timestamp annotation is set in place of the timestamp. Default is false.
=back
=e
  InfiniteSource(LIMIT 1, STOP true) -> SetTimestamp(100.5) -> Print(TIMESTAMP true) -> Discard;
=a SetTimestampDelta, DelayUnqueue, TimeFilter
*/
/*
=c
SetTimestampDelta([I<keywords> TYPE])
=s timestamps
replaces timestamps by differences
=d
Replaces each timestamp that is not zero by a difference.

Keyword arguments are:
=over 8
=item TYPE
C<RANGE>: to the earliest of the timestamps that passed, which is the default; C<NOW>: from the timestamp to now; C<FIRST>:
from the first timestamp annotation to the timestamp.
=back
=h first read
The first timestamp that passed, for type RANGE.
=h reset write
Forgets that: the next timestamp is the first.
=e
  RatedSource(RATE 100, LIMIT 3) -> SetTimestampDelta -> Print(TIMESTAMP true) -> Discard;
=a SetTimestamp, TimeFilter
*/
#include <click/clock.hh>
#include <click/element.hh>

#include <cstring>

#include "lang/confparse.hh"
#include "lib/elapsed.hh"

namespace click {

namespace {

constexpr size_t kFirstTimestamp = 32;  ///< 8 bytes of the annotation area

class SetTimestamp final : public Element {
public:
    const char* class_name() const override { return "SetTimestamp"; }
    const char* port_count() const override { return "1/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("TIMESTAMP", _time)
            .given(_given)
            .keyword("FIRST", _first, false)
            .complete();
    }

    void transform(PacketBatch& batch) override {
        int64_t time = _given ? _time.nanoseconds : clock::now();
        for (Packet* packet : batch) {
            if (_first) {
                std::memcpy(packet->anno() + kFirstTimestamp, &time, sizeof time);
            } else {
                packet->set_timestamp(time);
            }
        }
    }

private:
    Moment _time;
    bool _given = false;
    bool _first = false;
};

enum class DeltaType : uint8_t { Range, Now, First };

bool parse_arg(std::string_view text, DeltaType& value, ArgContext& context) {
    std::string word = unquote(text);
    if (word == "RANGE") {
        value = DeltaType::Range;
    } else if (word == "NOW") {
        value = DeltaType::Now;
    } else if (word == "FIRST") {
        value = DeltaType::First;
    } else {
        return context.error("unknown type '%s'", word.c_str());
    }
    return true;
}

class SetTimestampDelta final : public PacketAction<SetTimestampDelta> {
public:
    const char* class_name() const override { return "SetTimestampDelta"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).keyword("TYPE", _type, DeltaType::Range).complete();
    }
    void add_handlers() override {
        add_read_handler<&SetTimestampDelta::first>("first");
        add_write_handler<&SetTimestampDelta::reset>("reset", 0, Handler::kButton);
    }

    PacketPtr simple_action(PacketPtr packet) {
        int64_t time = packet->timestamp();
        if (time != 0) {
            packet->set_timestamp(delta(*packet, time));
        }
        return packet;
    }

private:
    int64_t delta(const Packet& packet, int64_t time) {
        int64_t from = time;
        switch (_type) {
            case DeltaType::Range:
                _first = _first == 0 ? time : _first;
                return elapsed(_first, time);
            case DeltaType::Now:
                return elapsed(time, clock::now());
            case DeltaType::First:
                std::memcpy(&from, packet.anno() + kFirstTimestamp, sizeof from);
                return elapsed(from, time);
        }
        return 0;
    }
    std::string first() const { return clock::unparse(_first); }
    void reset() { _first = 0; }

    DeltaType _type = DeltaType::Range;
    int64_t _first = 0;
};

}  // namespace

CLICK_ELEMENT(SetTimestamp)
CLICK_ELEMENT(SetTimestampDelta)

}  // namespace click
