// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/scriptfunctions.hh"

#include <click/clock.hh>
#include <click/router.hh>

#include <algorithm>
#include <limits>

#include "elements/standard/scripttext.hh"
#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

namespace {

std::string refuse(const char* what, ErrorHandler& errh) {
    errh.error("expected %s", what);
    return {};
}

std::string boolean(bool value) { return value ? "true" : "false"; }

/// -1, 0 or 1, as numbers when both are.
int compare(const std::string& a, const std::string& b) {
    ScriptNumber x;
    ScriptNumber y;
    if (parse_number(a, x) && parse_number(b, y)) {
        if (x.whole && y.whole) {
            return x.integer < y.integer ? -1 : x.integer > y.integer;
        }
        return x.real < y.real ? -1 : x.real > y.real;
    }
    int order = a.compare(b);
    return order < 0 ? -1 : order > 0;
}

/// `Orders` has bit 0 set if less counts, bit 1 if equal, bit 2 if greater.
template <int Orders>
std::string comparison(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<std::string> words = script_words(arguments);
    if (words.size() != 2) {
        return refuse("two arguments", errh);
    }
    return boolean(Orders >> (compare(words[0], words[1]) + 1) & 1);
}

std::string logical_not(std::string_view arguments, const Element&, ErrorHandler& errh) {
    bool value;
    return parse_bool(unquote(trim(arguments)), value) ? boolean(!value) : refuse("a boolean", errh);
}

/// `All`: whether all are true, else whether any is; `Negated` turns the answer around.
template <bool All, bool Negated>
std::string logical(std::string_view arguments, const Element&, ErrorHandler& errh) {
    bool result = All;
    for (const std::string& word : script_words(arguments)) {
        bool value;
        if (!parse_bool(word, value)) {
            return refuse("booleans", errh);
        }
        result = All ? result && value : result || value;
    }
    return boolean(result != Negated);
}

std::string choose(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<std::string> words = script_words(arguments);
    bool condition;
    if (words.size() < 2 || words.size() > 3 || !parse_bool(words[0], condition)) {
        return refuse("CONDITION A [B]", errh);
    }
    return condition ? words[1] : words.size() == 3 ? words[2] : std::string();
}

std::string is_in(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<std::string> words = script_words(arguments);
    if (words.empty()) {
        return refuse("an argument", errh);
    }
    for (size_t i = 1; i < words.size(); ++i) {
        if (compare(words[0], words[i]) == 0) {
            return boolean(true);
        }
    }
    return boolean(false);
}

std::string first(std::string_view arguments, const Element&, ErrorHandler&) {
    std::vector<std::string> words = script_words(arguments);
    return words.empty() ? std::string() : words[0];
}

std::string length(std::string_view arguments, const Element&, ErrorHandler&) {
    return std::to_string(unquote(trim(arguments)).size());
}

std::string unquoted(std::string_view arguments, const Element&, ErrorHandler&) { return unquote(trim(arguments)); }

std::string last(std::string_view arguments, const Element&, ErrorHandler&) {
    std::vector<std::string> words = script_words(arguments);
    return words.empty() ? std::string() : words.back();
}

std::string count_words(std::string_view arguments, const Element&, ErrorHandler&) {
    return std::to_string(split_words(arguments).size());
}

std::string substring(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<std::string> words = script_words(arguments);
    ScriptNumber start;
    ScriptNumber most = {true, INT64_MAX, 0};
    if (words.size() < 2 || words.size() > 3 || !parse_number(words[1], start) || !start.whole ||
        (words.size() == 3 && (!parse_number(words[2], most) || !most.whole || most.integer < 0))) {
        return refuse("TEXT START [LENGTH]", errh);
    }
    auto size = static_cast<int64_t>(words[0].size());
    int64_t from = start.integer >= 0 ? std::min(start.integer, size) : std::max<int64_t>(size + start.integer, 0);
    return words[0].substr(static_cast<size_t>(from), static_cast<size_t>(most.integer));
}

std::string quoted(std::string_view arguments, const Element&, ErrorHandler&) { return quote(trim(arguments)); }

/// The number with its bytes the other way around: both machines that this runs on begin with the lowest.
template <typename T>
std::string swap_bytes(std::string_view arguments, const Element&, ErrorHandler& errh) {
    ScriptNumber number;
    if (!parse_number(unquote(trim(arguments)), number) || !number.whole || number.integer < 0 ||
        number.integer > static_cast<int64_t>(std::numeric_limits<T>::max())) {
        return refuse(sizeof(T) == sizeof(uint16_t) ? "number of 16 bits" : "number of 32 bits", errh);
    }
    auto value = static_cast<T>(number.integer);
    return std::to_string(sizeof(T) == sizeof(uint16_t) ? __builtin_bswap16(static_cast<uint16_t>(value))
                                                        : __builtin_bswap32(static_cast<uint32_t>(value)));
}

template <bool Quoted>
std::string contents(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::string path = unquote(trim(arguments));
    std::string text;
    std::string cause;
    if (!platform::read_file(path, kLongestScriptText, text, cause)) {
        errh.error("%s: %s", path.c_str(), cause.c_str());
        return {};
    }
    return Quoted ? quote(text) : text;
}

std::string kill(std::string_view arguments, const Element&, ErrorHandler& errh) {
    send_signal(arguments, errh);
    return {};
}

std::string now(std::string_view, const Element&, ErrorHandler&) { return clock::unparse(clock::now()); }

std::string random(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<ScriptNumber> numbers;
    if (!read_numbers(arguments, 0, numbers) || numbers.size() > 2) {
        return refuse("[[LOW] HIGH]", errh);
    }
    uint64_t bits = platform::entropy();
    if (numbers.empty()) {
        return std::to_string(bits & 0x7fffffff);
    }
    int64_t low = numbers.size() == 2 ? numbers[0].integer : 0;
    int64_t high = numbers.back().integer - (numbers.size() == 1 ? 1 : 0);
    if (high < low) {
        return refuse("a range with a number in it", errh);
    }
    return std::to_string(low + static_cast<int64_t>(bits % (static_cast<uint64_t>(high - low) + 1)));
}

template <bool Write>
std::string handlers_exist(std::string_view arguments, const Element& script, ErrorHandler&) {
    for (const std::string& word : script_words(arguments)) {
        Router::HandlerRef ref = script.router().find_handler(word, &script);
        if (!ref || !(Write ? ref.handler->write != nullptr : ref.handler->read != nullptr)) {
            return boolean(false);
        }
    }
    return boolean(true);
}

/// Appends one argument as the conversion `spec` (from `%` to the letter) says; false when it does not fit.
bool append_formatted(const std::string& spec, const std::string& argument, std::string& out) {
    ScriptNumber number;
    std::string whole = spec.substr(0, spec.size() - 1) + "ll" + spec.back();
    switch (spec.back()) {
        case 's':
            out += format(spec.c_str(), argument.c_str());
            return true;
        case 'c':
        case 'd':
        case 'i':
        case 'u':
        case 'o':
        case 'x':
        case 'X':
            if (!parse_number(argument, number)) {
                return false;
            }
            out += spec.back() == 'c' ? format(spec.c_str(), static_cast<int>(number.integer))
                                      : format(whole.c_str(), static_cast<long long>(number.integer));
            return true;
        case 'e':
        case 'E':
        case 'f':
        case 'g':
        case 'G':
            if (!parse_number(argument, number)) {
                return false;
            }
            out += format(spec.c_str(), number.real);
            return true;
        default:
            return false;
    }
}

/// Whether a width or precision has five digits or more: who formats does not decide how much memory that takes.
bool is_too_wide(std::string_view spec) {
    constexpr int kMostDigits = 4;
    int digits = 0;
    for (char c : spec) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (digits > kMostDigits) {
            return true;
        }
    }
    return false;
}

