// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/stateelement.hh"

#include <algorithm>

#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

namespace {

constexpr uint64_t kVersion = 1;
constexpr uint32_t kMostLooks = 4096;  ///< places that one chunk looks at
constexpr uint32_t kMostLines = 512;
constexpr size_t kMostBytes = 1U << 16;  ///< that a chunk has before its last line
constexpr size_t kHeaderWords = 5;

std::string_view take_line(std::string_view& text) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return trim(line);
}

}  // namespace

bool StateElement::take_number(std::string_view& text, uint64_t most, uint64_t& number) {
    return parse_unsigned(take_word(text), number) && number <= most;
}

std::string StateElement::read_state(std::string_view parameter, int since, ErrorHandler& errh) {
    std::vector<std::string> words = split_words(parameter);
    uint64_t oldest = 0;
    uint64_t position = 0;
    auto first = static_cast<size_t>(since);
    if (words.size() > first + 1 || words.size() < first || (since && !parse_unsigned(words[0], oldest)) ||
        (words.size() > first && (!parse_unsigned(words[first], position) || position > UINT32_MAX))) {
        errh.error(since ? "expected 'SINCE [POSITION]'" : "expected '[POSITION]'");
        return {};
    }
    const StateQuery query(since == 0, static_cast<uint32_t>(oldest), clock::steady());
    std::string lines;
    uint32_t count = 0;
    auto place = static_cast<uint32_t>(position);
    for (uint32_t looks = 0;
         place < state_end() && looks < kMostLooks && count < kMostLines && lines.size() < kMostBytes;
         ++place, ++looks) {
        if (append_state(place, query, lines)) {
            lines += '\n';
            ++count;
        }
    }
    return format("%s %llu %s %u %s\n", state_kind(), static_cast<unsigned long long>(kVersion), class_name(),
                  state_tick(query.now()), place >= state_end() ? "end" : std::to_string(place).c_str()) +
           lines;
}

/// What is there already under a record's key gives way. A text that is wrong changes nothing.
int StateElement::write_state(std::string_view value, ErrorHandler& errh) {
    std::vector<std::string> header = split_words(take_line(value));
    uint64_t version;
    if (header.size() != kHeaderWords || header[0] != state_kind() || !parse_unsigned(header[1], version) ||
        version != kVersion || header[2] != class_name()) {
        return errh.error("expected '%s %llu %s NOW NEXT' as first line", state_kind(),
                          static_cast<unsigned long long>(kVersion), class_name());
    }
    const int64_t now = clock::steady();
    unsigned number = 1;
    for (std::string_view rest = value; !rest.empty();) {
        std::string_view line = take_line(rest);
        ++number;
        if (!line.empty() && !take_state_line(line, now, false)) {
            return errh.error("line %u: not of this element's %s: '%s'", number, state_kind(),
                              std::string(line).c_str());
        }
    }
    unsigned count = 0;
    unsigned refused = 0;
    while (!value.empty()) {
        std::string_view line = take_line(value);
        if (!line.empty()) {
            ++count;
            refused += !take_state_line(line, now, true);
        }
    }
    state_taken();
    return refused == 0 ? 0 : errh.error("no room for %u of %u %s", refused, count, state_kind());
}

void StateElement::add_state_handlers() {
    add_read_handler<&StateElement::read_state>("state", 0, Handler::kExpensive);
    add_write_handler<&StateElement::write_state>("state");
    add_read_handler<&StateElement::read_state>("state_since", 1, Handler::kExpensive);
}

}  // namespace click
