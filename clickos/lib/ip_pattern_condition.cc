// SPDX-License-Identifier: Apache-2.0
#include "lib/ip_pattern_condition.hh"

#include "net/ip.hh"

namespace click::ip_pattern {

namespace {

std::vector<Condition> list(Condition a, Condition b) {
    std::vector<Condition> parts;
    parts.push_back(std::move(a));
    parts.push_back(std::move(b));
    return parts;
}

}  // namespace

Place place_of(Field field) {
    switch (field) {
        case Field::Version:
            return {kNetworkWindow, 0, 1, 0xf0};
        case Field::HeaderLength:
            return {kNetworkWindow, 0, 1, 0x0f};
        case Field::Tos:
            return {kNetworkWindow, 1, 1, 0xff};
        case Field::Dscp:
            return {kNetworkWindow, 1, 1, 0xfc};
        case Field::Ect:
        case Field::Ce:
            return {kNetworkWindow, 1, 1, 0x03};
        case Field::Length:
            return {kNetworkWindow, 2, 2, 0xffff};
        case Field::Id:
            return {kNetworkWindow, 4, 2, 0xffff};
        case Field::Ttl:
            return {kNetworkWindow, 8, 1, 0xff};
        case Field::Proto:
            return {kNetworkWindow, 9, 1, 0xff};
        case Field::TcpWindow:
            return {kTransportWindow, 14, 2, 0xffff};
        default:
            return {kTransportWindow, 0, 1, 0xff};
    }
}

Condition both(Condition a, Condition b) { return Condition::all(list(std::move(a), std::move(b))); }

Condition either(Condition a, Condition b) { return Condition::any(list(std::move(a), std::move(b))); }

Condition is_protocol(int protocol) {
    switch (protocol) {
        case kTcpOrUdp:
            return either(is_protocol(kIpProtoTcp), is_protocol(kIpProtoUdp));
        case kAnyTransport:
            return in_first_fragment(Condition::always());
        default:
            return Condition::equal(kNetworkWindow, 9, 1, 0xff, static_cast<uint32_t>(protocol));
    }
}

Condition in_first_fragment(Condition protocol) {
    return both(std::move(protocol), Condition::equal(kNetworkWindow, 6, 2, IpHeader::kOffsetMask, 0));
}

Condition unequal(const Place& place, Condition condition) {
    Condition there =
        Condition::test(PacketTest::has_bytes(place.window, static_cast<uint16_t>(place.offset + place.bytes)));
    return both(std::move(there), Condition::negation(std::move(condition)));
}

Condition compare(const Place& place, Relation relation, uint32_t value) {
    auto greater = [&](bool or_equal) {
        return Condition::greater(place.window, place.offset, place.bytes, place.mask, value, or_equal);
    };
    switch (relation) {
        case Relation::Equal:
            return Condition::equal(place.window, place.offset, place.bytes, place.mask, value);
        case Relation::Unequal:
            return unequal(place, compare(place, Relation::Equal, value));
        case Relation::Greater:
            return greater(false);
        case Relation::GreaterEqual:
            return greater(true);
        case Relation::Less:
            return unequal(place, greater(true));
        case Relation::LessEqual:
            return unequal(place, greater(false));
    }
    return Condition::never();
}

Condition compare_range(const Place& place, Relation relation, uint32_t low, uint32_t high) {
    if (low == high) {
        return compare(place, relation, low);
    }
    Condition within = both(compare(place, Relation::GreaterEqual, low), compare(place, Relation::LessEqual, high));
    return relation == Relation::Unequal ? unequal(place, std::move(within)) : std::move(within);
}

}  // namespace click::ip_pattern
