// SPDX-License-Identifier: Apache-2.0
/*
=c
AdjustTimestamp(DELTA)
=s timestamps
moves timestamps
=d
Adds DELTA, a number of seconds that may be negative, to each packet's timestamp annotation. A timestamp does not become
earlier than 0.
=h delta read/write
The DELTA argument.
=e
  FromDump(trace.pcap, STOP true) -> AdjustTimestamp(-3600) -> ToDump(earlier.pcap);
=a SetTimestamp, SetTimestampDelta, TimeFilter
*/
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>
#include <limits>

#include "lang/confparse.hh"

namespace click {

namespace {

/// A difference of times, of either sign.
struct TimeDelta {
    int64_t nanoseconds = 0;
};

bool parse_arg(std::string_view text, TimeDelta& value, ArgContext& context) {
    std::string_view digits = trim(text);
    bool negative = digits.starts_with('-');
    Duration size;
    if (!click::parse_arg(digits.substr(negative || digits.starts_with('+') ? 1 : 0), size, context)) {
        return false;
    }
    value.nanoseconds = negative ? -size.nanoseconds : size.nanoseconds;
    return true;
}

std::string show_value(const TimeDelta& value) {
    return (value.nanoseconds < 0 ? "-" : "") + clock::unparse(std::abs(value.nanoseconds));
}

class AdjustTimestamp final : public Element {
public:
    const char* class_name() const override { return "AdjustTimestamp"; }
    const char* port_count() const override { return "1/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("DELTA", _delta).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("delta", _delta); }

    void transform(PacketBatch& batch) override {
        for (Packet* packet : batch) {
            int64_t time = 0;
            if (__builtin_add_overflow(packet->timestamp(), _delta.nanoseconds, &time)) {
                time = _delta.nanoseconds < 0 ? 0 : std::numeric_limits<int64_t>::max();
            }
            packet->set_timestamp(std::max<int64_t>(time, 0));
        }
    }

private:
    TimeDelta _delta;
};

}  // namespace

CLICK_ELEMENT(AdjustTimestamp)

}  // namespace click
