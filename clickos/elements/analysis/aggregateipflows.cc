// SPDX-License-Identifier: Apache-2.0
/*
=c
AggregateIPFlows([I<keywords>])
=s aggregates
sets the aggregate annotation to the number of the flow
=d
Numbers TCP and UDP flows from 1 in the order in which they begin, sets each packet's aggregate annotation to its flow's
number, and its paint to 0 when it goes the way of the flow's first packet, to 1 when it comes back. A flow that was silent
for its timeout, by packets' timestamps, is over: the next packet begins a new one. Other packets, those without ports
and those for which there is no room leave by output 1 if it is connected; else they are dropped. The IP header must be
marked.

Keyword arguments are:
=over 8
=item TCP_TIMEOUT
Time. For TCP flows. Default is 24 hours.
=item TCP_DONE_TIMEOUT
Time. For TCP flows that were reset, or ended by both sides. Default is 30 seconds.
=item UDP_TIMEOUT
Time. For UDP flows. Default is 1 minute.
=item ICMP
Boolean. Whether ICMP error messages about a packet of a flow get its number too, and paint 2 or 3 by the way that the packet
went. Default is false.
=item FRAGMENTS
Boolean. Whether further fragments get the number of their first one. Those that come before it wait for it, 64 of them at
most, and leave right before it. Packets must be pushed for that: default is true where they are, false where they are pulled.
=item FRAGMENT_TIMEOUT
Time. How long further fragments may follow the first, and how long they wait for it; then they leave by output 1. Default
is 30 seconds.
=item CAPACITY
Unsigned. How many flows, and how many fragmented packets, are remembered. Default is 65536.
=item REAP
Time. Accepted for older configurations, changes nothing: flows that are over make room for new ones as those come.
=back
=h clear write
Forgets all flows, and drops the fragments that wait; numbers go on.
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> AggregateIPFlows -> IPPrint(AGGREGATE true, PAINT true) -> Discard;
=a AggregateFirst, ToIPSummaryDump
*/
#include <click/annotations.hh>
#include <click/clock.hh>

#include "elements/analysis/insertover.hh"
#include "elements/standard/packetfilter.hh"
#include "lib/elapsed.hh"
#include "lib/flow_table.hh"
#include "net/icmp.hh"
#include "net/transport.hh"

