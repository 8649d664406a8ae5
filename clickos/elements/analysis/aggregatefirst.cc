// SPDX-License-Identifier: Apache-2.0
/*
=c
AggregateFirst([I<keywords>])
=s aggregates
lets the first packet of each aggregate pass
=d
The first packet with each value of the aggregate annotation leaves by output 0, all others by output 1 if it is connected;
else they are dropped.

Keyword arguments are:
=over 8
=item NOTIFIER
Accepted for older configurations, changes nothing.
=item CAPACITY
Unsigned. How many values are remembered; packets with further ones count as not the first. Default is 65536.
=back
=h clear write
Forgets all values.
=e
  FromDump(trace.pcap, STOP true) -> AggregateIPFlows -> AggregateFirst -> IPPrint -> Discard;
=a AggregateIPFlows
*/
#include <click/annotations.hh>

#include "elements/standard/packetfilter.hh"
#include "lib/flow_table.hh"

namespace click {

namespace {

class AggregateFirst final : public PacketFilter<AggregateFirst> {
public:
    const char* class_name() const override { return "AggregateFirst"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        RawArg notifier;
        return Args(conf, this, errh)
                           .keyword("NOTIFIER", notifier)
                           .keyword("CAPACITY", bounded(_capacity, 1, kMost), kUsual)
                           .complete() < 0
                   ? -1
                   : _seen.allocate(_capacity, "aggregates", errh);
    }
    void add_handlers() override { add_write_handler<&AggregateFirst::clear>("clear", 0, Handler::kButton); }
    void take_state(Element& old, ErrorHandler&) override {
        auto& other = static_cast<AggregateFirst&>(old);
        other._seen.for_each([&](uint32_t handle) { _seen.insert(other._seen.key(handle)); });
    }

    bool passes(const Packet& packet) {
        uint32_t aggregate = packet.anno_u32(anno::kAggregate);
        return !_seen.find(aggregate) && _seen.insert(aggregate) != Seen::kNone;
    }

private:
    struct Nothing {};
    using Seen = FlowTable<uint32_t, Nothing>;
    static constexpr uint32_t kUsual = 65536;
    static constexpr uint32_t kMost = 1U << 28;

    void clear() { _seen.clear(); }

    uint32_t _capacity = kUsual;
    Seen _seen;
};

}  // namespace

CLICK_ELEMENT(AggregateFirst)

}  // namespace click
