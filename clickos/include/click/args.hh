// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "net/etheraddress.hh"
#include "net/ipaddress.hh"

namespace click {

class Element;

/// The context in which one argument is read: whose it is, for errors of the form `CAPACITY: out of range`.
class ArgContext {
public:
    ArgContext(const Element* element, ErrorHandler& errh, std::string_view name)
        : _element(element), _errh(errh), _name(name) {}
    /// Reports `NAME: ...`; returns false.
    [[gnu::format(printf, 2, 3)]] bool error(const char* format, ...);
    const Element* element() const { return _element; }
    ErrorHandler& errh() { return _errh; }

private:
    const Element* _element;
    ErrorHandler& _errh;
    std::string_view _name;
};

/// Reads one argument of each type. A function that fails without a report of its own gets "parse error".
/// Add an overload for a new type beside that type.
bool parse_arg(std::string_view text, std::string& value, ArgContext& context);  ///< unquoted
bool parse_arg(std::string_view text, bool& value, ArgContext& context);
bool parse_arg(std::string_view text, double& value, ArgContext& context);
bool parse_arg(std::string_view text, IPAddress& value, ArgContext& context);
bool parse_arg(std::string_view text, IPPrefix& value, ArgContext& context);
bool parse_arg(std::string_view text, EtherAddress& value, ArgContext& context);
bool parse_arg(std::string_view text, Element*& value, ArgContext& context);  ///< an element's name

/// Reads a decimal, 0x, 0 or 0b number within [low, high].
bool parse_integer(std::string_view text, int64_t low, uint64_t high, int64_t& value, ArgContext& context);

template <std::integral T>
requires(!std::same_as<T, bool>) bool parse_arg(std::string_view text, T& value, ArgContext& context) {
    int64_t number;
    if (!parse_integer(text, static_cast<int64_t>(std::numeric_limits<T>::min()),
                       static_cast<uint64_t>(std::numeric_limits<T>::max()), number, context)) {
        return false;
    }
    value = static_cast<T>(number);
    return true;
}

/// The raw text of an argument, quotes and all.
struct RawArg {
    std::string text;
};
bool parse_arg(std::string_view text, RawArg& value, ArgContext& context);

/// A duration in nanoseconds: `1.5s`, `10ms`, `3us`, `2min`, or a bare number of seconds.
struct Duration {
    int64_t nanoseconds = 0;
};
bool parse_arg(std::string_view text, Duration& value, ArgContext& context);

/// A rate in bytes per second: `1Mbps`, `10 kB/s`, or a bare number.
struct Bandwidth {
    uint64_t bytes_per_second = 0;
};
bool parse_arg(std::string_view text, Bandwidth& value, ArgContext& context);

/// An annotation's offset by name or number.
struct Annotation {
    int offset = -1;
    size_t size = 1;  ///< set before reading: what the element needs
};
bool parse_arg(std::string_view text, Annotation& value, ArgContext& context);

/// Reads a configuration: mandatory and optional positional arguments, and keywords, in one chain.
///
///     return Args(conf, this, errh)
///         .mandatory("ADDR", address)
///         .optional("CAPACITY", capacity)
///         .keyword("ACTIVE", active)
///         .complete();
///
/// `mandatory` and `optional` arguments may also be given by keyword. Values are stored only when the whole argument
/// is right, and every error is reported.
class Args {
public:
    Args(const std::vector<std::string>& conf, const Element* element, ErrorHandler& errh);

    template <typename T>
    Args& mandatory(std::string_view name, T& value) {
        return read(name, kMandatory | kPositional, value);
    }
    template <typename T>
    Args& optional(std::string_view name, T& value) {
        return read(name, kPositional, value);
    }
    template <typename T>
    Args& keyword(std::string_view name, T& value) {
        return read(name, 0, value);
    }
    template <typename T>
    Args& mandatory_keyword(std::string_view name, T& value) {
        return read(name, kMandatory, value);
    }
    /// All arguments of that keyword, in order.
    Args& all(std::string_view name, std::vector<std::string>& values);
    /// Whether the last argument that was asked for was there.
    Args& given(bool& was_given) {
        was_given = _last_given;
        return *this;
    }
    /// Hands over the positional arguments that are left, for elements with a list of any length.
    Args& rest(std::vector<std::string>& arguments);

    /// 0, or -1 after reporting missing, surplus and unknown arguments.
    int complete();
    /// Like `complete`, but arguments that nobody asked for are no error.
    int consume();

private:
    static constexpr int kMandatory = 1;
    static constexpr int kPositional = 2;

    struct Slot {
        std::string keyword;  ///< empty for a positional argument
        std::string text;
        std::string whole;
        bool used = false;
    };

    template <typename T>
    Args& read(std::string_view name, int flags, T& value) {
        const std::string* text = find(name, flags);
        if (!text) {
            return *this;
        }
        T parsed = value;
        int errors = _errh.error_count();
        ArgContext context(_element, _errh, name);
        if (parse_arg(*text, parsed, context)) {
            value = std::move(parsed);
        } else {
            if (_errh.error_count() == errors) {
                context.error("parse error");
            }
            _failed = true;
        }
        return *this;
    }

    const std::string* find(std::string_view name, int flags);

    const Element* _element;
    ErrorHandler& _errh;
    std::vector<Slot> _slots;
    bool _last_given = false;
    bool _failed = false;
    std::vector<std::string> _missing;
};

}  // namespace click