std::string print_formatted(std::string_view arguments, const Element&, ErrorHandler& errh) {
    constexpr size_t kLongestConversion = 16;
    std::vector<std::string> words = script_words(arguments);
    if (words.empty()) {
        return refuse("FORMAT [ARGUMENTS]", errh);
    }
    const std::string& text = words[0];
    std::string out;
    size_t argument = 1;
    for (size_t at = 0; at < text.size();) {
        if (text[at] != '%') {
            out += text[at++];
            continue;
        }
        size_t end = text.find_first_not_of("0123456789.-+ #", at + 1);
        if (end != std::string::npos && end == at + 1 && text[end] == '%') {
            out += '%';
        } else if (end == std::string::npos || end - at > kLongestConversion || argument >= words.size() ||
                   is_too_wide(text.substr(at, end - at)) ||
                   !append_formatted(text.substr(at, end + 1 - at), words[argument++], out)) {
            return refuse("arguments that fit the format", errh);
        }
        at = end + 1;
    }
    return out;
}

constexpr ScriptFunction kFunctions[] = {
    {"lt", comparison<1>},
    {"eq", comparison<2>},
    {"le", comparison<3>},
    {"gt", comparison<4>},
    {"ne", comparison<5>},
    {"ge", comparison<6>},
    {"not", logical_not},
    {"and", logical<true, false>},
    {"or", logical<false, false>},
    {"nand", logical<true, true>},
    {"nor", logical<false, true>},
    {"if", choose},
    {"in", is_in},
    {"first", first},
    {"last", last},
    {"words", count_words},
    {"length", length},
    {"substr", substring},
    {"quote", quoted},
    {"unquote", unquoted},
    {"sprintf", print_formatted},
    {"now", now},
    {"random", random},
    {"htons", swap_bytes<uint16_t>},
    {"htonl", swap_bytes<uint32_t>},
    {"ntohs", swap_bytes<uint16_t>},
    {"ntohl", swap_bytes<uint32_t>},
    {"cat", contents<false>},
    {"catq", contents<true>},
    {"kill", kill},
    {"readable", handlers_exist<false>},
    {"writable", handlers_exist<true>},
};

}  // namespace

void send_signal(std::string_view arguments, ErrorHandler& errh) {
    std::vector<std::string> words = script_words(arguments);
    int number = words.empty() ? 0 : platform::signal_number(words[0]);
    if (number <= 0 || words.size() < 2) {
        errh.error("expected SIGNAL PROCESS...");
        return;
    }
    for (size_t i = 1; i < words.size(); ++i) {
        ScriptNumber process;
        std::string cause = "expected a process";
        if (!parse_number(words[i], process) || !process.whole ||
            !platform::send_signal(number, process.integer, cause)) {
            errh.error("%s: %s", words[i].c_str(), cause.c_str());
        }
    }
}

std::span<const ScriptFunction> script_functions() { return kFunctions; }

}  // namespace click
