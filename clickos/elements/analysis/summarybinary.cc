// SPDX-License-Identifier: Apache-2.0
#include "elements/analysis/summarybinary.hh"

#include <algorithm>

#include "elements/analysis/summarypacket.hh"
#include "elements/analysis/tcpoptions.hh"
#include "lang/confparse.hh"
#include "lib/format.hh"
#include "net/ipaddress.hh"

namespace click {

namespace {

enum class Form : uint8_t { Number, Address, Moment, Instant, Letter, Offset, Protocol, Flags, Ecn, Options, Text };

struct Layout {
    std::string_view field;
    Form form;
    uint8_t size;
};

/// Fields that are not numbers of four bytes.
constexpr Layout kLayouts[] = {
    {"timestamp", Form::Moment, 8},   {"first_timestamp", Form::Moment, 8},
    {"ntimestamp", Form::Instant, 8}, {"first_ntimestamp", Form::Instant, 8},
    {"ts_usec1", Form::Number, 8},    {"ip_src", Form::Address, 4},
    {"ip_dst", Form::Address, 4},     {"ip_frag", Form::Letter, 1},
    {"ip_fragoff", Form::Offset, 2},  {"ip_proto", Form::Protocol, 1},
    {"ip_hl", Form::Number, 1},       {"ip_id", Form::Number, 2},
    {"ip_tos", Form::Number, 1},      {"ip_dscp", Form::Number, 1},
    {"ip_ecn", Form::Ecn, 1},         {"ip_ttl", Form::Number, 1},
    {"ip_sum", Form::Number, 2},      {"sport", Form::Number, 2},
    {"dport", Form::Number, 2},       {"tcp_off", Form::Number, 1},
    {"tcp_flags", Form::Flags, 1},    {"tcp_window", Form::Number, 2},
    {"tcp_sum", Form::Number, 2},     {"tcp_urp", Form::Number, 2},
    {"tcp_opt", Form::Options, 1},    {"tcp_ntopt", Form::Options, 1},
    {"tcp_sack", Form::Options, 1},   {"udp_len", Form::Number, 2},
    {"udp_sum", Form::Number, 2},     {"icmp_type", Form::Number, 1},
    {"icmp_code", Form::Number, 1},   {"payload", Form::Text, 4},
    {"link", Form::Number, 1},        {"direction", Form::Letter, 1},
};
constexpr Layout kUsual = {{}, Form::Number, 4};

const Layout& layout_of(const SummaryField& field) {
    const auto* layout = std::ranges::find(kLayouts, field.name, &Layout::field);
    return layout != std::end(kLayouts) ? *layout : kUsual;
}

void put(std::string& bytes, uint64_t value, unsigned size) {
    while (size-- > 0) {
        bytes += static_cast<char>(value >> size * 8);
    }
}

uint64_t number(std::string_view bytes) {
    uint64_t value = 0;
    for (char byte : bytes) {
        value = value << 8 | static_cast<uint8_t>(byte);
    }
    return value;
}

constexpr int64_t kSecond = 1'000'000'000;
constexpr std::string_view kFlagLetters = "FSRPAUEC";
constexpr std::string_view kEcnNames[] = {"no", "ect1", "ect2", "ce"};

/// The number that stands for a word that has been read, or for none.
uint64_t code(const Layout& layout, std::string_view word) {
    SummaryPacket packet;
    SummaryReader reader = find_summary_reader(layout.field);
    bool good = reader && reader(word, packet);
    switch (layout.form) {
        case Form::Address:
            return net32(layout.field == "ip_src" ? packet.ip.source : packet.ip.destination);
        case Form::Moment:
        case Form::Instant: {
            int64_t time = layout.field.starts_with("first") ? packet.first_timestamp : packet.timestamp.value_or(0);
            int64_t fraction = layout.form == Form::Moment ? time % kSecond / 1000 : time % kSecond;
            return static_cast<uint64_t>(time / kSecond) << 32 | static_cast<uint64_t>(fraction);
        }
        case Form::Letter:
            return word.size() == 1 ? static_cast<uint8_t>(word[0]) : 0;
        case Form::Offset:
            return net16(packet.ip.fragment);
        case Form::Protocol:
            return packet.protocol.value_or(0);
        case Form::Flags:
            return packet.tcp.flags;
        case Form::Ecn:
            return packet.ip.tos;
        default:
            break;
    }
    uint64_t value = 0;
    return (good || !reader) && parse_unsigned(word, value) ? value : 0;
}

std::string word_of(const Layout& layout, uint64_t value) {
    std::string word;
    switch (layout.form) {
        case Form::Address:
            return IPAddress::from_host_order(static_cast<uint32_t>(value)).unparse();
        case Form::Moment:
            return format("%llu.%06llu", static_cast<unsigned long long>(value >> 32),
                          static_cast<unsigned long long>(value & 0xffffffff));
        case Form::Instant:
            return format("%llu.%09llu", static_cast<unsigned long long>(value >> 32),
                          static_cast<unsigned long long>(value & 0xffffffff));
        case Form::Letter:
            return value != 0 ? std::string(1, static_cast<char>(value)) : "-";
        case Form::Offset:
            word = std::to_string((value & IpHeader::kOffsetMask) * 8);
            word += (value & IpHeader::kMoreFragments) != 0 ? "+" : "";
            return word + ((value & IpHeader::kDontFragment) != 0 ? "!" : "");
        case Form::Flags:
            for (size_t bit = 0; bit < kFlagLetters.size(); ++bit) {
                word.append((value >> bit & 1) != 0 ? 1 : 0, kFlagLetters[bit]);
            }
            return word.empty() ? "." : word;
        case Form::Ecn:
            return std::string(kEcnNames[value & 3]);
        default:
            return std::to_string(value);
    }
}

}  // namespace

size_t summary_record_length(std::string_view head, bool& text) {
    constexpr uint32_t kText = 0x80000000;
    auto word = static_cast<uint32_t>(number(head));
    text = (word & kText) != 0;
    size_t length = word & ~kText;
    constexpr size_t kMost = size_t{1} << 20;
    return std::min(std::max(length, kSummaryRecordHead) - kSummaryRecordHead, kMost);
}

std::string pack_summary_text(std::string_view line) {
    constexpr uint32_t kText = 0x80000000;
    std::string record;
    put(record, kText | static_cast<uint32_t>(line.size() + kSummaryRecordHead), kSummaryRecordHead);
    record += line;
    return record;
}

std::string pack_summary_record(std::span<const SummaryField* const> fields, const std::vector<std::string>& words) {
    std::string bytes;
    for (size_t i = 0; i < fields.size(); ++i) {
        const Layout& layout = layout_of(*fields[i]);
        std::string data;
        if (layout.form == Form::Text) {
            data = words[i] == "-" ? std::string() : unquote(words[i]);
        } else if (layout.form != Form::Options) {
            put(bytes, words[i] == "-" ? 0 : code(layout, words[i]), layout.size);
            continue;
        } else if (words[i] != "-" && words[i] != "?" && !parse_tcp_options(words[i], data)) {
            data.clear();
        }
        put(bytes, data.size(), layout.size);
        bytes += data;
    }
    std::string record;
    put(record, bytes.size() + kSummaryRecordHead, kSummaryRecordHead);
    return record + bytes;
}

std::vector<std::string> unpack_summary_record(std::span<const SummaryField* const> fields, std::string_view record) {
    std::vector<std::string> words;
    for (const SummaryField* field : fields) {
        if (!field || layout_of(*field).size > record.size()) {
            break;
        }
        const Layout& layout = layout_of(*field);
        uint64_t value = number(record.substr(0, layout.size));
        record.remove_prefix(layout.size);
        if (layout.form != Form::Options && layout.form != Form::Text) {
            words.push_back(word_of(layout, value));
            continue;
        }
        std::string_view data = record.substr(0, value);
        record.remove_prefix(data.size());
        std::string word;
        if (layout.form == Form::Text) {
            append_quoted_bytes(data, word);
        } else {
            append_tcp_options({reinterpret_cast<const uint8_t*>(data.data()), data.size()}, TcpOptions::All, word);
        }
        words.push_back(std::move(word));
    }
    return words;
}

}  // namespace click
