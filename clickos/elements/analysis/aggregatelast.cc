// SPDX-License-Identifier: Apache-2.0
/*
=c
AggregateLast([I<keywords>])
=s aggregates
lets the last packet of each aggregate pass
=d
Keeps the last packet with each value of the aggregate annotation; all before it leave by output 1 if it is connected, else they
are dropped. The last ones leave by output 0 when C<clear> is written, with the volume of their aggregate: the extra packets and the
extra length annotation count the packets before it and their bytes, with what such annotations of theirs say.

Keyword arguments are:
=over 8
=item CAPACITY
Unsigned. How many values are remembered; packets with further ones are treated as if they were followed by another. Default is
65536.
=item STOP_AFTER_CLEAR
Boolean. Whether the router is asked to stop when C<clear> has been written. Default is false.
=back
=h clear write
Lets the packets go that were kept, in the order in which their aggregates came first, and forgets all values.
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> AggregateIPFlows -> last :: AggregateLast -> IPPrint -> Discard;
  DriverManager(pause, write last.clear);
=a AggregateFirst, AggregateIPFlows, AggregateCounter
*/
#include <click/annotations.hh>
#include <click/emitter.hh>
#include <click/router.hh>

#include "lib/flow_table.hh"

namespace click {

namespace {

class AggregateLast final : public Element {
public:
    const char* class_name() const override { return "AggregateLast"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
                               .keyword("CAPACITY", bounded(_capacity, 1, kMost), kUsual)
                               .keyword("STOP_AFTER_CLEAR", _stop, false)
                               .complete() < 0 ||
                       _kept.allocate(_capacity, "aggregates", errh) < 0 ||
                       _order.allocate(_capacity, "aggregates", errh) < 0
                   ? -1
                   : 0;
    }
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override { add_write_handler<&AggregateLast::clear>("clear", 0, Handler::kButton); }
    void push(int, PacketBatch& batch) override;

private:
    using Kept = FlowTable<uint32_t, PacketPtr>;
    static constexpr uint32_t kUsual = 65536;
    static constexpr uint32_t kMost = 1U << 24;

    void keep(PacketPtr& packet);
    void clear();

    uint32_t _capacity = kUsual;
    bool _stop = false;
    Kept _kept;
    Table<uint32_t> _order;  ///< handles, as they came
};

/// Keeps a packet; what was kept instead of it, with the volume of its aggregate moved over, is left in `packet`.
void AggregateLast::keep(PacketPtr& packet) {
    uint32_t aggregate = packet->anno_u32(anno::kAggregate);
    uint32_t handle = _kept.find(aggregate).handle;
    if (handle == Kept::kNone) {
        handle = _kept.insert(aggregate);
        if (handle == Kept::kNone) {
            return;
        }
        _order[_kept.size() - 1] = handle;
        _kept[handle] = std::move(packet);
        return;
    }
    Packet& before = *_kept[handle];
    packet->set_anno_u32(anno::kExtraPackets,
                         packet->anno_u32(anno::kExtraPackets) + before.anno_u32(anno::kExtraPackets) + 1);
    packet->set_anno_u32(anno::kExtraLength,
                         packet->anno_u32(anno::kExtraLength) + before.anno_u32(anno::kExtraLength) + before.length());
    std::swap(packet, _kept[handle]);
}

void AggregateLast::push(int, PacketBatch& batch) {
    PacketBatch before;
    batch.drain([&](PacketPtr packet) {
        keep(packet);
        before.append(std::move(packet));
    });
    if (!before.empty()) {
        checked_push(1, before);
    }
}

void AggregateLast::clear() {
    {
        PacketEmitter emitter(*this, 0);
        for (uint32_t i = 0; i < _kept.size(); ++i) {
            emitter.add(std::move(_kept[_order[i]]));
        }
        _kept.clear();
    }
    if (_stop) {
        router().please_stop();
    }
}

void AggregateLast::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<AggregateLast&>(old);
    for (uint32_t i = 0; i < other._kept.size(); ++i) {
        keep(other._kept[other._order[i]]);
    }
    other._kept.clear();
}

}  // namespace

CLICK_ELEMENT(AggregateLast)

}  // namespace click
