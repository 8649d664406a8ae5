// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "lang/confparse.hh"
#include "lib/ip_pattern_parser.hh"
#include "net/etheraddress.hh"
#include "net/ip.hh"
#include "net/ip6.hh"

namespace click::ip_pattern {

/// What `tcpudp` and `transp` stand for, or -1.
int PatternParser::several_protocols() const { return is("tcpudp") ? kTcpOrUdp : is("transp") ? kAnyTransport : -1; }

/// A primitive that does not name its field has it from its value, or from the primitive before.
void PatternParser::guess_field(Primitive& primitive) {
    if (primitive.field != Field::None || at_border()) {
        return;
    }
    std::string word = token();
    IPPrefix prefix;
    uint64_t ignored;
    bool transport_ports =
        primitive.protocol == kIpProtoTcp || primitive.protocol == kIpProtoUdp || primitive.protocol == kTcpOrUdp;
    if (is_ether_address(word)) {
        primitive.field = Field::Ether;
    } else if (is_ip6_prefix(word)) {
        primitive.field = word.find('/') != std::string::npos ? Field::Net : Field::Host;
    } else if (parse_ip_prefix(word, true, prefix)) {
        primitive.field = word.find('/') != std::string::npos || is("mask", 1) ? Field::Net : Field::Host;
    } else if (parse_unsigned(word, ignored)) {
        primitive.field = transport_ports                                                        ? Field::Port
                          : primitive.protocol == kIpProtoIcmp || primitive.protocol == kIp6Icmp ? Field::IcmpType
                                                                                                 : _previous.field;
        primitive.bytes = _previous.bytes;
    } else if (number_named(tcp_flag_names(), word) >= 0) {
        primitive.field = Field::TcpOption;
    } else if ((primitive.protocol == kIpProtoIcmp && number_named(icmp_type_names(), word) >= 0) ||
               (primitive.protocol == kIp6Icmp && number_named(icmp6_type_names(), word) >= 0)) {
        primitive.field = Field::IcmpType;
    } else if (_previous.field == Field::IcmpType && primitive.direction == Direction::None && primitive.protocol < 0 &&
               number_named(_previous.protocol == kIp6Icmp ? icmp6_type_names() : icmp_type_names(), word) >= 0) {
        primitive.field = Field::IcmpType;
    } else if (number_named(ip_protocol_names(), word) >= 0) {
        primitive.field = Field::Proto;
    } else if (number_named(port_names(), word) >= 0) {
        primitive.field = Field::Port;
    } else if (number_named(icmp_type_names(), word) >= 0) {
        primitive.field = Field::IcmpType;
    }
    auto is_address = [](Field field) { return field == Field::Host || field == Field::Net; };
    if (primitive.field == _previous.field || (is_address(primitive.field) && is_address(_previous.field))) {
        if (primitive.direction == Direction::None) {
            primitive.direction = _previous.direction;
        }
        if (primitive.protocol < 0) {
            primitive.protocol = _previous.protocol;
        }
        if (primitive.version == 0 && !is_address(primitive.field)) {
            primitive.version = _previous.version;
        }
    }
}

PatternParser::Result PatternParser::value(const Primitive& primitive) {
    if (primitive.field == Field::None && at_border() && (primitive.protocol >= 0 || primitive.version == 6) &&
        !primitive.has_relation && primitive.direction == Direction::None && !primitive.mask) {
        return primitive.protocol >= 0 ? carries(primitive, primitive.protocol, false)
                                       : of_version(6, Condition::always());
    }
    bool takes_ends = primitive.field == Field::Host || primitive.field == Field::Net ||
                      primitive.field == Field::Port || primitive.field == Field::Ether;
    if (primitive.field != Field::None && primitive.direction != Direction::None && !takes_ends) {
        return failed("'src' or 'dst' is meaningless here, near '" + token() + "'");
    }
    bool ordered = primitive.relation != Relation::Equal && primitive.relation != Relation::Unequal;
    bool plain = primitive.field == Field::Host || primitive.field == Field::Net || primitive.field == Field::Ether ||
                 primitive.field == Field::TcpOption;
    if (plain && (ordered || primitive.mask)) {
        return failed("this test takes no relation but '==' and '!=', and no bit mask, near '" + token() + "'");
    }
    Place congestion = primitive.version == 6 ? ip6_place_of(Field::Ce) : place_of(Field::Ce);
    switch (primitive.field) {
        case Field::None:
            return failed(at_end() ? "partial directive" : "syntax error near '" + token() + "'");
        case Field::Host:
        case Field::Net: {
            IPPrefix prefix;
            std::string word = token();
            if (primitive.version == 6 || word.find(':') != std::string::npos) {
                return ip6_addresses(primitive);
            }
            if (!parse_ip_prefix(word, true, prefix)) {
                return failed("bad IP address '" + word + "'");
            }
            ++_at;
            bool slash = word.find('/') != std::string::npos;
            if (primitive.field == Field::Host && slash) {
                return failed("'" + word + "' is a network, not a host");
            }
            if (primitive.field == Field::Net && !slash) {
                if (!accept("mask") || !parse_ip_address(token(), prefix.mask)) {
                    return failed("network '" + word + "' needs '/BITS' or 'mask MASK'");
                }
                ++_at;
            }
            return addresses(primitive, prefix);
        }
        case Field::Port:
            return port_value(primitive);
        case Field::Ether:
            return ether_value(primitive);
        case Field::TcpOption:
            return tcp_option(primitive);
        case Field::Frag:
        case Field::Unfrag: {
            if (primitive.has_relation || primitive.mask) {
                return failed("'ip frag' takes no value");
            }
            Condition whole =
                primitive.version == 6
                    ? Condition::negation(is_ip6_fragment())
                    : Condition::equal(kNetworkWindow, 6, 2, IpHeader::kOffsetMask | IpHeader::kMoreFragments, 0);
            return of_version(primitive.version, primitive.field == Field::Unfrag
                                                     ? std::move(whole)
                                                     : Condition::negation(std::move(whole)));
        }
        case Field::Ce:
            return of_version(primitive.version, compare(congestion, Relation::Equal, congestion.mask));
        case Field::Ect:
            if (at_border() && !primitive.has_relation) {
                return of_version(primitive.version, Condition::negation(compare(congestion, Relation::Equal, 0)));
            }
            return numeric_value(primitive);
        default:
            return numeric_value(primitive);
    }
}

PatternParser::Result PatternParser::addresses(const Primitive& primitive, IPPrefix prefix) const {
    uint32_t mask = prefix.mask.host_order();
    Condition match = toward(primitive, [&](bool source) {
        return Condition::equal(kNetworkWindow, source ? 12 : 16, 4, mask, prefix.address.host_order());
    });
    return of_version(
        4, primitive.relation == Relation::Unequal ? Condition::negation(std::move(match)) : std::move(match));
}

PatternParser::Result PatternParser::ether_value(const Primitive& primitive) {
    EtherAddress address;
    if (!parse_ether_address(token(), address)) {
        return failed("bad Ethernet address '" + token() + "'");
    }
    ++_at;
    const auto& b = address.bytes;
    Condition match = toward(primitive, [&](bool source) {
        uint16_t offset = source ? 6 : 0;
        return both(
            Condition::equal(kMacWindow, offset, 4, 0xffffffff,
                             uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3]),
            Condition::equal(kMacWindow, static_cast<uint16_t>(offset + 4), 2, 0xffff, uint32_t{b[4]} << 8 | b[5]));
    });
    return primitive.relation == Relation::Unequal ? unequal({kMacWindow, 0, 12, 0}, std::move(match))
                                                   : std::move(match);
}

