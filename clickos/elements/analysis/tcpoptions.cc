// SPDX-License-Identifier: Apache-2.0
#include "elements/analysis/tcpoptions.hh"

#include "elements/analysis/optiontext.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

// Kinds of RFC 9293, 7323 and 2018.
enum : uint8_t { kEnd = 0, kNop = 1, kMss = 2, kWindowScale = 3, kSackPermitted = 4, kSack = 5, kTimestamps = 8 };
constexpr size_t kMostOptions = 40;
constexpr size_t kSackBlock = 8;

uint32_t number(std::span<const uint8_t> bytes) {
    uint32_t value = 0;
    for (uint8_t byte : bytes) {
        value = value << 8 | byte;
    }
    return value;
}

std::string pair(std::span<const uint8_t> eight, const char* between) {
    return std::to_string(number(eight.first(4))) + between + std::to_string(number(eight.subspan(4, 4)));
}

bool wanted(uint8_t kind, TcpOptions which) {
    switch (which) {
        case TcpOptions::NotTimes:
            return kind != kNop && kind != kTimestamps;
        case TcpOptions::Sack:
            return kind == kSack;
        case TcpOptions::All:
            break;
    }
    return kind != kNop;
}

/// The text of one option but an end or a nop; `data` is what stands behind its length.
std::string text_of(uint8_t kind, std::span<const uint8_t> data) {
    if (kind == kMss && data.size() == 2) {
        return "mss" + std::to_string(number(data));
    }
    if (kind == kWindowScale && data.size() == 1) {
        return "wscale" + std::to_string(data[0]);
    }
    if (kind == kSackPermitted && data.empty()) {
        return "sackok";
    }
    if (kind == kTimestamps && data.size() == kSackBlock) {
        return "ts" + pair(data, ":");
    }
    std::string text;
    if (kind == kSack && !data.empty() && data.size() % kSackBlock == 0) {
        for (; !data.empty(); data = data.subspan(kSackBlock)) {
            text += (text.empty() ? "sack" : ";sack") + pair(data, "-");
        }
        return text;
    }
    append_plain_option(kind, data, text);
    return text;
}

void put(std::string& bytes, uint64_t value, unsigned count) {
    while (count-- > 0) {
        bytes += static_cast<char>(value >> count * 8);
    }
}

/// Reads `A:B`, or `A-B`, into eight bytes.
bool put_pair(std::string_view text, std::string& bytes) {
    constexpr uint64_t kMost = 0xffffffff;
    size_t colon = text.find_first_of(":-");
    uint64_t first = 0;
    uint64_t second = 0;
    if (colon == std::string_view::npos || !parse_unsigned(text.substr(0, colon), first) ||
        !parse_unsigned(text.substr(colon + 1), second) || first > kMost || second > kMost) {
        return false;
    }
    put(bytes, first, 4);
    put(bytes, second, 4);
    return true;
}

bool put_option(std::string_view word, std::string& bytes) {
    uint64_t value = 0;
    if (word == "nop" || word == "eol") {
        put(bytes, word == "nop" ? kNop : kEnd, 1);
        return true;
    }
    if (word == "sackok") {
        put(bytes, kSackPermitted << 8 | 2, 2);
        return true;
    }
    if (word.starts_with("mss")) {
        put(bytes, kMss << 8 | 4, 2);
        bool good = parse_unsigned(word.substr(3), value) && value <= 0xffff;
        put(bytes, value, 2);
        return good;
    }
    if (word.starts_with("wscale")) {
        put(bytes, kWindowScale << 8 | 3, 2);
        bool good = parse_unsigned(word.substr(6), value) && value <= 0xff;
        put(bytes, value, 1);
        return good;
    }
    if (word.starts_with("ts")) {
        put(bytes, kTimestamps << 8 | 10, 2);
        return put_pair(word.substr(2), bytes);
    }
    return put_plain_option(word, bytes);
}

}  // namespace

void append_tcp_options(std::span<const uint8_t> options, TcpOptions which, std::string& line) {
    size_t begin = line.size();
    while (!options.empty() && options[0] != kEnd) {
        uint8_t kind = options[0];
        size_t length = kind == kNop ? 1 : options.size() > 1 ? options[1] : 0;
        if (length > options.size() || (kind != kNop && length < 2)) {
            line.resize(begin);
            line += '?';
            return;
        }
        if (wanted(kind, which)) {
            line += line.size() > begin ? ";" : "";
            line += text_of(kind, options.subspan(2, length - 2));
        }
        options = options.subspan(length);
    }
    line += line.size() == begin ? "." : "";
}

bool parse_tcp_options(std::string_view text, std::string& options) {
    std::string bytes;
    size_t sack = std::string::npos;  // where the last option is one of these
    for (std::string_view rest = text == "." ? std::string_view() : text; !rest.empty();) {
        size_t end = std::min(rest.find_first_of(";,"), rest.size());
        std::string_view word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (word.starts_with("sack") && word != "sackok") {
            if (sack == std::string::npos) {
                sack = bytes.size();
                put(bytes, kSack << 8 | 2, 2);
            }
            if (!put_pair(word.substr(4), bytes)) {
                return false;
            }
            bytes[sack + 1] = static_cast<char>(bytes.size() - sack);
        } else {
            sack = std::string::npos;
            if (!put_option(word, bytes)) {
                return false;
            }
        }
        if (bytes.size() > kMostOptions) {
            return false;
        }
    }
    bytes.resize((bytes.size() + 3) / 4 * 4);
    options = std::move(bytes);
    return true;
}

}  // namespace click
