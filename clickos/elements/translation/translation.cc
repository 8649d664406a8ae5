// SPDX-License-Identifier: Apache-2.0
#include "elements/translation/translation.hh"

namespace click {

namespace {

/// Byte 8 of an address in which IPv4 is embedded is 0 (RFC 6052 2.2).
constexpr size_t kReservedByte = 8;

constexpr bool is_embedding_length(int length) {
    return length == 32 || length == 40 || length == 48 || length == 56 || length == 64 || length == 96;
}

}  // namespace

IP6Address TranslationPrefix::embed(IPAddress address) const {
    IP6Address embedded = _prefix;
    uint32_t bits = address.host_order();
    size_t at = _length / 8;
    for (int shift = 24; shift >= 0; shift -= 8) {
        at += at == kReservedByte ? 1 : 0;
        embedded.data()[at++] = static_cast<uint8_t>(bits >> shift);
    }
    return embedded;
}

bool TranslationPrefix::extract(const IP6Address& from, IPAddress& address) const {
    if (!from.matches_prefix(_prefix, IP6Address::prefix_mask(_length))) {
        return false;
    }
    uint32_t bits = 0;
    size_t at = _length / 8;
    for (int i = 0; i < 4; ++i) {
        at += at == kReservedByte ? 1 : 0;
        bits = bits << 8 | from.data()[at++];
    }
    address = IPAddress::from_host_order(bits);
    return true;
}

bool parse_arg(std::string_view text, TranslationPrefix& value, ArgContext& context) {
    IP6Prefix prefix;
    if (!parse_arg(text, prefix, context)) {
        return false;
    }
    int length = prefix.mask.mask_length();
    if (!is_embedding_length(length) || prefix.address.data()[kReservedByte] != 0) {
        return context.error("prefix must have 32, 40, 48, 56, 64 or 96 bits, and bits 64 to 71 zero");
    }
    IP6Address address;
    for (size_t i = 0; i < IP6Address::kSize; ++i) {
        address.data()[i] = prefix.address.data()[i] & prefix.mask.data()[i];
    }
    value = TranslationPrefix(address, static_cast<unsigned>(length));
    return true;
}

namespace detail {

void rewrite_transport(uint8_t* segment, size_t available, uint8_t protocol, uint16_t source_port,
                       uint16_t destination_port, uint8_t icmp_type, uint32_t change) {
    uint64_t sum = change;
    auto replace = [&](size_t at, uint16_t value) {
        uint16_t old;
        std::memcpy(&old, segment + at, sizeof old);
        uint16_t fresh = net16(value);
        std::memcpy(segment + at, &fresh, sizeof fresh);
        sum += static_cast<uint16_t>(~old);
        sum += fresh;
    };
    size_t checksum_at;
    if (protocol == kIpProtoIcmp && available >= sizeof(IcmpHeader)) {
        checksum_at = 2;
        replace(0, static_cast<uint16_t>(icmp_type << 8 | segment[1]));
        replace(4, icmp_type == 8 || icmp_type == kIcmp6Echo ? source_port : destination_port);
    } else if ((protocol == kIpProtoTcp || protocol == kIpProtoUdp) && available >= 4) {
        checksum_at = protocol == kIpProtoTcp ? 16 : 6;
        replace(0, source_port);
        replace(2, destination_port);
    } else {
        return;
    }
    if (available < checksum_at + 2) {
        return;
    }
    uint16_t checksum;
    std::memcpy(&checksum, segment + checksum_at, sizeof checksum);
    if (protocol == kIpProtoUdp && checksum == 0) {
        return;
    }
    checksum = static_cast<uint16_t>(~checksum_fold(static_cast<uint16_t>(~checksum) + sum));
    if (protocol == kIpProtoUdp && checksum == 0) {
        checksum = 0xffff;
    }
    std::memcpy(segment + checksum_at, &checksum, sizeof checksum);
}

}  // namespace detail

}  // namespace click
