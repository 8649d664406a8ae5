// SPDX-License-Identifier: Apache-2.0
#include "elements/analysis/optiontext.hh"

#include <algorithm>

#include "elements/ip/ipoptions.hh"
#include "lang/confparse.hh"
#include "net/ipaddress.hh"

namespace click {

namespace {

using Bytes = std::span<const uint8_t>;

constexpr size_t kMostOptions = 40;
constexpr size_t kWord = 4;
/// The kinds of a timestamp option (RFC 791).
enum : uint8_t { kTimesOnly = 0, kTimesWithAddresses = 1, kTimesOfGivenAddresses = 3 };
/// The bit of a timestamp that is no time since midnight.
constexpr uint32_t kNonstandard = 0x80000000;

uint32_t word_at(Bytes bytes, size_t at) {
    return uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 | uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

std::string address_at(Bytes bytes, size_t at) { return IPAddress::from_host_order(word_at(bytes, at)).unparse(); }

void put(std::string& bytes, uint64_t value, unsigned count) {
    while (count-- > 0) {
        bytes += static_cast<char>(value >> count * 8);
    }
}

/// How many entries lie before the pointer, the third byte of an option; false when it points between or behind them.
bool entries_before(Bytes option, size_t header, size_t size, size_t& before) {
    size_t at = option[2];
    if (option.size() < header || at <= header || at > option.size() + 1 || (at - 1 - header) % size != 0 ||
        (option.size() - header) % kWord != 0) {
        return false;
    }
    before = (at - 1 - header) / size;
    return true;
}

/// Record route, and source routes, which name all addresses and have a caret at the pointer.
bool append_route(Bytes option, const char* name, std::string& line) {
    constexpr size_t kHeader = 3;
    size_t before = 0;
    if (option.size() < kHeader || !entries_before(option, kHeader, kWord, before)) {
        return false;
    }
    bool caret = option[0] != ip_option::kRecordRoute;
    size_t entries = (option.size() - kHeader) / kWord;
    line += name;
    line += '{';
    for (size_t i = 0; i < (caret ? entries : before); ++i) {
        line += caret && i == before ? "^" : i > 0 ? "," : "";
        line += address_at(option, kHeader + i * kWord);
    }
    line += caret && before == entries ? "^}" : "}";
    if (!caret && before < entries) {
        line += "+" + std::to_string(entries - before);
    }
    return true;
}

bool append_times(Bytes option, std::string& line) {
    constexpr size_t kHeader = 4;
    size_t before = 0;
    if (option.size() < kHeader) {
        return false;
    }
    unsigned kind = option[3] & 15;
    bool addresses = kind != kTimesOnly;
    bool given = kind == kTimesOfGivenAddresses;
    size_t size = addresses ? 2 * kWord : kWord;
    if ((kind > kTimesWithAddresses && !given) || !entries_before(option, kHeader, size, before)) {
        return false;
    }
    size_t entries = (option.size() - kHeader) / size;
    line += given ? "ts.preip{" : addresses ? "ts.ip{" : "ts{";
    for (size_t i = 0; i < (given ? entries : before); ++i) {
        size_t at = kHeader + i * size;
        line += given && i == before ? "^" : i > 0 ? "," : "";
        line += addresses ? address_at(option, at) : "";
        if (i >= before) {
            continue;
        }
        uint32_t time = word_at(option, at + size - kWord);
        line += addresses ? "=" : "";
        line += (time & kNonstandard) != 0 ? "!" : "";
        line += std::to_string(time & ~kNonstandard);
    }
    line += given && before == entries ? "^}" : "}";
    if (!given && before < entries) {
        line += "+" + std::to_string(entries - before);
    }
    if (option[3] >> 4 != 0) {
        line += "++" + std::to_string(option[3] >> 4);
    }
    return true;
}

bool append_option(Bytes option, std::string& line) {
    switch (option[0]) {
        case ip_option::kRecordRoute:
            return append_route(option, "rr", line);
        case ip_option::kLooseSourceRoute:
            return append_route(option, "lsrr", line);
        case ip_option::kStrictSourceRoute:
            return append_route(option, "ssrr", line);
        case ip_option::kTimestamp:
            return append_times(option, line);
        default:
            append_plain_option(option[0], option.subspan(2), line);
            return true;
    }
}

/// Reads a number from the beginning of a text.
bool take_number(std::string_view& text, uint64_t most, uint64_t& value) {
    size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    bool good = parse_unsigned(text.substr(0, end), value) && value <= most;
    text.remove_prefix(end);
    return good;
}

struct OptionForm {
    std::string_view name;
    uint8_t kind;
    uint8_t times;  ///< the kind of timestamps
};
constexpr OptionForm kForms[] = {
    {"rr", ip_option::kRecordRoute, 0},
    {"lsrr", ip_option::kLooseSourceRoute, 0},
    {"ssrr", ip_option::kStrictSourceRoute, 0},
    {"ts", ip_option::kTimestamp, kTimesOnly},
    {"ts.ip", ip_option::kTimestamp, kTimesWithAddresses},
    {"ts.preip", ip_option::kTimestamp, kTimesOfGivenAddresses},
};

/// Reads one entry: an address, a time, or both.
bool put_entry(std::string_view word, bool address, bool time, std::string& bytes) {
    if (address) {
        size_t equals = std::min(word.find('='), word.size());
        IPAddress value;
        if (!parse_ip_address(word.substr(0, equals), value)) {
            return false;
        }
        put(bytes, net32(value.network_order()), kWord);
        word.remove_prefix(std::min(equals + 1, word.size()));
    }
    if (time) {
        uint64_t value = 0;
        bool odd = word.starts_with('!');
        word.remove_prefix(odd ? 1 : 0);
        if (word.empty() && address) {
            put(bytes, 0, kWord);  // it is still to come
            return true;
        }
        if (!parse_unsigned(word, value) || value >= kNonstandard) {
            return false;
        }
        put(bytes, value | (odd ? kNonstandard : 0), kWord);
    }
    return true;
}

/// Reads `NAME{ENTRY,ENTRY^ENTRY}+ROOM++OVERFLOW`.
bool put_list(const OptionForm& form, std::string_view text, std::string& bytes) {
    bool time = form.kind == ip_option::kTimestamp;
    bool address = !time || form.times != kTimesOnly;
    size_t close = text.find('}');
    if (close == std::string_view::npos) {
        return false;
    }
    std::string entries;
    size_t pointer = std::string::npos;
    for (std::string_view list = text.substr(0, close); !list.empty();) {
        if (list[0] == '^') {
            pointer = entries.size();
            list.remove_prefix(1);
            continue;
        }
        size_t end = std::min(list.find_first_of(",^"), list.size());
        if (!put_entry(list.substr(0, end), address, time, entries)) {
            return false;
        }
        list.remove_prefix(end < list.size() && list[end] == ',' ? end + 1 : end);
    }
    pointer = pointer == std::string::npos ? entries.size() : pointer;
    uint64_t room = 0;
    uint64_t overflow = 0;
    std::string_view rest = text.substr(close + 1);
    if (rest.starts_with('+') && !rest.starts_with("++")) {
        rest.remove_prefix(1);
        if (!take_number(rest, kMostOptions, room)) {
            return false;
        }
    }
    if (time && rest.starts_with("++")) {
        rest.remove_prefix(2);
        if (!take_number(rest, 15, overflow)) {
            return false;
        }
    }
    size_t header = time ? 4 : 3;
    entries.resize(entries.size() + room * (time && address ? 2 * kWord : kWord));
    put(bytes, form.kind, 1);
    put(bytes, header + entries.size(), 1);
    put(bytes, header + 1 + pointer, 1);
    if (time) {
        put(bytes, overflow << 4 | form.times, 1);
    }
    bytes += entries;
    return rest.empty();
}

}  // namespace

void append_plain_option(uint8_t kind, std::span<const uint8_t> data, std::string& line) {
    line += std::to_string(kind);
    char separator = '=';
    for (uint8_t byte : data) {
        line += separator + std::to_string(byte);
        separator = ':';
    }
}

bool put_plain_option(std::string_view word, std::string& bytes) {
    constexpr uint64_t kMost = 255;
    size_t equals = word.find('=');
    uint64_t kind = 0;
    if (!parse_unsigned(word.substr(0, equals), kind) || kind > kMost) {
        return false;
    }
    std::string data;
    while (equals != std::string_view::npos) {
        word.remove_prefix(equals + 1);
        equals = word.find(':');
        uint64_t byte = 0;
        if (!parse_unsigned(word.substr(0, equals), byte) || byte > kMost) {
            return false;
        }
        put(data, byte, 1);
    }
    put(bytes, kind, 1);
    put(bytes, data.size() + 2, 1);
    bytes += data;
    return true;
}

void append_ip_options(std::span<const uint8_t> options, std::string& line) {
    size_t begin = line.size();
    auto length = static_cast<unsigned>(options.size());
    for (unsigned at = 0; at < length && options[at] != ip_option::kEnd;) {
        unsigned own = ip_option::length_at(options.data(), length, at);
        std::string text;
        if (own == 0 || (options[at] != ip_option::kNop && !append_option(options.subspan(at, own), text))) {
            line.resize(begin);
            line += '?';
            return;
        }
        line += line.size() > begin && !text.empty() ? ";" : "";
        line += text;
        at += own;
    }
    line += line.size() == begin ? "." : "";
}

bool parse_ip_options(std::string_view text, std::string& options) {
    std::string bytes;
    for (std::string_view rest = text == "." ? std::string_view() : text; !rest.empty();) {
        size_t end = std::min(rest.find(';'), rest.size());
        std::string_view word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        size_t brace = word.find('{');
        const auto* form = std::ranges::find(kForms, word.substr(0, brace), &OptionForm::name);
        bool good = true;
        if (word == "nop" || word == "eol") {
            put(bytes, word == "nop" ? ip_option::kNop : ip_option::kEnd, 1);
        } else if (brace != std::string_view::npos && form != std::end(kForms)) {
            good = put_list(*form, word.substr(brace + 1), bytes);
        } else {
            good = put_plain_option(word, bytes);
        }
        if (!good || bytes.size() > kMostOptions) {
            return false;
        }
    }
    bytes.resize((bytes.size() + 3) / 4 * 4);
    options = std::move(bytes);
    return true;
}

}  // namespace click