bool PatternParser::number(std::span<const NumberName> names, uint32_t most, uint32_t& value) {
    std::string word = token();
    uint64_t parsed;
    if (int named = number_named(names, word); named >= 0) {
        value = static_cast<uint32_t>(named);
    } else if (at_border()) {
        return fail("value missing");
    } else if (!parse_unsigned(word, parsed)) {
        return fail("bad value '" + word + "'");
    } else if (parsed > most) {
        return fail("value " + word + " out of range, bound " + std::to_string(most));
    } else {
        value = static_cast<uint32_t>(parsed);
    }
    ++_at;
    return true;
}

bool PatternParser::number_range(const Primitive& primitive, std::span<const NumberName> names, uint32_t most,
                                 uint32_t& low, uint32_t& high) {
    std::string word = token();
    size_t dash = word.find('-');
    uint64_t first;
    uint64_t last;
    if (dash == std::string::npos || !parse_unsigned(word.substr(0, dash), first) ||
        !parse_unsigned(word.substr(dash + 1), last)) {
        bool is_number = number(names, most, low);
        high = low;
        return is_number;
    }
    if (last > most) {
        return fail("value " + word + " out of range, bound " + std::to_string(most));
    }
    if (first > last || (primitive.relation != Relation::Equal && primitive.relation != Relation::Unequal)) {
        return fail("bad range '" + word + "'");
    }
    low = static_cast<uint32_t>(first);
    high = static_cast<uint32_t>(last);
    ++_at;
    return true;
}

