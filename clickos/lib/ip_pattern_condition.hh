// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lib/ip_pattern.hh"

/// What the parser of IP patterns makes conditions of.
namespace click::ip_pattern {

enum class Direction : uint8_t { None, Source, Destination, Either, Both };
enum class Relation : uint8_t { Equal, Unequal, Greater, GreaterEqual, Less, LessEqual };
enum class Field : uint8_t {
    None,
    Host,
    Net,
    Port,
    Ether,
    Proto,
    Version,
    HeaderLength,
    Tos,
    Dscp,
    Ect,
    Ce,
    Length,
    Id,
    Ttl,
    Frag,
    Unfrag,
    TcpOption,
    TcpWindow,
    IcmpType,
    FlowLabel,
    Bytes,
};

/// Where a numeric field lies.
struct Place {
    uint8_t window;
    uint16_t offset;
    uint8_t bytes;
    uint32_t mask;
};

Place place_of(Field field);
/// The same in an IPv6 header, for fields that it has.
Place ip6_place_of(Field field);
Condition is_ip6_fragment();

Condition both(Condition a, Condition b);
Condition either(Condition a, Condition b);
/// Protocols that are no single number of the IP header.
inline constexpr int kTcpOrUdp = 256;
inline constexpr int kAnyTransport = 257;  ///< whatever it is: what is no later fragment begins with a transport header

Condition is_protocol(int protocol);
/// Fragments but the first have no transport header.
Condition in_first_fragment(Condition protocol);
/// `condition`, negated but still false of packets that lack the field.
Condition unequal(const Place& place, Condition condition);
Condition compare(const Place& place, Relation relation, uint32_t value);
/// The same for values from `low` to `high`; if these differ, the relation is Equal or Unequal.
Condition compare_range(const Place& place, Relation relation, uint32_t low, uint32_t high);

}  // namespace click::ip_pattern
