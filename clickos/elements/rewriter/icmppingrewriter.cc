// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMPPingRewriter(INPUTSPEC1, ..., INPUTSPECn [, I<keywords>])
=s nat
rewrites ICMP echo requests and replies
=d
Rewrites source address, destination address and identifier of ICMP echo requests, and their checksums, and those of the
replies that answer them, so that pings pass a network address translator (RFC 5508). INPUTSPECs are those of
IPRewriter; the source port of a pattern is the identifier.

Each mapping is of a triple (source address, destination address, identifier). For a request (SA, DA, ID) that becomes
(SA', DA', ID'), two are made:

  requests (SA, DA, ID) => (SA', DA', ID') [FOUTPUT]
  replies (DA', SA', ID') => (DA, SA, ID) [ROUTPUT]

Packets need their IP header annotations. Replies that answer nothing, and packets that are neither echo requests nor
replies, are cut off or are a fragment but not the first, leave by OUTPUT if the INPUTSPEC is C<pass OUTPUT> and are
dropped if not.

Keyword arguments are:
=over 8
=use rewriter-timeouts
=back
=h table read-only
The mappings, a line for each direction, with outputs, input and the seconds that are left as in IPRewriter: C<(1.0.0.1,
2.0.0.2, 7) =E<gt> (3.0.0.3, 2.0.0.2, 1024) [*0 1] i0 exp300>.
=h mappings read-only
An older name of table.
=use rewriter-handlers
=use rewriter-state
=e
  ping :: ICMPPingRewriter(pattern 1.0.0.1 1024-65535 - - 0 1, drop);
  inside :: Idle -> [0]ping; ping[0] -> Discard;
  outside :: Idle -> [1]ping; ping[1] -> Discard;
=a IPRewriter, ICMPRewriter, ICMPPingSource, ICMPPingResponder
*/
#include <cstddef>

#include "elements/rewriter/rewriter.hh"
#include "net/icmp.hh"

namespace click {

namespace {

/// The flow of a request has its identifier where a source port is, so that patterns find one that is free, and this
/// for the other port.
constexpr uint16_t kNoPort = 0xffff;

class ICMPPingRewriter final : public FlowRewriter<ICMPPingRewriter> {
public:
    const char* class_name() const override { return "ICMPPingRewriter"; }
    void add_handlers() override {
        Rewriter::add_handlers();
        add_table_handlers(0);
    }
    bool flow_of(const IpHeader& ip, uint32_t length, FlowKey& key) const override {
        const auto* echo = following_header<const IcmpEchoHeader>(ip, length);
        if (ip.protocol != kIpProtoIcmp || !ip.first_fragment() || !echo ||
            (echo->type != kIcmpEcho && echo->type != kIcmpEchoReply)) {
            return false;
        }
        key = {{ip.source, ip.destination, echo->identifier, kNoPort}, kIpProtoIcmp};
        if (echo->type == kIcmpEchoReply) {
            std::swap(key.id.source_port, key.id.destination_port);
        }
        return true;
    }
    void change(IpHeader& ip, uint32_t length, uint32_t handle, const FlowId& to, bool reply) const {
        const Mapping& mapping = _table.flows()[handle];
        ip.source = to.source;
        ip.destination = to.destination;
        ip.checksum =
            changed_checksum(ip.checksum, reply ? change_back(mapping.address_change) : mapping.address_change);
        auto* echo = following_header<IcmpEchoHeader>(ip, length);
        uint16_t identifier = echo->type == kIcmpEcho ? to.source_port : to.destination_port;
        uint16_t before = echo->identifier;
        echo->identifier = identifier;
        update_icmp_checksum(ip, length, *echo, before, identifier);
    }

protected:
    void lifetime_keywords(Args& args, Lifetimes& lifetimes) override { simple_keywords(args, lifetimes); }
    uint32_t map_packet(int input, const FlowKey& flow, const Packet& packet, int64_t now, int& output) {
        const IpHeader& ip = *ip_header(packet);
        if (following_header<const IcmpEchoHeader>(ip, packet.network_length())->type == kIcmpEchoReply) {
            output = way_without_flow(input);
            return MappingTable::kNone;
        }
        return Rewriter::map_packet(input, flow, packet, now, output);
    }
    std::string unparse_flow(uint32_t handle, bool reply) const override {
        const auto& flows = _table.flows();
        auto triple = [&](const FlowId& id) {
            return format("(%s, %s, %u)", IPAddress(id.source).unparse().c_str(),
                          IPAddress(id.destination).unparse().c_str(),
                          net16(reply ? id.destination_port : id.source_port));
        };
        return triple(flows.key(handle, reply ? 1 : 0).id) + " => " +
               triple(flows.key(handle, reply ? 0 : 1).id.reversed());
    }

private:
    friend class FlowRewriter<ICMPPingRewriter>;
};

}  // namespace

CLICK_ELEMENT(ICMPPingRewriter)

}  // namespace click
