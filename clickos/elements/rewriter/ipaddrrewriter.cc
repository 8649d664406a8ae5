// SPDX-License-Identifier: Apache-2.0
/*
=c
IPAddrRewriter(INPUTSPEC1, ..., INPUTSPECn [, I<keywords>])
IPAddrPairRewriter(INPUTSPEC1, ..., INPUTSPECn [, I<keywords>])
=s nat
rewrites addresses of IP packets
=d
Rewrites source or destination addresses of IP packets, and the checksums of IP, TCP and UDP headers: Basic NAT (RFC 3022), where hosts
are lent addresses. It works for any protocol, and for as many hosts as there are addresses.

A mapping of IPAddrRewriter is of a source address: packets from it get another one, and packets to that other one are sent to the
first. A mapping of IPAddrPairRewriter is of a pair of source and destination address, of which either may change. A packet that
has no mapping is dealt with as the INPUTSPEC of its input says: C<drop>, C<pass OUTPUT>, C<keep FOUTPUT ROUTPUT> and C<ELEMENT>
as in IPRewriter, and

=over 8
=item C<pattern SADDR[-SADDR2] - FOUTPUT ROUTPUT>
of IPAddrRewriter: new flows get an address of the range L-H, or of the prefix ADDR/LEN, that no other flow has, at random; with a C<#> behind
the range, one after the other. When there is none left, the packet is dropped.
=item C<pattern SADDR[-SADDR2] DADDR FOUTPUT ROUTPUT>
of IPAddrPairRewriter: the same, and DADDR becomes the destination. A dash leaves a field as it is.
=back
Keyword arguments are:
=over 8
=use rewriter-timeouts
=back
=h table read-only
The mappings, a line for each direction, with outputs, input and the seconds that are left as in IPRewriter.
=h mappings read-only
An older name of table.
=use rewriter-handlers
=use rewriter-state
=e
  rw :: IPAddrRewriter(pattern 1.0.0.1-1.0.0.9 - 0 1, drop);
  inside :: Idle -> [0]rw; rw[0] -> Discard;
  outside :: Idle -> [1]rw; rw[1] -> Discard;
  Idle -> pairs :: IPAddrPairRewriter(pattern 1.0.0.1 2.0.0.2 0 0) -> Discard;
=a IPRewriter, TCPRewriter, UDPRewriter
*/
#include <cstddef>

#include "elements/rewriter/rewriter.hh"

namespace click {

namespace {

/// What both do to a packet. Fields that a mapping does not know are 0 in its keys.
template <typename E>
class AddressRewriter : public FlowRewriter<E> {
public:
    AddressRewriter() : FlowRewriter<E>(RewritePattern::Fields::Addresses) {}
    void add_handlers() override {
        Rewriter::add_handlers();
        this->add_table_handlers(0);
    }
    bool flow_of(const IpHeader& ip, uint32_t, FlowKey& key) const override {
        key = {{ip.source, ip.destination, 0, 0}, 0};
        return true;
    }
    void change(IpHeader& ip, uint32_t length, uint32_t handle, const FlowId& to, bool reply) {
        const Mapping& mapping = this->_table.flows()[handle];
        uint16_t change = reply ? change_back(mapping.address_change) : mapping.address_change;
        ip.source = to.source != 0 ? to.source : ip.source;
        ip.destination = to.destination != 0 ? to.destination : ip.destination;
        ip.checksum = changed_checksum(ip.checksum, change);
        if (!ip.first_fragment()) {
            return;
        }
        if (ip.protocol == kIpProtoTcp) {
            if (auto* tcp = following_header<TcpHeader>(ip, length)) {
                tcp->checksum = changed_checksum(tcp->checksum, change);
            }
        } else if (auto* udp = ip.protocol == kIpProtoUdp ? following_header<UdpHeader>(ip, length) : nullptr) {
            change_udp_checksum(*udp, change);
        }
    }

protected:
    void lifetime_keywords(Args& args, Lifetimes& lifetimes) override { Rewriter::simple_keywords(args, lifetimes); }
};

class IPAddrPairRewriter final : public AddressRewriter<IPAddrPairRewriter> {
public:
    const char* class_name() const override { return "IPAddrPairRewriter"; }

protected:
    std::string unparse_flow(uint32_t handle, bool reply) const override {
        auto pair = [](const FlowId& id) {
            return "(" + IPAddress(id.source).unparse() + ", " + IPAddress(id.destination).unparse() + ")";
        };
        const auto& flows = _table.flows();
        return pair(flows.key(handle, reply ? 1 : 0).id) + " => " +
               pair(flows.key(handle, reply ? 0 : 1).id.reversed());
    }
};

class IPAddrRewriter final : public AddressRewriter<IPAddrRewriter> {
public:
    const char* class_name() const override { return "IPAddrRewriter"; }
    /// By where a packet comes from, else by where it goes to.
    MappingTable::Flows::Found find(const FlowKey& key, size_t) const {
        auto found = _table.flows().find(source_of(key));
        return found ? found : _table.flows().find(FlowKey{{0, key.id.destination, 0, 0}, 0});
    }
    static FlowKey source_of(const FlowKey& key) { return {{key.id.source, 0, 0, 0}, 0}; }

protected:
    FlowKey mapped_part(const FlowKey& key) const override { return source_of(key); }
    std::string unparse_flow(uint32_t handle, bool reply) const override {
        const auto& flows = _table.flows();
        std::string inside = IPAddress(flows.key(handle).id.source).unparse();
        std::string outside = IPAddress(flows.key(handle, 1).id.destination).unparse();
        return reply ? outside + " => " + inside : inside + " => " + outside;
    }
};

}  // namespace

CLICK_ELEMENT(IPAddrRewriter)
CLICK_ELEMENT(IPAddrPairRewriter)

}  // namespace click
