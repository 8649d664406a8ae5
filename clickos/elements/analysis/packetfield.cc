// SPDX-License-Identifier: Apache-2.0
#include "elements/analysis/packetfield.hh"

#include <click/router.hh>

#include <algorithm>
#include <bit>

#include "lang/confparse.hh"
#include "net/ip.hh"

namespace click {

namespace {

struct NamedField {
    std::string_view base;
    std::string_view name;
    uint16_t offset;
    uint16_t bits;
};
constexpr NamedField kNames[] = {
    {"ip", "vers", 0, 4},        {"ip", "hl", 4, 4},       {"ip", "tos", 8, 8},      {"ip", "dscp", 8, 6},
    {"ip", "ecn", 14, 2},        {"ip", "len", 16, 16},    {"ip", "id", 32, 16},     {"ip", "off", 48, 16},
    {"ip", "rf", 48, 1},         {"ip", "df", 49, 1},      {"ip", "mf", 50, 1},      {"ip", "fragoff", 51, 13},
    {"ip", "ttl", 64, 8},        {"ip", "proto", 72, 8},   {"ip", "sum", 80, 16},    {"ip", "src", 96, 32},
    {"ip", "dst", 128, 32},      {"tcp", "sport", 0, 16},  {"tcp", "dport", 16, 16}, {"tcp", "seq", 32, 32},
    {"tcp", "ack", 64, 32},      {"tcp", "hl", 96, 4},     {"tcp", "flags", 106, 6}, {"tcp", "urg", 106, 1},
    {"tcp", "ackf", 107, 1},     {"tcp", "psh", 108, 1},   {"tcp", "rst", 109, 1},   {"tcp", "syn", 110, 1},
    {"tcp", "fin", 111, 1},      {"tcp", "win", 112, 16},  {"tcp", "sum", 128, 16},  {"tcp", "urp", 144, 16},
    {"udp", "sport", 0, 16},     {"udp", "dport", 16, 16}, {"udp", "len", 32, 16},   {"udp", "sum", 48, 16},
    {"icmp", "type", 0, 8},      {"icmp", "code", 8, 8},   {"icmp", "sum", 16, 16},  {"transp", "sport", 0, 16},
    {"transp", "dport", 16, 16},
};

bool parse_base(std::string_view word, PacketField& field) {
    constexpr struct {
        std::string_view name;
        PacketField::Base base;
        int protocol;
    } kBases[] = {{"ip", PacketField::Base::Ip, PacketField::kAnyProtocol},
                  {"transp", PacketField::Base::Transport, PacketField::kAnyProtocol},
                  {"data", PacketField::Base::Data, PacketField::kAnyProtocol},
                  {"tcp", PacketField::Base::Transport, kIpProtoTcp},
                  {"udp", PacketField::Base::Transport, kIpProtoUdp},
                  {"icmp", PacketField::Base::Transport, kIpProtoIcmp}};
    for (const auto& each : kBases) {
        if (each.name == word) {
            field.base = each.base;
            field.protocol = each.protocol;
            return true;
        }
    }
    return false;
}

/// Reads what stands in brackets: OFFSET, OFFSET:LENGTH or FIRST-LAST, in units of `unit` bits.
bool parse_place(std::string_view text, unsigned unit, PacketField& field) {
    constexpr uint64_t kMostOffset = 65535;
    size_t mark = text.find_first_of(":-");
    uint64_t first = 0;
    uint64_t second = 1;
    if (!parse_unsigned(trim(text.substr(0, mark)), first) || first > kMostOffset) {
        return false;
    }
    if (mark != std::string_view::npos) {
        bool range = text[mark] == '-';
        if (!parse_unsigned(trim(text.substr(mark + 1)), second) || second > kMostOffset || (range && second < first)) {
            return false;
        }
        second = range ? second - first + 1 : second;
    }
    field.offset = static_cast<uint32_t>(first) * unit;
    field.bits = static_cast<uint32_t>(second) * unit;
    return true;
}

/// Leaves of the field what `/N` or `& MASK` says.
bool parse_mask(std::string_view text, PacketField& field) {
    uint64_t number = 0;
    if (text.empty()) {
        return true;
    }
    if ((text[0] != '/' && text[0] != '&') || !parse_unsigned(trim(text.substr(1)), number) || number == 0) {
        return false;
    }
    uint32_t behind = 0;
    if (text[0] == '/') {
        if (number > field.bits) {
            return false;
        }
        behind = field.bits - static_cast<uint32_t>(number);
    } else {
        behind = static_cast<uint32_t>(std::countr_zero(number));
        auto width = static_cast<uint32_t>(std::bit_width(number));
        if (width > field.bits || !std::has_single_bit((number >> behind) + 1)) {
            return false;
        }
        field.offset += field.bits - width;
        field.bits = width;
    }
    field.bits -= behind;
    field.cut = behind;
    return true;
}

/// What an IPFieldInfo calls so, or null.
const PacketField* find_named(std::string_view name, const Element* element) {
    if (!element) {
        return nullptr;
    }
    for (const auto& other : element->router().elements()) {
        const auto* book = other->as<FieldBook>();
        if (const PacketField* field = book ? book->find_field(name) : nullptr) {
            return field;
        }
    }
    return nullptr;
}

}  // namespace

bool parse_arg(std::string_view text, PacketField& value, ArgContext& context) {
    std::string_view whole = trim(text);
    if (const PacketField* known = find_named(whole, context.element())) {
        value = *known;
        return true;
    }
    size_t end = std::min(whole.find_first_of(" [{"), whole.size());
    std::string_view base = whole.substr(0, end);
    std::string_view rest = trim(whole.substr(end));
    PacketField field;
    bool good = parse_base(base, field) && !rest.empty();
    if (good && (rest[0] == '[' || rest[0] == '{')) {
        size_t close = rest.find(rest[0] == '[' ? ']' : '}');
        good = close != std::string_view::npos && parse_place(rest.substr(1, close - 1), rest[0] == '[' ? 8 : 1, field);
        rest = good ? rest.substr(close + 1) : rest;
    } else if (good) {
        size_t length = std::min(rest.find_first_of(" /&"), rest.size());
        const auto* named = std::ranges::find_if(
            kNames, [&](const NamedField& each) { return each.base == base && each.name == rest.substr(0, length); });
        good = named != std::end(kNames);
        if (good) {
            field.offset = named->offset;
            field.bits = named->bits;
            rest = rest.substr(length);
        }
    }
    if (!good || !parse_mask(trim(rest), field)) {
        return context.error("bad field specification '%.*s'", static_cast<int>(whole.size()), whole.data());
    }
    if (field.bits == 0 || field.bits > PacketField::kMostBits) {
        return context.error("field of %u bits; must have 1 to 32", field.bits);
    }
    value = field;
    return true;
}

}  // namespace click
