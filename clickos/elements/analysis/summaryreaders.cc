// SPDX-License-Identifier: Apache-2.0
#include <click/args.hh>
#include <click/clock.hh>

#include <algorithm>

#include "elements/analysis/optiontext.hh"
#include "elements/analysis/summarypacket.hh"
#include "elements/analysis/tcpoptions.hh"
#include "lang/confparse.hh"
#include "lib/ip_names.hh"

namespace click {

namespace {

/// Reads a number that fits into `place`, as it is.
template <typename T>
bool number(std::string_view word, T& place) {
    uint64_t value = 0;
    if (!parse_unsigned(word, value) || value > std::numeric_limits<T>::max()) {
        return false;
    }
    place = static_cast<T>(value);
    return true;
}
template <typename T>
bool number(std::string_view word, std::optional<T>& place) {
    T value = 0;
    bool good = number(word, value);
    place = good ? std::optional<T>(value) : place;
    return good;
}
/// Reads a number and gives it to `set`: fields of headers cannot be referred to.
template <typename T, typename Set>
bool with_number(std::string_view word, Set set) {
    T value = 0;
    bool good = number(word, value);
    if (good) {
        set(value);
    }
    return good;
}

bool moment(std::string_view word, int64_t& place) {
    SilentErrorHandler silent;
    ArgContext context(nullptr, silent, {});
    Moment value;
    bool good = parse_arg(word, value, context);
    place = good ? value.nanoseconds : place;
    return good;
}

bool read_timestamp(std::string_view word, SummaryPacket& packet) {
    int64_t time = 0;
    bool good = moment(word, time);
    packet.timestamp = good ? std::optional<int64_t>(time) : packet.timestamp;
    return good;
}

bool read_fragment(std::string_view word, SummaryPacket& packet) {
    constexpr uint16_t kSomeOffset = 100;
    uint16_t bits = 0;
    if (word == "F") {
        bits = IpHeader::kMoreFragments;
    } else if (word == "f") {
        bits = kSomeOffset;
    } else if (word == "!") {
        bits = IpHeader::kDontFragment;
    } else if (word != ".") {
        return false;
    }
    bool has_offset = (net16(packet.ip.fragment) & IpHeader::kOffsetMask) != 0;
    packet.ip.fragment |= has_offset && word == "f" ? 0 : net16(bits);
    return true;
}

bool read_fragment_offset(std::string_view word, SummaryPacket& packet) {
    uint16_t bits = 0;
    for (; word.ends_with('+') || word.ends_with('!'); word.remove_suffix(1)) {
        bits |= word.back() == '+' ? IpHeader::kMoreFragments : IpHeader::kDontFragment;
    }
    uint16_t offset = 0;
    if (!number(word, offset)) {
        return false;
    }
    if (!packet.offsets_of_eight) {
        if (offset % 8 != 0) {
            return false;
        }
        offset /= 8;
    }
    packet.ip.fragment = net16(static_cast<uint16_t>(bits | offset));
    return offset <= IpHeader::kOffsetMask;
}

bool read_protocol(std::string_view word, SummaryPacket& packet) {
    if (word == "T" || word == "U" || word == "I") {
        packet.protocol = word == "T" ? kIpProtoTcp : word == "U" ? kIpProtoUdp : kIpProtoIcmp;
        return true;
    }
    int named = number_named(ip_protocol_names(), word);
    if (named >= 0) {
        packet.protocol = static_cast<uint8_t>(named);
        return true;
    }
    return number(word, packet.protocol);
}

bool read_tos_bits(std::string_view word, SummaryPacket& packet, unsigned shift, uint8_t most) {
    uint8_t value = 0;
    if (!number(word, value) || value > most) {
        return false;
    }
    packet.ip.tos = static_cast<uint8_t>((packet.ip.tos & ~(most << shift)) | value << shift);
    return true;
}

bool read_ecn(std::string_view word, SummaryPacket& packet) {
    constexpr std::string_view kNames[] = {"no", "ect1", "ect2", "ce"};
    const auto* name = std::ranges::find(kNames, word);
    return read_tos_bits(name != std::end(kNames) ? std::to_string(name - kNames) : std::string(word), packet, 0, 3);
}

bool read_tcp_flags(std::string_view word, SummaryPacket& packet) {
    constexpr std::string_view kLetters = "FSRPAUECN";
    constexpr std::string_view kFormerLetters = "FSRPAUXYNW";  // of version 1.0, and the W of 1.1
    uint16_t flags = 0;
    if (!number(word, flags)) {
        for (char letter : word == "." ? std::string_view() : word) {
            size_t bit = std::min(kLetters.find(letter), kFormerLetters.find(letter));
            if (bit == std::string_view::npos) {
                return false;
            }
            flags |= static_cast<uint16_t>(1U << (bit == kLetters.size() ? kLetters.find('C') : bit));
        }
    }
    constexpr uint16_t kMost = 0x1ff;
    packet.tcp.flags = static_cast<uint8_t>(flags);
    packet.tcp.offset = static_cast<uint8_t>(flags >> 8);
    return flags <= kMost;
}

/// A number of 16 bits, in network order.
bool read_half(std::string_view word, uint8_t* bytes) {
    return with_number<uint16_t>(word, [&](uint16_t value) {
        bytes[0] = static_cast<uint8_t>(value >> 8);
        bytes[1] = static_cast<uint8_t>(value);
    });
}

bool read_direction(std::string_view word, SummaryPacket& packet) {
    if (word != ">" && word != "<" && !number(word, packet.paint)) {
        return false;
    }
    packet.paint = word == ">" ? 0 : word == "<" ? 1 : packet.paint;
    packet.backwards = packet.paint == 1;
    return true;
}

bool read_seconds(std::string_view word, SummaryPacket& packet) {
    uint32_t seconds = 0;
    bool good = number(word, seconds);
    packet.timestamp = packet.timestamp.value_or(0) % clock::kSecond + seconds * clock::kSecond;
    return good;
}

bool read_microseconds(std::string_view word, SummaryPacket& packet, uint64_t most, bool whole) {
    uint64_t value = 0;
    if (!number(word, value) || value > most) {
        return false;
    }
    int64_t before = packet.timestamp.value_or(0);
    packet.timestamp = (whole ? 0 : before - before % clock::kSecond) + static_cast<int64_t>(value) * 1000;
    return true;
}

struct Reader {
    std::string_view field;
    SummaryReader read;
};

using Word = std::string_view;
using To = SummaryPacket;
constexpr uint64_t kMicroseconds = 1'000'000;

constexpr Reader kReaders[] = {
    {"timestamp", read_timestamp},
    {"ntimestamp", read_timestamp},
    {"first_timestamp", [](Word word, To& to) { return moment(word, to.first_timestamp); }},
    {"first_ntimestamp", [](Word word, To& to) { return moment(word, to.first_timestamp); }},
    {"ts_sec", read_seconds},
    {"ts_usec", [](Word word, To& to) { return read_microseconds(word, to, kMicroseconds - 1, false); }},
    {"ts_usec1", [](Word word, To& to) { return read_microseconds(word, to, INT64_MAX / 1000, true); }},
    {"ip_src",
     [](Word word, To& to) {
         IPAddress value;
         bool good = parse_ip_address(word, value);
         to.ip.source = good ? value.network_order() : to.ip.source;
         return good;
     }},
    {"ip_dst",
     [](Word word, To& to) {
         IPAddress value;
         bool good = parse_ip_address(word, value);
         to.ip.destination = good ? value.network_order() : to.ip.destination;
         return good;
     }},
    {"ip_frag", read_fragment},
    {"ip_fragoff", read_fragment_offset},
    {"ip_len", [](Word word, To& to) { return number(word, to.ip_length); }},
    {"ip_proto", read_protocol},
    {"ip_hl", [](Word word, To& to) { return number(word, to.header_length); }},
    {"ip_id",
     [](Word word, To& to) { return with_number<uint16_t>(word, [&](uint16_t value) { to.ip.id = net16(value); }); }},
    {"ip_tos", [](Word word, To& to) { return number(word, to.ip.tos); }},
    {"ip_dscp", [](Word word, To& to) { return read_tos_bits(word, to, 2, 63); }},
    {"ip_ecn", read_ecn},
    {"ip_ttl", [](Word word, To& to) { return number(word, to.ip.ttl); }},
    {"ip_sum",
     [](Word word, To& to) {
         return with_number<uint16_t>(word, [&](uint16_t value) { to.ip.checksum = net16(value); });
     }},
    {"ip_opt", [](Word word, To& to) { return parse_ip_options(word, to.ip_options); }},
    {"sport", [](Word word, To& to) { return number(word, to.source_port); }},
    {"dport", [](Word word, To& to) { return number(word, to.destination_port); }},
    {"tcp_seq",
     [](Word word, To& to) {
         return with_number<uint32_t>(word, [&](uint32_t value) { to.tcp.sequence = net32(value); });
     }},
    {"tcp_ack",
     [](Word word, To& to) {
         return with_number<uint32_t>(word, [&](uint32_t value) { to.tcp.acknowledgement = net32(value); });
     }},
    {"tcp_off", [](Word word, To& to) { return number(word, to.tcp_header_length); }},
    {"tcp_flags", read_tcp_flags},
    {"tcp_window",
     [](Word word, To& to) {
         return with_number<uint16_t>(word, [&](uint16_t value) { to.tcp.window = net16(value); });
     }},
    {"tcp_sum",
     [](Word word, To& to) {
         return with_number<uint16_t>(word, [&](uint16_t value) { to.tcp.checksum = net16(value); });
     }},
    {"tcp_urp",
     [](Word word, To& to) {
         return with_number<uint16_t>(word, [&](uint16_t value) { to.tcp.urgent = net16(value); });
     }},
    {"tcp_opt", [](Word word, To& to) { return parse_tcp_options(word, to.tcp_options); }},
    {"tcp_ntopt", [](Word word, To& to) { return parse_tcp_options(word, to.tcp_options); }},
    {"tcp_sack", [](Word word, To& to) { return parse_tcp_options(word, to.tcp_options); }},
    {"udp_len", [](Word word, To& to) { return number(word, to.udp_length); }},
    {"udp_sum", [](Word word, To& to) { return number(word, to.udp_checksum); }},
    {"icmp_type", [](Word word, To& to) { return number(word, to.icmp.type); }},
    {"icmp_code", [](Word word, To& to) { return number(word, to.icmp.code); }},
    {"icmp_type_name",
     [](Word word, To& to) {
         int type = parse_icmp_type(word);
         to.icmp.type = static_cast<uint8_t>(std::max(type, 0));
         return type >= 0;
     }},
    {"icmp_code_name",
     [](Word word, To& to) {
         int code = parse_icmp_code(word, to.icmp.type);
         to.icmp.code = static_cast<uint8_t>(std::max(code, 0));
         return code >= 0;
     }},
    {"icmp_flowid", [](Word word, To& to) { return read_half(word, to.icmp.rest); }},
    {"icmp_seqno", [](Word word, To& to) { return read_half(word, to.icmp.rest + 2); }},
    {"icmp_nextmtu", [](Word word, To& to) { return read_half(word, to.icmp.rest + 2); }},
    {"payload_len", [](Word word, To& to) { return number(word, to.payload_length); }},
    {"payload",
     [](Word word, To& to) {
         to.payload = unquote(word);
         return true;
     }},
    {"wire_len", [](Word word, To& to) { return number(word, to.wire_length); }},
    {"count", [](Word word, To& to) { return number(word, to.count) && to.count > 0; }},
    {"aggregate", [](Word word, To& to) { return number(word, to.aggregate); }},
    {"link", [](Word word, To& to) { return number(word, to.paint); }},
    {"direction", read_direction},
};

}  // namespace

SummaryReader find_summary_reader(std::string_view field) {
    const auto* reader = std::ranges::find(kReaders, field, &Reader::field);
    return reader != std::end(kReaders) ? reader->read : nullptr;
}

}  // namespace click
