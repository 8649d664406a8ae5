// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/etheraddress.hh"
#include "net/ip6address.hh"
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
bool parse_arg(std::string_view text, IP6Address& value, ArgContext& context);
bool parse_arg(std::string_view text, IP6Prefix& value, ArgContext& context);
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
    friend bool operator<(Duration one, Duration other) { return one.nanoseconds < other.nanoseconds; }
};
bool parse_arg(std::string_view text, Duration& value, ArgContext& context);

/// A moment of the wall clock, nanoseconds since the Unix epoch: seconds with a fraction, as packets' timestamps are shown.
struct Moment {
    int64_t nanoseconds = 0;
};
bool parse_arg(std::string_view text, Moment& value, ArgContext& context);

/// The path of a file, unquoted; never empty.
struct FileName {
    std::string path;
};
bool parse_arg(std::string_view text, FileName& value, ArgContext& context);

/// Port numbers from `low` to `high`: `80`, `1024-65535`.
struct PortNumbers {
    uint16_t low = 0;
    uint16_t high = 0;
};
bool parse_arg(std::string_view text, PortNumbers& value, ArgContext& context);

/// A UDP port: its number, or a name (PortInfo).
struct UdpPort {
    uint16_t number = 0;
};
bool parse_arg(std::string_view text, UdpPort& value, ArgContext& context);
inline std::string show_value(UdpPort value) { return std::to_string(value.number); }

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

/// A place for a value that must lie within [low, high]: what `bounded` makes for Args and for handlers of settings.
template <typename T>
struct Bounded {
    T& value;
    T low;
    T high;
    const char* complaint = nullptr;  ///< said in place of `NAME: out of range, bound N`
};
template <typename T>
Bounded<T> bounded(T& value, std::type_identity_t<T> low, std::type_identity_t<T> high,
                   const char* complaint = nullptr) {
    return {value, low, high, complaint};
}

/// The type of the value that an argument of Args stands for.
template <typename T>
struct ArgumentValue {
    using Type = T;
};
template <typename T>
struct ArgumentValue<Bounded<T>> {
    using Type = T;
};
template <typename T>
using ValueOf = typename ArgumentValue<std::remove_cvref_t<T>>::Type;

/// How a bound is shown that an argument of these types exceeds.
std::string show_value(double value);
std::string show_value(Duration value);

/// Reads `text` into `value`, within [low, high]: else reports `out of range, bound N`.
template <typename T>
bool parse_within(std::string_view text, T& value, const T& low, const T& high, ArgContext& context) {
    if constexpr (std::integral<T>) {
        int64_t number;
        if (!parse_integer(text, static_cast<int64_t>(low), static_cast<uint64_t>(high), number, context)) {
            return false;
        }
        value = static_cast<T>(number);
        return true;
    } else {
        T parsed{};
        if (!parse_arg(text, parsed, context)) {
            return false;
        }
        if (parsed < low || high < parsed) {
            return context.error("out of range, bound %s", show_value(parsed < low ? low : high).c_str());
        }
        value = parsed;
        return true;
    }
}

/// Reads `text` into `value`, within the bounds of `place`.
template <typename T>
bool parse_bounded(std::string_view text, T& value, const Bounded<T>& place, ArgContext& context) {
    if (!place.complaint) {
        return parse_within(text, value, place.low, place.high, context);
    }
    SilentErrorHandler silent;
    ArgContext unheard(context.element(), silent, {});
    if (!parse_within(text, value, place.low, place.high, unheard)) {
        context.errh().error("%s", place.complaint);
        return false;
    }
    return true;
}

/// Reads a configuration: mandatory and optional positional arguments, and keywords, in one chain.
///
///     return Args(conf, this, errh)
///         .mandatory("ADDR", _address)
///         .optional("CAPACITY", bounded(_capacity, 1, kMost))
///         .keyword("ACTIVE", _active, true)
///         .complete();
///
/// `mandatory` and `optional` arguments may also be given by keyword. A third argument is what the value becomes when
/// the argument is not there; without one, the value stays as it is. Nothing is stored before `complete` (or `consume`)
/// has found all of it right: an element whose new configuration is refused goes on as it was. Every error is reported.
class Args {
public:
    Args(const std::vector<std::string>& conf, const Element* element, ErrorHandler& errh);

    template <typename T>
    Args& mandatory(std::string_view name, T&& value) {
        return read(name, kMandatory | kPositional, std::forward<T>(value));
    }
    template <typename T>
    Args& optional(std::string_view name, T&& value) {
        return read(name, kPositional, std::forward<T>(value));
    }
    template <typename T>
    Args& optional(std::string_view name, T&& value, const ValueOf<T>& otherwise) {
        return read(name, kPositional, std::forward<T>(value)).otherwise(value, otherwise);
    }
    template <typename T>
    Args& keyword(std::string_view name, T&& value) {
        return read(name, 0, std::forward<T>(value));
    }
    template <typename T>
    Args& keyword(std::string_view name, T&& value, const ValueOf<T>& otherwise) {
        return read(name, 0, std::forward<T>(value)).otherwise(value, otherwise);
    }
    template <typename T>
    Args& mandatory_keyword(std::string_view name, T&& value) {
        return read(name, kMandatory, std::forward<T>(value));
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

    /// 0 after storing all values, or -1 after reporting missing, surplus and unknown arguments.
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

    /// A value that is right, until it may be stored.
    struct Pending {
        Pending() = default;
        Pending(const Pending&) = delete;
        Pending& operator=(const Pending&) = delete;
        virtual ~Pending() = default;
        virtual void store() = 0;
    };
    template <typename T>
    struct PendingValue final : Pending {
        PendingValue(T& destination, T parsed) : place(destination), value(std::move(parsed)) {}
        void store() override { place = std::move(value); }
        T& place;
        T value;
    };

    template <typename T>
    Args& read(std::string_view name, int flags, T& value) {
        return parse(name, flags, value, [](std::string_view text, T& parsed, ArgContext& context) {
            return parse_arg(text, parsed, context);
        });
    }
    template <typename T>
    Args& read(std::string_view name, int flags, const Bounded<T>& place) {
        return parse(name, flags, place.value, [&](std::string_view text, T& parsed, ArgContext& context) {
            return parse_bounded(text, parsed, place, context);
        });
    }

    template <typename T, typename F>
    Args& parse(std::string_view name, int flags, T& place, F parser) {
        const std::string* text = find(name, flags);
        if (!text) {
            return *this;
        }
        T parsed = place;
        int errors = _errh.error_count();
        ArgContext context(_element, _errh, name);
        if (parser(*text, parsed, context)) {
            _pending.push_back(std::make_unique<PendingValue<T>>(place, std::move(parsed)));
        } else {
            fail(context, errors);
        }
        return *this;
    }

    template <typename T>
    Args& otherwise(T& place, const T& value) {
        if (!_last_given) {
            _pending.push_back(std::make_unique<PendingValue<T>>(place, value));
        }
        return *this;
    }
    template <typename T>
    Args& otherwise(const Bounded<T>& place, const T& value) {
        return otherwise(place.value, value);
    }

    const std::string* find(std::string_view name, int flags);
    void fail(ArgContext& context, int errors_before);
    int finish(bool surplus);

    const Element* _element;
    ErrorHandler& _errh;
    std::vector<Slot> _slots;
    std::vector<std::unique_ptr<Pending>> _pending;
    bool _last_given = false;
    bool _failed = false;
    std::vector<std::string> _missing;
};

}  // namespace click