namespace click {

namespace {

/// The two ends of a flow, the lower one first, so that both directions have the same key.
struct FlowKey {
    uint32_t addresses[2];
    uint16_t ports[2];
    uint32_t protocol;
};

struct Flow {
    uint32_t number = 0;
    bool swapped = false;  ///< the first packet went from the second end to the first
    bool tcp = false;
    uint8_t ended = 0;  ///< a bit for each direction that sent its last
    int64_t last = 0;
};

struct FragmentKey {
    uint32_t source;
    uint32_t destination;
    uint16_t id;
    uint16_t protocol;
};

struct Fragment {
    uint32_t number = 0;
    uint8_t paint = 0;
    int64_t last = 0;
};

/// The key of the flow with that header and the ports behind it, and whether its source is the second end.
std::pair<FlowKey, bool> flow_of(const IpHeader& ip, const uint8_t* segment) {
    uint16_t ports[2];
    std::memcpy(ports, segment, sizeof ports);
    bool swapped = ip.source != ip.destination ? ip.source > ip.destination : ports[0] > ports[1];
    return {FlowKey{{swapped ? ip.destination : ip.source, swapped ? ip.source : ip.destination},
                    {ports[swapped ? 1 : 0], ports[swapped ? 0 : 1]},
                    ip.protocol},
            swapped};
}

class AggregateIPFlows final : public PacketFilter<AggregateIPFlows> {
public:
    const char* class_name() const override { return "AggregateIPFlows"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void push(int port, PacketBatch& batch) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override { add_write_handler<&AggregateIPFlows::clear>("clear", 0, Handler::kButton); }

    bool passes(Packet& packet);

private:
    static constexpr uint8_t kBothEnded = 3;
    static constexpr uint32_t kPorts = 4;
    static constexpr uint8_t kErrorPaint = 2;
    static constexpr uint32_t kUsual = 65536;
    static constexpr uint32_t kMost = 1U << 24;

    /// What leaves by an output, which may be more packets than a batch holds.
    void give(int port, PacketBatch& leaving, PacketPtr packet);
    PacketPtr oldest();
    void hold(PacketPtr fragment, PacketBatch& others);
    void let_go(int64_t now, PacketBatch& others);
    void follow_first(PacketBatch& numbered, PacketBatch& others);
    bool number_by_ports(Packet& packet, const IpHeader& ip);
    bool number_by_first(Packet& packet, const IpHeader& ip);
    bool number_by_quote(Packet& packet, const IpHeader& ip);
    bool over(const Flow& flow, int64_t now) const {
        const Duration& timeout = !flow.tcp                  ? _udp_timeout
                                  : flow.ended == kBothEnded ? _tcp_done_timeout
                                                             : _tcp_timeout;
        return elapsed(flow.last, now) > timeout.nanoseconds;
    }
    bool over(const Fragment& fragment, int64_t now) const {
        return elapsed(fragment.last, now) > _fragment_timeout.nanoseconds;
    }
    void clear() {
        _flows.clear();
        _fragments.clear();
        _held.clear();
    }

    Duration _tcp_timeout;
    Duration _tcp_done_timeout;
    Duration _udp_timeout;
    Duration _fragment_timeout;
    Duration _reap;
    bool _icmp = false;
    bool _follow_fragments = true;
    bool _asked_to_follow = false;
    uint32_t _capacity = kUsual;
    FlowTable<FlowKey, Flow> _flows;
    FlowTable<FragmentKey, Fragment> _fragments;
    PacketBatch _held;  ///< further fragments that wait for their first, in the order in which they came
    uint32_t _flow_hand = 0;
    uint32_t _fragment_hand = 0;
    uint32_t _next = 1;
};

int AggregateIPFlows::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr int64_t kMinute = 60 * clock::kSecond;
    constexpr int64_t kDay = 24 * 60 * kMinute;
    if (Args(conf, this, errh)
                .keyword("TCP_TIMEOUT", _tcp_timeout, {kDay})
                .keyword("TCP_DONE_TIMEOUT", _tcp_done_timeout, {kMinute / 2})
                .keyword("UDP_TIMEOUT", _udp_timeout, {kMinute})
                .keyword("ICMP", _icmp, false)
                .keyword("FRAGMENTS", _follow_fragments, true)
                .given(_asked_to_follow)
                .keyword("FRAGMENT_TIMEOUT", _fragment_timeout, {kMinute / 2})
                .keyword("CAPACITY", bounded(_capacity, 1, kMost), kUsual)
                .keyword("REAP", _reap, {20 * kMinute})
                .complete() < 0 ||
        _flows.allocate(_capacity, "flows", errh) < 0) {
        return -1;
    }
    return 0;
}

int AggregateIPFlows::initialize(ErrorHandler& errh) {
    if (input_is_pull(0)) {
        if (_follow_fragments && _asked_to_follow) {
            return errh.error("'FRAGMENTS true' is incompatible with pull; run this element in a push context");
        }
        _follow_fragments = false;
    }
    return _follow_fragments ? _fragments.allocate(_capacity, "fragmented packets", errh) : 0;
}

void AggregateIPFlows::push(int port, PacketBatch& batch) {
    if (!_follow_fragments) {
        PacketFilter::push(port, batch);
        return;
    }
    PacketBatch numbered;
    PacketBatch others;
    batch.drain([&](PacketPtr packet) {
        let_go(packet->timestamp(), others);
        const IpHeader* ip = whole_ip_header(*packet);
        if (passes(*packet)) {
            if (ip->first_fragment() && ip->more_fragments()) {
                follow_first(numbered, others);
            }
            give(0, numbered, std::move(packet));
        } else if (ip && ip->version() == 4 && !ip->first_fragment()) {
            hold(std::move(packet), others);
        } else {
            give(1, others, std::move(packet));
        }
    });
    if (!numbered.empty()) {
        output(0).push(numbered);
    }
    if (!others.empty()) {
        checked_push(1, others);
    }
}

void AggregateIPFlows::give(int port, PacketBatch& leaving, PacketPtr packet) {
    if (leaving.full()) {
        checked_push(port, leaving);
    }
    leaving.append(std::move(packet));
}

/// The fragment that waits longest, which does so no more.
PacketPtr AggregateIPFlows::oldest() {
    Packet* packet = nullptr;
    _held.release_to(&packet, 1);
    return PacketPtr(packet);
}

/// Has a fragment wait; where there is no room, the one that waits longest does so no more.
void AggregateIPFlows::hold(PacketPtr fragment, PacketBatch& others) {
    if (_held.full()) {
        give(1, others, oldest());
    }
    _held.append(std::move(fragment));
}

/// Those that have waited for too long wait no more.
void AggregateIPFlows::let_go(int64_t now, PacketBatch& others) {
    while (!_held.empty() && elapsed(_held[0].timestamp(), now) > _fragment_timeout.nanoseconds) {
        give(1, others, oldest());
    }
}

/// Numbers the fragments whose first one has come. Who is pushed to may push to this element again, so the others are held anew.
void AggregateIPFlows::follow_first(PacketBatch& numbered, PacketBatch& others) {
    PacketBatch waiting;
    _held.move_to(waiting, _held.size());
    waiting.drain([&](PacketPtr fragment) {
        if (passes(*fragment)) {
            give(0, numbered, std::move(fragment));
        } else {
            hold(std::move(fragment), others);
        }
    });
}

bool AggregateIPFlows::passes(Packet& packet) {
    const IpHeader* ip = whole_ip_header(packet);
    if (!ip || ip->version() != 4) {
        return false;
    }
    if (ip->protocol == kIpProtoIcmp && _icmp && ip->first_fragment()) {
        return number_by_quote(packet, *ip);
    }
    if (ip->protocol != kIpProtoTcp && ip->protocol != kIpProtoUdp) {
        return false;
    }
    return ip->first_fragment() ? number_by_ports(packet, *ip) : number_by_first(packet, *ip);
}

bool AggregateIPFlows::number_by_ports(Packet& packet, const IpHeader& ip) {
    if (packet.network_length() < ip.header_length() + kPorts) {
        return false;
    }
    auto [key, swapped] = flow_of(ip, packet.network_header() + ip.header_length());
    int64_t now = packet.timestamp();
    uint32_t handle = _flows.find(key).handle;
    if (handle != FlowTable<FlowKey, Flow>::kNone && over(_flows[handle], now)) {
        _flows.erase(handle);
        handle = FlowTable<FlowKey, Flow>::kNone;
    }
    if (handle == FlowTable<FlowKey, Flow>::kNone) {
        handle = insert_over(_flows, _flow_hand, key, [&](const Flow& old) { return over(old, now); });
        if (handle == FlowTable<FlowKey, Flow>::kNone) {
            return false;
        }
        _flows[handle] = {_next++, swapped, ip.protocol == kIpProtoTcp, 0, now};
    }
    Flow& flow = _flows[handle];
    auto paint = static_cast<uint8_t>(swapped != flow.swapped ? 1 : 0);
    const uint8_t* segment = packet.network_header() + ip.header_length();
    if (flow.tcp && packet.network_length() >= ip.header_length() + sizeof(TcpHeader)) {
        uint8_t flags = reinterpret_cast<const TcpHeader*>(segment)->flags;
        flow.ended |= (flags & TcpHeader::kRst) != 0 ? kBothEnded : (flags & TcpHeader::kFin) != 0 ? 1 << paint : 0;
    }
    flow.last = now;
    packet.set_anno_u32(anno::kAggregate, flow.number);
    packet.set_anno_u8(anno::kPaint, paint);
    if (_follow_fragments && ip.more_fragments()) {
        FragmentKey whole{ip.source, ip.destination, ip.id, ip.protocol};
        uint32_t place = _fragments.find(whole).handle;
        if (place == FlowTable<FragmentKey, Fragment>::kNone) {
            place = insert_over(_fragments, _fragment_hand, whole, [&](const Fragment& old) { return over(old, now); });
        }
        if (place != FlowTable<FragmentKey, Fragment>::kNone) {
            _fragments[place] = {flow.number, paint, now};
        }
    }
    return true;
}

bool AggregateIPFlows::number_by_first(Packet& packet, const IpHeader& ip) {
    auto found = _fragments.find({ip.source, ip.destination, ip.id, ip.protocol});
    if (!found || over(_fragments[found.handle], packet.timestamp())) {
        return false;
    }
    packet.set_anno_u32(anno::kAggregate, _fragments[found.handle].number);
    packet.set_anno_u8(anno::kPaint, _fragments[found.handle].paint);
    return true;
}

/// An ICMP error belongs to the flow of the packet that it quotes (RFC 792: its IP header and 8 bytes behind that).
bool AggregateIPFlows::number_by_quote(Packet& packet, const IpHeader& ip) {
    Segment segment = ip_segment(packet, ip);
    const auto* icmp = segment.header<IcmpHeader>();
    if (!icmp || !is_icmp_error(icmp->type) || segment.length < sizeof(IcmpHeader) + sizeof(IpHeader)) {
        return false;
    }
    const auto* quoted = reinterpret_cast<const IpHeader*>(segment.data + sizeof(IcmpHeader));
    size_t ports = sizeof(IcmpHeader) + quoted->header_length();
    if (quoted->version() != 4 || !quoted->first_fragment() || segment.length < ports + kPorts) {
        return false;
    }
    auto [key, swapped] = flow_of(*quoted, segment.data + ports);
    auto found = _flows.find(key);
    if (!found || over(_flows[found.handle], packet.timestamp())) {
        return false;
    }
    const Flow& flow = _flows[found.handle];
    packet.set_anno_u32(anno::kAggregate, flow.number);
    packet.set_anno_u8(anno::kPaint, static_cast<uint8_t>(kErrorPaint + (swapped != flow.swapped ? 1 : 0)));
    return true;
}

void AggregateIPFlows::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<AggregateIPFlows&>(old);
    _next = other._next;
    if (_follow_fragments) {
        other._held.move_to(_held, other._held.size());
    }
    other._flows.for_each([&](uint32_t handle) {
        uint32_t place = _flows.insert(other._flows.key(handle));
        if (place != FlowTable<FlowKey, Flow>::kNone) {
            _flows[place] = other._flows[handle];
        }
    });
}

}  // namespace

CLICK_ELEMENT(AggregateIPFlows)

}  // namespace click