PatternParser::Result PatternParser::port_value(const Primitive& primitive) {
    if (primitive.protocol >= 0 && primitive.protocol != kIpProtoTcp && primitive.protocol != kIpProtoUdp &&
        primitive.protocol != kTcpOrUdp) {
        return failed("'port' needs TCP or UDP");
    }
    uint32_t low;
    uint32_t high;
    if (!number_range(primitive, port_names(), 0xffff, low, high)) {
        return {};
    }
    uint32_t mask = primitive.mask.value_or(0xffff) & 0xffff;
    Relation relation = primitive.relation == Relation::Unequal ? Relation::Equal : primitive.relation;
    Condition match = toward(primitive, [&](bool source) {
        return compare_range({kTransportWindow, static_cast<uint16_t>(source ? 0 : 2), 2, mask}, relation, low, high);
    });
    if (primitive.relation == Relation::Unequal) {
        match = unequal({kTransportWindow, 0, 4, 0}, std::move(match));
    }
    return both(carries(primitive, primitive.protocol >= 0 ? primitive.protocol : kTcpOrUdp, true), std::move(match));
}

PatternParser::Result PatternParser::tcp_option(const Primitive& primitive) {
    if (primitive.protocol >= 0 && primitive.protocol != kIpProtoTcp) {
        return failed("'opt' needs TCP");
    }
    int flag = number_named(tcp_flag_names(), token());
    if (flag < 0) {
        return failed("bad TCP option '" + token() + "'");
    }
    ++_at;
    auto bit = static_cast<uint32_t>(flag);
    return both(carries(primitive, kIpProtoTcp, true),
                compare({kTransportWindow, 13, 1, bit}, primitive.relation, bit));
}

PatternParser::Result PatternParser::numeric_value(const Primitive& primitive) {
    Field field = primitive.field;
    if (int several = several_protocols(); field == Field::Proto && several >= 0) {
        if (primitive.protocol >= 0 || primitive.mask ||
            (primitive.relation != Relation::Equal && primitive.relation != Relation::Unequal)) {
            return failed("'" + token() + "' takes no relation but '==' and '!=', and no bit mask");
        }
        ++_at;
        Condition match = carries(primitive, several, false);
        return primitive.relation == Relation::Unequal
                   ? of_version(primitive.version, Condition::negation(std::move(match)))
                   : std::move(match);
    }
    if (primitive.version == 6 && (field == Field::HeaderLength || field == Field::Id)) {
        return failed("IPv6 has no such field, near '" + token() + "'");
    }
    bool icmp6 = field == Field::IcmpType && primitive.protocol == kIp6Icmp;
    Place place = field == Field::Bytes    ? primitive.bytes
                  : primitive.version == 6 ? ip6_place_of(field)
                                           : place_of(field);
    int shift = std::countr_zero(place.mask);
    std::span<const NumberName> names;
    if (field == Field::Proto) {
        names = ip_protocol_names();
    } else if (field == Field::IcmpType) {
        names = icmp6 ? icmp6_type_names() : icmp_type_names();
    }
    uint32_t low;
    uint32_t high;
    if (!number_range(primitive, names, place.mask >> shift, low, high)) {
        return {};
    }
    if (primitive.mask) {
        place.mask &= *primitive.mask << shift;
    }
    Condition match = compare_range(place, primitive.relation, low << shift, high << shift);
    int needed = field == Field::TcpWindow  ? int{kIpProtoTcp}
                 : icmp6                    ? int{kIp6Icmp}
                 : field == Field::IcmpType ? int{kIpProtoIcmp}
                 : field == Field::Bytes    ? primitive.protocol
                                            : -1;
    if (primitive.protocol >= 0 && primitive.protocol != needed) {
        return failed("'" + token() + "' does not belong to this protocol");
    }
    if (needed >= 0) {
        return both(carries(primitive, needed, true), std::move(match));
    }
    return field == Field::Version ? std::move(match) : of_version(primitive.version, std::move(match));
}

}  // namespace click::ip_pattern
