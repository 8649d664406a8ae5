// SPDX-License-Identifier: Apache-2.0
/*
=c
AggregateIPAddrPair([I<keywords>])
=s aggregates
numbers IP packets by their two addresses
=d
Sets the aggregate annotation of each packet to the number of its pair of IP addresses, whichever of the two is the source: 1 for
the pair that comes first, and so on. The paint annotation becomes 0 for packets that go the way of the pair's first packet, and 1
for those that go back.

Packets without a marked IP header leave by output 1 if it is connected, else they are dropped.

Keyword arguments are:
=over 8
=item TIMEOUT
Time. A pair of which no packet came for longer, by packets' timestamps, is over: its next packet begins a new one. Default is 0,
which means never.
=item REAP
Time. Accepted for older configurations, changes nothing: pairs that are over make room for new ones as those come.
=item CAPACITY
Unsigned. How many pairs are remembered; packets of further ones are treated as those without IP header. Default is 65536.
=back
=h clear write
Forgets all pairs; numbers go on.
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> AggregateIPAddrPair -> AggregateCounter -> Discard;
=a AggregateIPFlows, AggregateIP, AggregateCounter
*/
#include <click/annotations.hh>

#include "elements/analysis/insertover.hh"
#include "elements/standard/packetfilter.hh"
#include "lib/elapsed.hh"
#include "lib/flow_table.hh"
#include "net/ip.hh"

namespace click {

namespace {

class AggregateIPAddrPair final : public PacketFilter<AggregateIPAddrPair> {
public:
    const char* class_name() const override { return "AggregateIPAddrPair"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Duration reap;
        return Args(conf, this, errh)
                           .keyword("TIMEOUT", _timeout, {})
                           .keyword("REAP", reap)
                           .keyword("CAPACITY", bounded(_capacity, 1, kMost), kUsual)
                           .complete() < 0
                   ? -1
                   : _pairs.allocate(_capacity, "pairs", errh);
    }
    void add_handlers() override { add_write_handler<&AggregateIPAddrPair::clear>("clear", 0, Handler::kButton); }
    void take_state(Element& old, ErrorHandler&) override {
        auto& other = static_cast<AggregateIPAddrPair&>(old);
        _next = other._next;
        other._pairs.for_each([&](uint32_t handle) {
            uint32_t place = _pairs.insert(other._pairs.key(handle));
            if (place != Pairs::kNone) {
                _pairs[place] = other._pairs[handle];
            }
        });
    }

    bool passes(Packet& packet) {
        const IpHeader* ip = ip_header(packet);
        if (!ip) {
            return false;
        }
        bool swapped = ip->source > ip->destination;
        AddressPair addresses{swapped ? ip->destination : ip->source, swapped ? ip->source : ip->destination};
        uint32_t handle = _pairs.find(addresses).handle;
        const auto over = [&](const Numbered& pair) {
            return _timeout.nanoseconds > 0 && elapsed(pair.last, packet.timestamp()) > _timeout.nanoseconds;
        };
        const bool unknown = handle == Pairs::kNone;
        if (unknown) {
            handle = insert_over(_pairs, _hand, addresses, over);
            if (handle == Pairs::kNone) {
                return false;
            }
        }
        if (unknown || over(_pairs[handle])) {
            _pairs[handle] = {_next++, swapped};
        }
        _pairs[handle].last = packet.timestamp();
        packet.set_anno_u32(anno::kAggregate, _pairs[handle].number);
        packet.set_anno_u8(anno::kPaint, swapped != _pairs[handle].swapped ? 1 : 0);
        return true;
    }

private:
    struct AddressPair {
        uint32_t low;
        uint32_t high;
    };
    struct Numbered {
        uint32_t number = 0;
        bool swapped = false;  ///< the first packet's source was the higher address
        int64_t last = 0;
    };
    using Pairs = FlowTable<AddressPair, Numbered>;
    static constexpr uint32_t kUsual = 65536;
    static constexpr uint32_t kMost = 1U << 28;

    void clear() { _pairs.clear(); }

    Duration _timeout;
    uint32_t _capacity = kUsual;
    Pairs _pairs;
    uint32_t _hand = 0;
    uint32_t _next = 1;
};

}  // namespace

CLICK_ELEMENT(AggregateIPAddrPair)

}  // namespace click
