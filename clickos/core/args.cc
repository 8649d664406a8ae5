// SPDX-License-Identifier: Apache-2.0
#include <click/annotations.hh>
#include <click/args.hh>
#include <click/element.hh>
#include <click/names.hh>
#include <click/router.hh>

#include <algorithm>
#include <cmath>

#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

bool ArgContext::error(const char* format, ...) {
    va_list args;
    va_start(args, format);
    std::string text = vformat(format, args);
    va_end(args);
    _errh.error("%.*s: %s", static_cast<int>(_name.size()), _name.data(), text.c_str());
    return false;
}

bool parse_arg(std::string_view text, std::string& value, ArgContext&) {
    value = unquote(text);
    return true;
}

bool parse_arg(std::string_view text, RawArg& value, ArgContext&) {
    value.text = text;
    return true;
}

bool parse_arg(std::string_view text, bool& value, ArgContext& context) {
    return parse_bool(unquote(text), value) || context.error("invalid boolean");
}

bool parse_arg(std::string_view text, double& value, ArgContext& context) {
    return parse_real(unquote(text), value) || context.error("invalid real number");
}

bool parse_arg(std::string_view text, IPAddress& value, ArgContext& context) {
    return find_ip_address(unquote(text), context.element(), value);
}

bool parse_arg(std::string_view text, IPPrefix& value, ArgContext& context) {
    return find_ip_prefix(unquote(text), context.element(), true, value);
}

bool parse_arg(std::string_view text, IP6Address& value, ArgContext& context) {
    return find_ip6_address(unquote(text), context.element(), value);
}

bool parse_arg(std::string_view text, IP6Prefix& value, ArgContext& context) {
    return find_ip6_prefix(unquote(text), context.element(), value);
}

bool parse_arg(std::string_view text, EtherAddress& value, ArgContext& context) {
    return find_ether_address(unquote(text), context.element(), value);
}

bool parse_arg(std::string_view text, Element*& value, ArgContext& context) {
    std::string name = unquote(text);
    if (name.empty()) {
        value = nullptr;
        return true;
    }
    value = context.element() ? context.element()->router().find(name, context.element()) : nullptr;
    return value || context.error("does not name an element");
}

bool parse_integer(std::string_view text, int64_t low, uint64_t high, int64_t& value, ArgContext& context) {
    std::string unquoted = unquote(text);
    std::string_view digits = unquoted;
    bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) {
        digits.remove_prefix(1);
    }
    uint64_t magnitude;
    if (!parse_unsigned(digits, magnitude)) {
        return context.error("invalid number");
    }
    uint64_t lowest = low < 0 ? -static_cast<uint64_t>(low) : 0;
    if (negative ? magnitude > lowest : low > 0 && magnitude < static_cast<uint64_t>(low)) {
        return context.error("out of range, bound %lld", static_cast<long long>(low));
    }
    if (!negative && magnitude > high) {
        return context.error("out of range, bound %llu", static_cast<unsigned long long>(high));
    }
    value = static_cast<int64_t>(negative ? -magnitude : magnitude);
    return true;
}

