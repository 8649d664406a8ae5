// SPDX-License-Identifier: Apache-2.0
/*
=c
AggregatePaint([BITS, I<keywords>])
=s aggregates
sets the aggregate annotation to the paint
=d
Sets each packet's aggregate annotation to the BITS lowest bits of its paint annotation, 8 by default.

Keyword arguments are:
=over 8
=item INCREMENTAL
Boolean. Whether the annotation that there was is kept, moved up by BITS. Default is false.
=back
=e
  InfiniteSource(LIMIT 2, STOP true) -> Paint(5) -> AggregatePaint(2) -> Print(PRINTANNO true) -> Discard;
=a AggregateIP, AggregateLength, Paint
*/
/*
=c
AggregateLength([I<keywords>])
=s aggregates
sets the aggregate annotation to the packet's length
=d
Sets each packet's aggregate annotation to its length, with the extra length annotation.

Keyword arguments are:
=over 8
=item IP
Boolean. Whether only the IP header and what follows count; packets whose IP header is not marked leave by output 1 if it is
connected, else they are dropped. Default is false.
=back
=e
  FromDump(trace.pcap, STOP true) -> AggregateLength -> AggregateCounter -> Discard;
=a AggregateIP, AggregatePaint, AggregateCounter
*/
#include <click/annotations.hh>

#include "elements/standard/packetfilter.hh"

namespace click {

namespace {

class AggregatePaint final : public Element {
public:
    const char* class_name() const override { return "AggregatePaint"; }
    const char* port_count() const override { return "1/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("BITS", bounded(_bits, 0, kPaintBits), kPaintBits)
            .keyword("INCREMENTAL", _incremental, false)
            .complete();
    }

    void transform(PacketBatch& batch) override {
        for (Packet* packet : batch) {
            uint32_t value = packet->anno_u8(anno::kPaint) & ((1U << _bits) - 1);
            value |= _incremental ? packet->anno_u32(anno::kAggregate) << _bits : 0;
            packet->set_anno_u32(anno::kAggregate, value);
        }
    }

private:
    static constexpr uint32_t kPaintBits = 8;

    uint32_t _bits = kPaintBits;
    bool _incremental = false;
};

class AggregateLength final : public PacketFilter<AggregateLength> {
public:
    const char* class_name() const override { return "AggregateLength"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).keyword("IP", _ip, false).complete();
    }

    bool passes(Packet& packet) const {
        if (_ip && !packet.has_network_header()) {
            return false;
        }
        uint32_t length = _ip ? packet.network_length() : packet.length();
        packet.set_anno_u32(anno::kAggregate, length + packet.anno_u32(anno::kExtraLength));
        return true;
    }

private:
    bool _ip = false;
};

}  // namespace

CLICK_ELEMENT(AggregatePaint)
CLICK_ELEMENT(AggregateLength)

}  // namespace click
