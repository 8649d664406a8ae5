// SPDX-License-Identifier: Apache-2.0
/*
=c
ProtocolTranslator46([PREFIX])
ProtocolTranslator64([PREFIX])
=s ip6
translate between IPv4 and IPv6 headers
=d
ProtocolTranslator46 expects IPv4 packets with their header marked and makes IPv6 packets of them, ProtocolTranslator64 the
reverse, both without state (RFC 7915): headers, fragments, ICMP messages with the packets that errors quote, and checksums
of TCP, UDP and ICMP. The new header is marked, and the destination annotation is set from it. Addresses stand for each
other by PREFIX, an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits in which IPv4 addresses are embedded (RFC 6052). Default is
C<::ffff:0:0/96>, IPv4-mapped addresses; ProtocolTranslator64 then takes IPv4-compatible ones (C<::1.2.3.4>) too.

Time to live and hop limit are carried over: DecIPTTL and DecIP6HLIM count. ProtocolTranslator46 does not fragment; where
packets may be longer than an IPv6 link takes, put IPFragmenter(1252) before it (RFC 7915 4).

Dropped are packets with addresses that are not of PREFIX, ICMP messages without an equal on the other side, fragments of
ICMP messages, fragments of UDP datagrams without a checksum, packets with a source route, and what is no whole packet.
Extensions of ICMP errors (RFC 4884) are cut off.
=h drops read-only
How many packets were dropped.
=e
  ... -> CheckIPHeader -> ProtocolTranslator46(64:ff9b::/96) -> DecIP6HLIM -> ...
  ... -> CheckIP6Header -> ProtocolTranslator64(64:ff9b::/96) -> DecIPTTL -> ...
=a NAT64, NAT66, CheckIPHeader, CheckIP6Header
*/
#include <click/element.hh>

#include "elements/translation/translation.hh"

namespace click {

namespace {

/// Addresses that stand for each other whatever the direction.
class StatelessMap final : public TranslationMap {
public:
    bool map(const Flow6& from, bool, Flow4& to) override {
        return extract(from.source, to.source) && extract(from.destination, to.destination);
    }
    bool map(const Flow4& from, bool, Flow6& to) override {
        to.source = prefix.embed(from.source);
        to.destination = prefix.embed(from.destination);
        return true;
    }

    TranslationPrefix prefix;

private:
    bool extract(const IP6Address& from, IPAddress& to) const {
        if (prefix.extract(from, to)) {
            return true;
        }
        // `::` and `::1` are addresses of IPv6 alone (RFC 4291 2.5.2, 2.5.3).
        return prefix == TranslationPrefix() && TranslationPrefix(IP6Address(), 96).extract(from, to) &&
               to.host_order() > 1;
    }
};

template <typename E>
class ProtocolTranslator : public PacketAction<E> {
public:
    bool can_live_reconfigure() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("PREFIX", _map.prefix, {}).complete();
    }
    void add_handlers() override { this->add_data_handler("drops", _drops); }
    void take_state(Element& old, ErrorHandler&) override {
        _drops += static_cast<ProtocolTranslator&>(old)._drops.value();
    }

    PacketPtr simple_action(PacketPtr packet) {
        packet = E::translate(std::move(packet), _map);
        if (!packet) {
            ++_drops;
        }
        return packet;
    }

private:
    StatelessMap _map;
    Tally _drops;
};

class ProtocolTranslator46 final : public ProtocolTranslator<ProtocolTranslator46> {
public:
    const char* class_name() const override { return "ProtocolTranslator46"; }
    static PacketPtr translate(PacketPtr packet, TranslationMap& map) {
        return translate_to_ip6(std::move(packet), map);
    }
};

class ProtocolTranslator64 final : public ProtocolTranslator<ProtocolTranslator64> {
public:
    const char* class_name() const override { return "ProtocolTranslator64"; }
    static PacketPtr translate(PacketPtr packet, TranslationMap& map) {
        return translate_to_ip4(std::move(packet), map);
    }
};

}  // namespace

CLICK_ELEMENT(ProtocolTranslator46)
CLICK_ELEMENT(ProtocolTranslator64)

}  // namespace click
