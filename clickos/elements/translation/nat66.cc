// SPDX-License-Identifier: Apache-2.0
/*
=c
NAT66(INTERNAL, EXTERNAL)
=s nat
translates IPv6 prefixes
=d
Translates between the prefixes INTERNAL and EXTERNAL without state (RFC 6296), both of at most 64 bits; the shorter one is
taken as if it were as long as the other. Packets of input 0, with their IPv6 header marked, come from inside: the prefix of
their source becomes EXTERNAL, and they leave by output 0. Those of input 1 come from outside: the prefix of their
destination becomes INTERNAL, and they leave by output 1 with their destination IPv6 address annotation set. One other word
of the address changes with the prefix, so that checksums of TCP, UDP and everything else stay right. In ICMPv6 errors, the
address of the packet that they quote changes too.

Dropped are packets whose address is not of the prefix, and those whose address cannot be translated: with prefixes of up to
48 bits, subnet 0xffff; with longer ones, an interface identifier that is zero or all ones.
=h drops read-only
How many packets were dropped.
=e
  nat :: NAT66(fd01:203:405::/48, 2001:db8:1::/48);
  ... -> [0] nat [0] -> ...
  ... -> [1] nat [1] -> ...
=a NAT64, ProtocolTranslator46, CheckIP6Header
*/
#include <click/element.hh>

#include <algorithm>

#include "elements/ip6/ip6annotation.hh"
#include "net/icmp6.hh"

namespace click {

namespace {

/// Translates addresses of one prefix to another, checksum-neutral (RFC 6296 3).
class PrefixTranslation {
public:
    PrefixTranslation() = default;
    PrefixTranslation(const IP6Address& from, const IP6Address& to, unsigned length)
        : _from(from), _to(to), _mask(IP6Address::prefix_mask(length)), _length(length) {
        // What a checksum loses with the one prefix and gains with the other, for one more word to make up for.
        uint32_t lost = checksum_add(_from.data(), IP6Address::kSize);
        uint32_t gained = checksum_add(_to.data(), IP6Address::kSize);
        _adjustment = checksum_fold(uint64_t{lost} + static_cast<uint16_t>(~checksum_fold(gained)));
    }

    /// Translates the address at `bytes`; false, and nothing is changed, when it is none that can be.
    bool translate(uint8_t* bytes) const {
        constexpr unsigned kShort = 48;
        IP6Address address = IP6Address::read(bytes);
        if (!address.matches_prefix(_from, _mask)) {
            return false;
        }
        size_t at = _length <= kShort ? 6 : 8;
        if (_length > kShort) {
            bool anycast = std::all_of(bytes + 8, bytes + IP6Address::kSize, [](uint8_t byte) { return byte == 0; });
            while (at < IP6Address::kSize && word(bytes + at) == 0xffff) {
                at += 2;
            }
            if (anycast || at == IP6Address::kSize) {
                return false;
            }
        } else if (word(bytes + at) == 0xffff) {
            return false;
        }
        for (size_t i = 0; i < IP6Address::kSize; ++i) {
            bytes[i] = static_cast<uint8_t>((bytes[i] & ~_mask.data()[i]) | _to.data()[i]);
        }
        uint16_t adjusted = checksum_fold(uint64_t{word(bytes + at)} + _adjustment);
        adjusted = adjusted == 0xffff ? 0 : adjusted;
        std::memcpy(bytes + at, &adjusted, sizeof adjusted);
        return true;
    }

private:
    static uint16_t word(const uint8_t* bytes) {
        uint16_t value;
        std::memcpy(&value, bytes, sizeof value);
        return value;
    }

    IP6Address _from;
    IP6Address _to;
    IP6Address _mask;
    unsigned _length = 0;
    uint16_t _adjustment = 0;
};

class NAT66 final : public Element {
public:
    const char* class_name() const override { return "NAT66"; }
    const char* port_count() const override { return "2/2"; }
    const char* processing() const override { return kPush; }
    const char* flow_code() const override { return "xy/xy"; }
    bool can_live_reconfigure() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        constexpr int kMostBits = 64;
        IP6Prefix inside;
        IP6Prefix outside;
        if (Args(conf, this, errh).mandatory("INTERNAL", inside).mandatory("EXTERNAL", outside).complete() < 0) {
            return -1;
        }
        int bits = std::max(inside.mask.mask_length(), outside.mask.mask_length());
        if (inside.mask.mask_length() < 0 || outside.mask.mask_length() < 0 || bits > kMostBits) {
            return errh.error("prefixes have at most 64 bits, got %s and %s", inside.unparse().c_str(),
                              outside.unparse().c_str());
        }
        auto address = [](const IP6Prefix& prefix) {
            IP6Address masked = prefix.address;
            for (size_t i = 0; i < IP6Address::kSize; ++i) {
                masked.data()[i] &= prefix.mask.data()[i];
            }
            return masked;
        };
        _out = PrefixTranslation(address(inside), address(outside), static_cast<unsigned>(bits));
        _in = PrefixTranslation(address(outside), address(inside), static_cast<unsigned>(bits));
        return 0;
    }
    void add_handlers() override { add_data_handler("drops", _drops); }
    void take_state(Element& old, ErrorHandler&) override { _drops += static_cast<NAT66&>(old)._drops.value(); }

    void push(int port, PacketBatch& batch) override {
        batch.map([&](PacketPtr packet) {
            packet = translate(std::move(packet), port == 0);
            if (!packet) {
                ++_drops;
            }
            return packet;
        });
        output(port).push(batch);
    }

private:
    PacketPtr translate(PacketPtr packet, bool outward) const {
        if (!ip6_header(*packet)) {
            return {};
        }
        packet = uniqueify(std::move(packet));
        if (!packet) {
            return {};
        }
        Ip6Header* ip = mutable_ip6_header(*packet);
        const PrefixTranslation& way = outward ? _out : _in;
        if (!way.translate(outward ? ip->source : ip->destination)) {
            return {};
        }
        Ip6Payload payload;
        if (find_ip6_payload(*packet, *ip, payload) && payload.protocol == kIp6Icmp && !payload.later_fragment &&
            payload.length >= sizeof(IcmpHeader) + sizeof(Ip6Header)) {
            uint8_t* icmp = packet->mutable_network_header() + payload.offset;
            auto& quoted = *reinterpret_cast<Ip6Header*>(icmp + sizeof(IcmpHeader));
            // The packet that an error is about went the other way.
            if (icmp[0] < kIcmp6FirstInformation) {
                way.translate(outward ? quoted.destination : quoted.source);
            }
        }
        if (!outward) {
            anno::set_dst_ip6(*packet, IP6Address::read(ip->destination));
        }
        return packet;
    }

    PrefixTranslation _out;
    PrefixTranslation _in;
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(NAT66)

}  // namespace click
