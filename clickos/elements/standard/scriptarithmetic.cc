// SPDX-License-Identifier: Apache-2.0
//
// The functions of scripts that compute numbers.
#include "elements/standard/scriptfunctions.hh"
#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

namespace {

ScriptNumber whole_number(int64_t value) { return {true, value, static_cast<double>(value)}; }
ScriptNumber real_number(double value) { return {false, 0, value}; }

std::string refuse(const char* what, ErrorHandler& errh) {
    errh.error("expected %s", what);
    return {};
}

ScriptNumber add(ScriptNumber a, ScriptNumber b) {
    return a.whole && b.whole
               ? whole_number(static_cast<int64_t>(static_cast<uint64_t>(a.integer) + static_cast<uint64_t>(b.integer)))
               : real_number(a.real + b.real);
}
ScriptNumber subtract(ScriptNumber a, ScriptNumber b) {
    return a.whole && b.whole
               ? whole_number(static_cast<int64_t>(static_cast<uint64_t>(a.integer) - static_cast<uint64_t>(b.integer)))
               : real_number(a.real - b.real);
}
ScriptNumber multiply(ScriptNumber a, ScriptNumber b) {
    return a.whole && b.whole
               ? whole_number(static_cast<int64_t>(static_cast<uint64_t>(a.integer) * static_cast<uint64_t>(b.integer)))
               : real_number(a.real * b.real);
}
ScriptNumber divide(ScriptNumber a, ScriptNumber b) {
    return a.whole && b.whole && b.integer != 0 && b.integer != -1 && a.integer % b.integer == 0
               ? whole_number(a.integer / b.integer)
               : real_number(a.real / b.real);
}
ScriptNumber least(ScriptNumber a, ScriptNumber b) { return b.real < a.real ? b : a; }
ScriptNumber greatest(ScriptNumber a, ScriptNumber b) { return b.real > a.real ? b : a; }

/// Folds all arguments, from the left.
template <ScriptNumber (*Operation)(ScriptNumber, ScriptNumber)>
std::string fold(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<ScriptNumber> numbers;
    if (!read_numbers(arguments, 1, numbers)) {
        return refuse("list of numbers", errh);
    }
    ScriptNumber result = numbers[0];
    for (size_t i = 1; i < numbers.size(); ++i) {
        result = Operation(result, numbers[i]);
    }
    return result.unparse();
}

enum class Division : uint8_t { Quotient, Modulus, Remainder };

/// `%` of C for whole numbers, and for others what is left of a whole number of times.
ScriptNumber remainder_of(ScriptNumber a, ScriptNumber b) {
    if (a.whole && b.whole) {
        return whole_number(b.integer == -1 ? 0 : a.integer % b.integer);
    }
    double times = a.real / b.real;
    bool countable = times > -9e18 && times < 9e18;
    return real_number(countable ? a.real - static_cast<double>(static_cast<int64_t>(times)) * b.real : 0);
}

template <Division What>
std::string divide_whole(std::string_view arguments, const Element&, ErrorHandler& errh) {
    std::vector<ScriptNumber> numbers;
    bool whole = read_numbers(arguments, 2, numbers) && numbers.size() == 2;
    whole = whole && (What == Division::Remainder || (numbers[0].whole && numbers[1].whole));
    if (!whole) {
        return refuse(What == Division::Remainder ? "two numbers" : "two integers", errh);
    }
    if (numbers[1].real == 0) {
        errh.error("division by zero");
        return {};
    }
    if (What != Division::Quotient) {
        return remainder_of(numbers[0], numbers[1]).unparse();
    }
    int64_t a = numbers[0].integer;
    int64_t b = numbers[1].integer;
    return b == -1 ? subtract(whole_number(0), numbers[0]).unparse() : std::to_string(a / b);
}

std::string negate(std::string_view arguments, const Element&, ErrorHandler& errh) {
    ScriptNumber number;
    if (!parse_number(unquote(trim(arguments)), number)) {
        return refuse("number", errh);
    }
    return subtract(whole_number(0), number).unparse();
}

std::string absolute(std::string_view arguments, const Element&, ErrorHandler& errh) {
    ScriptNumber number;
    if (!parse_number(unquote(trim(arguments)), number)) {
        return refuse("number", errh);
    }
    return (number.real < 0 ? subtract(whole_number(0), number) : number).unparse();
}

constexpr ScriptFunction kArithmetic[] = {
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
};

}  // namespace

std::string ScriptNumber::unparse() const { return whole ? std::to_string(integer) : format("%.12g", real); }

bool parse_number(std::string_view text, ScriptNumber& number) {
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

std::vector<std::string> script_words(std::string_view arguments) {
    std::vector<std::string> words = split_words(arguments);
    for (std::string& word : words) {
        word = unquote(word);
    }
    return words;
}

bool read_numbers(std::string_view arguments, size_t least, std::vector<ScriptNumber>& numbers) {
    for (const std::string& word : script_words(arguments)) {
        numbers.emplace_back();
        if (!parse_number(word, numbers.back())) {
            return false;
        }
    }
    return numbers.size() >= least;
}

std::span<const ScriptFunction> script_arithmetic() { return kArithmetic; }

}  // namespace click
