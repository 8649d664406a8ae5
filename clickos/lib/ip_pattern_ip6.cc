// SPDX-License-Identifier: Apache-2.0
//
// What the tests of a pattern mean for IPv6 packets (RFC 8200). Only the fixed header is read: a packet with extension
// headers has the number of the first one as its protocol, and no ports.
#include <algorithm>

#include "lib/ip_pattern_parser.hh"
#include "net/icmp6.hh"
#include "net/ip6.hh"

namespace click::ip_pattern {

namespace {

constexpr Place kVersion{kNetworkWindow, 0, 1, 0xf0};
constexpr Place kNextHeader{kNetworkWindow, 6, 1, 0xff};

// RFC 4443 2.1, RFC 4861 4, RFC 2710 3.
constexpr NumberName kIcmp6Types[] = {
    {"unreachable", kIcmp6Unreachable},
    {"toobig", kIcmp6PacketTooBig},
    {"timeexceeded", kIcmp6TimeExceeded},
    {"parameterproblem", kIcmp6ParameterProblem},
    {"echo", kIcmp6Echo},
    {"echo-reply", kIcmp6EchoReply},
    {"routersolicit", 133},
    {"routeradvert", 134},
    {"neighborsolicit", kIcmp6NeighborSolicitation},
    {"neighboradvert", kIcmp6NeighborAdvertisement},
    {"redirect", kIcmp6Redirect},
};

Condition has_next_header(uint32_t number) { return compare(kNextHeader, Relation::Equal, number); }

Condition is_ip6_protocol(int protocol) {
    switch (protocol) {
        case kTcpOrUdp:
            return either(is_ip6_protocol(kIpProtoTcp), is_ip6_protocol(kIpProtoUdp));
        case kAnyTransport: {
            std::vector<Condition> extensions;
            for (uint8_t number : {kIp6HopByHop, kIp6Routing, kIp6Fragment, kIp6DestinationOptions}) {
                extensions.push_back(has_next_header(number));
            }
            return Condition::negation(Condition::any(std::move(extensions)));
        }
        default:
            return has_next_header(static_cast<uint32_t>(protocol));
    }
}

}  // namespace

std::span<const NumberName> icmp6_type_names() { return kIcmp6Types; }

bool is_ip6_prefix(std::string_view text) {
    IP6Prefix prefix;
    return text.find(':') != std::string_view::npos && parse_ip6_prefix(text, prefix);
}

Place ip6_place_of(Field field) {
    switch (field) {
        case Field::Version:
            return kVersion;
        case Field::Tos:
            return {kNetworkWindow, 0, 2, 0x0ff0};
        case Field::Dscp:
            return {kNetworkWindow, 0, 2, 0x0fc0};
        case Field::Ect:
        case Field::Ce:
            return {kNetworkWindow, 0, 2, 0x0030};
        case Field::FlowLabel:
            return {kNetworkWindow, 0, 4, 0xfffff};
        case Field::Length:
            return {kNetworkWindow, 4, 2, 0xffff};
        case Field::Proto:
            return kNextHeader;
        case Field::Ttl:
            return {kNetworkWindow, 7, 1, 0xff};
        default:
            return place_of(field);
    }
}

Condition is_ip6_fragment() { return has_next_header(kIp6Fragment); }

Condition PatternParser::of_version(int version, Condition condition) const {
    if (_versions == IpVersions::Four) {
        return condition;
    }
    return both(compare(kVersion, Relation::Equal, static_cast<uint32_t>(version == 6 ? 0x60 : 0x40)),
                std::move(condition));
}

Condition PatternParser::carries(const Primitive& primitive, int protocol, bool in_first) const {
    Condition four = is_protocol(protocol);
    if (in_first) {
        four = in_first_fragment(std::move(four));
    }
    if (_versions == IpVersions::Four) {
        return four;
    }
    four = of_version(4, std::move(four));
    Condition six = of_version(6, is_ip6_protocol(protocol));
    return primitive.version == 4   ? std::move(four)
           : primitive.version == 6 ? std::move(six)
                                    : either(std::move(four), std::move(six));
}

PatternParser::Result PatternParser::ip6_addresses(const Primitive& primitive) {
    std::string word = token();
    IP6Prefix prefix;
    if (primitive.version == 4 || !is_ip6_prefix(word) || !parse_ip6_prefix(word, prefix)) {
        return failed("bad " + std::string(primitive.version == 4 ? "IP" : "IPv6") + " address '" + word + "'");
    }
    bool slash = word.find('/') != std::string::npos;
    if (primitive.field == Field::Host && slash) {
        return failed("'" + word + "' is a network, not a host");
    }
    if (primitive.field == Field::Net && !slash) {
        return failed("network '" + word + "' needs '/BITS'");
    }
    ++_at;
    auto word_of = [](const IP6Address& address, unsigned index) {
        const uint8_t* bytes = address.data() + 4 * index;
        return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
    };
    Condition match = toward(primitive, [&](bool source) {
        std::vector<Condition> words;
        for (unsigned i = 0; i < IP6Address::kSize / 4; ++i) {
            if (uint32_t mask = word_of(prefix.mask, i)) {
                auto offset = static_cast<uint16_t>((source ? 8 : 24) + 4 * i);
                words.push_back(Condition::equal(kNetworkWindow, offset, 4, mask, word_of(prefix.address, i) & mask));
            }
        }
        return Condition::all(std::move(words));
    });
    return of_version(
        6, primitive.relation == Relation::Unequal ? Condition::negation(std::move(match)) : std::move(match));
}

}  // namespace click::ip_pattern

namespace click {

bool names_ip6(std::string_view text) {
    constexpr std::string_view kBetweenWords = " \t\r\n\f\v()!?<>=&|[]";
    constexpr std::string_view kWords[] = {"ip6", "icmp6", "hlim", "plen"};
    for (size_t at = 0; at < text.size();) {
        size_t end = std::min(text.find_first_of(kBetweenWords, at), text.size());
        std::string_view word = text.substr(at, end - at);
        if (std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords) ||
            ip_pattern::is_ip6_prefix(word)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

}  // namespace click