namespace {

/// Doubles up to here become int64_t without overflow: 292 years, and as many bytes a second.
constexpr double kMostNanoseconds = 9.2e18;
constexpr double kMostBytesPerSecond = 9.2e18;

bool is_decimal(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

struct Unit {
    std::string_view name;
    double factor;
};

/// Reads `number[ ]unit`; a number alone is in units of `bare`. Exact for whole numbers and short decimals.
bool parse_quantity(std::string_view text, std::initializer_list<Unit> units, double bare, double& value) {
    size_t split = text.find_first_not_of("0123456789.+-");
    // An exponent belongs to the number.
    if (split != std::string_view::npos && split + 1 < text.size() && (text[split] == 'e' || text[split] == 'E') &&
        std::string_view("0123456789-+").find(text[split + 1]) != std::string_view::npos) {
        split = text.find_first_not_of("0123456789", split + 2);
    }
    std::string_view unit = split == std::string_view::npos ? std::string_view{} : trim(text.substr(split));
    double number;
    if (!parse_real(trim(text.substr(0, split)), number)) {
        return false;
    }
    if (unit.empty()) {
        value = number * bare;
        return true;
    }
    for (const Unit& one : units) {
        if (unit == one.name) {
            value = number * one.factor;
            return true;
        }
    }
    return false;
}

}  // namespace

bool parse_arg(std::string_view text, Duration& value, ArgContext& context) {
    double nanoseconds;
    if (!parse_quantity(unquote(text),
                        {{"s", 1e9},
                         {"sec", 1e9},
                         {"ms", 1e6},
                         {"msec", 1e6},
                         {"us", 1e3},
                         {"usec", 1e3},
                         {"ns", 1},
                         {"nsec", 1},
                         {"m", 60e9},
                         {"min", 60e9},
                         {"h", 3600e9},
                         {"hr", 3600e9},
                         {"d", 86400e9},
                         {"day", 86400e9}},
                        1e9, nanoseconds)) {
        return context.error("invalid timestamp");
    }
    if (!(std::fabs(nanoseconds) < kMostNanoseconds)) {
        return context.error("out of range, bound %lld", static_cast<long long>(kMostNanoseconds / 1e9));
    }
    value.nanoseconds = static_cast<int64_t>(nanoseconds + (nanoseconds < 0 ? -0.5 : 0.5));
    return true;
}

bool parse_arg(std::string_view text, Moment& value, ArgContext& context) {
    std::string unquoted = unquote(text);
    std::string_view whole = unquoted;
    size_t point = whole.find('.');
    std::string_view fraction = point == std::string_view::npos ? std::string_view{} : whole.substr(point + 1);
    whole = whole.substr(0, point);
    uint64_t seconds;
    if (!is_decimal(whole) || !parse_unsigned(whole, seconds) || (!fraction.empty() && !is_decimal(fraction))) {
        return context.error("invalid timestamp");
    }
    if (seconds > static_cast<uint64_t>(kMostNanoseconds / 1e9)) {
        return context.error("out of range, bound %lld", static_cast<long long>(kMostNanoseconds / 1e9));
    }
    int64_t nanoseconds = 0;
    for (size_t digit = 0; digit < 9; ++digit) {
        nanoseconds = nanoseconds * 10 + (digit < fraction.size() ? fraction[digit] - '0' : 0);
    }
    value.nanoseconds = static_cast<int64_t>(seconds) * 1'000'000'000 + nanoseconds;
    return true;
}

bool parse_arg(std::string_view text, FileName& value, ArgContext& context) {
    value.path = unquote(text);
    return (!value.path.empty() && value.path.find('\0') == std::string::npos) || context.error("invalid file name");
}

bool parse_arg(std::string_view text, PortNumbers& value, ArgContext& context) {
    std::string unquoted = unquote(text);
    size_t dash = unquoted.find('-');
    int64_t low;
    if (!parse_integer(unquoted.substr(0, dash), 0, 0xffff, low, context)) {
        return false;
    }
    int64_t high = low;
    if (dash != std::string::npos && !parse_integer(unquoted.substr(dash + 1), 0, 0xffff, high, context)) {
        return false;
    }
    if (high < low) {
        return context.error("port range %s ends before it begins", unquoted.c_str());
    }
    value = {static_cast<uint16_t>(low), static_cast<uint16_t>(high)};
    return true;
}

bool parse_arg(std::string_view text, UdpPort& value, ArgContext& context) {
    std::string name = unquote(text);
    return find_port(name, context.element(), false, value.number) || parse_arg(name, value.number, context);
}

bool parse_arg(std::string_view text, Bandwidth& value, ArgContext& context) {
    double bytes;
    if (!parse_quantity(
            unquote(text),
            {{"bps", 0.125}, {"kbps", 125},   {"Kbps", 125},   {"Mbps", 125e3}, {"Gbps", 125e6}, {"Bps", 1},
             {"kBps", 1e3},  {"KBps", 1e3},   {"MBps", 1e6},   {"GBps", 1e9},   {"b/s", 0.125},  {"kb/s", 125},
             {"Kb/s", 125},  {"Mb/s", 125e3}, {"Gb/s", 125e6}, {"B/s", 1},      {"kB/s", 1e3},   {"KB/s", 1e3},
             {"MB/s", 1e6},  {"GB/s", 1e9},   {"baud", 0.125}, {"kbaud", 125},  {"Mbaud", 125e3}},
            1, bytes) ||
        !(bytes >= 0)) {
        return context.error("invalid bandwidth");
    }
    if (!(bytes < kMostBytesPerSecond)) {
        return context.error("out of range, bound %.0f", kMostBytesPerSecond);
    }
    value.bytes_per_second = static_cast<uint64_t>(bytes);
    value.bytes_per_second += bytes - static_cast<double>(value.bytes_per_second) >= 0.5 ? 1 : 0;
    return true;
}

bool parse_arg(std::string_view text, Annotation& value, ArgContext& context) {
    int offset = anno::offset_of(unquote(text), value.size);
    if (offset < 0) {
        return context.error("invalid annotation");
    }
    if (static_cast<size_t>(offset) + value.size > Packet::kAnnoSize) {
        return context.error("annotation out of range");
    }
    value.offset = offset;
    return true;
}

Args::Args(const std::vector<std::string>& conf, const Element* element, ErrorHandler& errh)
    : _element(element), _errh(errh) {
    _slots.reserve(conf.size());
    for (const std::string& argument : conf) {
        std::string_view rest = argument;
        std::string_view word = take_word(rest);
        bool keyword = is_keyword(word) && !rest.empty();
        _slots.push_back(
            {keyword ? std::string(word) : std::string(), keyword ? std::string(rest) : argument, argument});
    }
}

const std::string* Args::find(std::string_view name, int flags) {
    const std::string* found = nullptr;
    for (Slot& slot : _slots) {
        if (slot.keyword == name && !name.empty()) {
            slot.used = true;
            found = &slot.text;
        }
    }
    if (!found && (flags & kPositional)) {
        for (Slot& slot : _slots) {
            if (!slot.used && slot.keyword.empty()) {
                slot.used = true;
                found = &slot.text;
                break;
            }
        }
    }
    _last_given = found != nullptr;
    if (!found && (flags & kMandatory)) {
        _missing.emplace_back(name);
        _failed = true;
    }
    return found;
}

Args& Args::all(std::string_view name, std::vector<std::string>& values) {
    _last_given = false;
    for (Slot& slot : _slots) {
        if (slot.keyword == name) {
            slot.used = true;
            values.push_back(slot.text);
            _last_given = true;
        }
    }
    return *this;
}

Args& Args::rest(std::vector<std::string>& arguments) {
    for (Slot& slot : _slots) {
        if (!slot.used) {
            slot.used = true;
            arguments.push_back(slot.whole);
        }
    }
    return *this;
}

void Args::fail(ArgContext& context, int errors_before) {
    if (_errh.error_count() == errors_before) {
        context.error("parse error");
    }
    _failed = true;
}

int Args::finish(bool surplus) {
    if (_failed || surplus) {
        return -1;
    }
    for (const auto& value : _pending) {
        value->store();
    }
    return 0;
}

int Args::consume() {
    for (const std::string& name : _missing) {
        _errh.error("missing mandatory %s argument", name.c_str());
    }
    return finish(false);
}

int Args::complete() {
    for (const std::string& name : _missing) {
        _errh.error("missing mandatory %s argument", name.c_str());
    }
    std::vector<std::string> unknown;
    bool surplus = false;
    for (const Slot& slot : _slots) {
        if (!slot.used && slot.keyword.empty()) {
            surplus = true;
        } else if (!slot.used) {
            unknown.push_back(slot.keyword);
        }
    }
    if (surplus) {
        _errh.error("too many arguments");
    }
    if (!unknown.empty()) {
        _errh.error("bad keyword%s %s", unknown.size() > 1 ? "s" : "", join_arguments(unknown).c_str());
    }
    return finish(surplus || !unknown.empty());
}

}  // namespace click
