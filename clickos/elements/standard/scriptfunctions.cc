// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/scriptfunctions.hh"

#include <click/clock.hh>
#include <click/router.hh>

#include <vector>

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

namespace {

/// A whole number where the text was one, else a real one.
struct Number {
    bool whole = true;
    int64_t integer = 0;
    double real = 0;

    std::string unparse() const { return whole ? std::to_string(integer) : format("%.12g", real); }
};

Number whole_number(int64_t value) { return {true, value, static_cast<double>(value)}; }
Number real_number(double value) { return {false, static_cast<int64_t>(value), value}; }

bool parse_number(std::string_view text, Number& number) {
    bool negative = text.starts_with('-');
    uint64_t magnitude;
    if (parse_unsigned(text.substr(negative ? 1 : 0), magnitude) && magnitude <= uint64_t{1} << 63) {
        number = whole_number(static_cast<int64_t>(negative ? -magnitude : magnitude));
        return true;
    }
    double real;
    if (parse_real(text, real)) {
        number = real_number(real);
        return true;
    }
    return false;
}

std::vector<std::string> words_of(std::string_view arguments) {
    std::vector<std::string> words = split_words(arguments);
    for (std::string& word : words) {
        word = unquote(word);
    }
    return words;
}

std::string refuse(const char* what, ErrorHandler& errh) {
    errh.error("expected %s", what);
    return {};
}

std::string boolean(bool value) { return value ? "true" : "false"; }

bool read_numbers(std::string_view arguments, size_t least, std::vector<Number>& numbers) {
    for (const std::string& word : words_of(arguments)) {
        numbers.emplace_back();
        if (!parse_number(word, numbers.back())) {
            return false;
        }
    }
    return numbers.size() >= least;
}

Number add(Number a, Number b) {
    return a.whole && b.whole
               ? whole_number(static_cast<int64_t>(static_cast<uint64_t>(a.integer) + static_cast<uint64_t>(b.integer)))
               : real_number(a.real + b.real);
}
Number subtract(Number a, Number b) {
    return a.whole && b.whole
               ? whole_number(static_cast<int64_t>(static_cast<uint64_t>(a.integer) - static_cast<uint64_t>(b.integer)))
               : real_number(a.real - b.real);
}
Number multiply(Number a, Number b) {
    return a.whole && b.whole
               ? whole_number(static_cast<int64_t>(static_cast<uint64_t>(a.integer) * static_cast<uint64_t>(b.integer)))
               : real_number(a.real * b.real);
}
Number divide(Number a, Number b) {
    return a.whole && b.whole && b.integer != 0 && b.integer != -1 && a.integer % b.integer == 0
               ? whole_number(a.integer / b.integer)
               : real_number(a.real / b.real);
}
Number least(Number a, Number b) { return b.real < a.real ? b : a; }
Number greatest(Number a, Number b) { return b.real > a.real ? b : a; }

/// Folds all arguments, from the left.
template <Number (*Operation)(Number, Number)>
std::string fold(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<Number> numbers;
    if (!read_numbers(arguments, 1, numbers)) {
        return refuse("numbers", errh);
    }
    Number result = numbers[0];
    for (size_t i = 1; i < numbers.size(); ++i) {
        result = Operation(result, numbers[i]);
    }
    return result.unparse();
}

enum class Division : uint8_t { Quotient, Modulus, Remainder };

template <Division What>
std::string divide_whole(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<Number> numbers;
    if (!read_numbers(arguments, 2, numbers) || numbers.size() != 2 || !numbers[0].whole || !numbers[1].whole) {
        return refuse("two whole numbers", errh);
    }
    int64_t a = numbers[0].integer;
    int64_t b = numbers[1].integer;
    if (b == 0 || (What == Division::Modulus && b < 0)) {
        return refuse(b == 0 ? "a divisor other than 0" : "a positive modulus", errh);
    }
    if (b == -1) {
        return subtract(whole_number(0), What == Division::Quotient ? numbers[0] : whole_number(0)).unparse();
    }
    int64_t remainder = a % b;
    if (What == Division::Quotient) {
        return std::to_string(a / b);
    }
    return std::to_string(What == Division::Modulus && remainder < 0 ? remainder + b : remainder);
}

std::string negate(std::string_view arguments, const Element&, ErrorHandler& errh) {
    Number number;
    if (!parse_number(unquote(trim(arguments)), number)) {
        return refuse("a number", errh);
    }
    return subtract(whole_number(0), number).unparse();
}

std::string absolute(std::string_view arguments, const Element&, ErrorHandler& errh) {
    Number number;
    if (!parse_number(unquote(trim(arguments)), number)) {
        return refuse("a number", errh);
    }
    return (number.real < 0 ? subtract(whole_number(0), number) : number).unparse();
}

/// -1, 0 or 1, as numbers when both are.
int compare(const std::string& a, const std::string& b) {
    Number x;
    Number y;
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
    std::vector<std::string> words = words_of(arguments);
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
    for (const std::string& word : words_of(arguments)) {
        bool value;
        if (!parse_bool(word, value)) {
            return refuse("booleans", errh);
        }
        result = All ? result && value : result || value;
    }
    return boolean(result != Negated);
}

std::string choose(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<std::string> words = words_of(arguments);
    bool condition;
    if (words.size() < 2 || words.size() > 3 || !parse_bool(words[0], condition)) {
        return refuse("CONDITION A [B]", errh);
    }
    return condition ? words[1] : words.size() == 3 ? words[2] : std::string();
}

std::string is_in(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<std::string> words = words_of(arguments);
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
    std::vector<std::string> words = words_of(arguments);
    return words.empty() ? std::string() : words[0];
}

std::string length(std::string_view arguments, const Element&, ErrorHandler&) {
    return std::to_string(unquote(trim(arguments)).size());
}

std::string unquoted(std::string_view arguments, const Element&, ErrorHandler&) { return unquote(trim(arguments)); }

std::string now(std::string_view, const Element&, ErrorHandler&) { return clock::unparse(clock::now()); }

std::string random(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<Number> numbers;
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
    for (const std::string& word : words_of(arguments)) {
        Router::HandlerRef ref = script.router().find_handler(word, &script);
        if (!ref || !(Write ? ref.handler->write != nullptr : ref.handler->read != nullptr)) {
            return boolean(false);
        }
    }
    return boolean(true);
}

/// Appends one argument as the conversion `spec` (from `%` to the letter) says; false when it does not fit.
bool append_formatted(const std::string& spec, const std::string& argument, std::string& out) {
    Number number;
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

std::string print_formatted(std::string_view arguments, const Element&, ErrorHandler& errh) {
    constexpr size_t kLongestConversion = 16;
    std::vector<std::string> words = words_of(arguments);
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
                   !append_formatted(text.substr(at, end + 1 - at), words[argument++], out)) {
            return refuse("arguments that fit the format", errh);
        }
        at = end + 1;
    }
    return out;
}

constexpr ScriptFunction kFunctions[] = {
    {"add", fold<add>},
    {"sub", fold<subtract>},
    {"mul", fold<multiply>},
    {"div", fold<divide>},
    {"min", fold<least>},
    {"max", fold<greatest>},
    {"idiv", divide_whole<Division::Quotient>},
    {"mod", divide_whole<Division::Modulus>},
    {"rem", divide_whole<Division::Remainder>},
    {"neg", negate},
    {"abs", absolute},
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
    {"length", length},
    {"unquote", unquoted},
    {"sprintf", print_formatted},
    {"now", now},
    {"random", random},
    {"readable", handlers_exist<false>},
    {"writable", handlers_exist<true>},
};

}  // namespace

std::span<const ScriptFunction> script_functions() { return kFunctions; }

}  // namespace click
