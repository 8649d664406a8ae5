// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>
#include <click/tally.hh>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace click {

/// A value as a read handler shows it. Add an overload for a new type beside that type.
inline std::string show_value(bool value) { return value ? "true" : "false"; }
template <std::integral T>
requires(!std::same_as<T, bool>) std::string show_value(T value) { return std::to_string(value); }
inline std::string show_value(const Tally& value) { return std::to_string(value.value()); }
inline std::string show_value(const std::string& value) { return value; }
inline std::string show_value(IPAddress value) { return value.unparse(); }
inline std::string show_value(const IP6Address& value) { return value.unparse(); }
inline std::string show_value(const IPPrefix& value) { return value.unparse(); }
inline std::string show_value(EtherAddress value) { return value.unparse(); }

/// Reads a value that was written to a handler. Negative after reporting "expected boolean" or "expected integer".
int read_value(std::string_view text, bool& value, ErrorHandler& errh);
int read_integer(std::string_view text, int64_t low, uint64_t high, int64_t& value, ErrorHandler& errh);

template <std::integral T>
requires(!std::same_as<T, bool>) int read_value(std::string_view text, T& value, ErrorHandler& errh) {
    int64_t number;
    if (read_integer(text, static_cast<int64_t>(std::numeric_limits<T>::min()),
                     static_cast<uint64_t>(std::numeric_limits<T>::max()), number, errh) < 0) {
        return -1;
    }
    value = static_cast<T>(number);
    return 0;
}

/// What a setting of that type says of a text that is none.
template <typename T>
inline constexpr const char* kExpected = "syntax error";
template <>
inline constexpr const char* kExpected<IPAddress> = "expected IP address";
template <>
inline constexpr const char* kExpected<IP6Address> = "expected IPv6 address";
template <>
inline constexpr const char* kExpected<EtherAddress> = "expected Ethernet address";

/// A variable of an element that a handler shows, and may set.
class HandlerValue {
public:
    HandlerValue() = default;
    HandlerValue(const HandlerValue&) = delete;
    HandlerValue& operator=(const HandlerValue&) = delete;
    virtual ~HandlerValue() = default;
    virtual std::string show() const = 0;
    /// Negative after a report; then the variable is as it was.
    virtual int set(std::string_view text, Element* element, std::string_view name, ErrorHandler& errh);
};

/// One that is only shown.
template <typename T>
class ShownValue final : public HandlerValue {
public:
    explicit ShownValue(const T& place) : _place(place) {}
    std::string show() const override { return show_value(_place); }

private:
    const T& _place;
};

/// Whether values of that type can have bounds: what is read as a number.
template <typename T>
inline constexpr bool kHasBounds = std::integral<T> || std::floating_point<T> || std::same_as<T, Duration>;

/// One that can be written, within bounds where there are some.
template <typename T>
class SettingValue final : public HandlerValue {
public:
    using Hook = void (*)(Element* element);
    SettingValue(T& place, Hook changed) : _place(place), _changed(changed) {}
    SettingValue(const Bounded<T>& place, Hook changed)
        : _place(place.value),
          _low(place.low),
          _high(place.high),
          _complaint(place.complaint),
          _bounded(true),
          _changed(changed) {}
    std::string show() const override { return show_value(_place); }
    int set(std::string_view text, Element* element, std::string_view name, ErrorHandler& errh) override;

private:
    T& _place;
    T _low{};
    T _high{};
    const char* _complaint = nullptr;
    bool _bounded = false;
    Hook _changed;
};

template <typename T>
int SettingValue<T>::set(std::string_view text, Element* element, std::string_view name, ErrorHandler& errh) {
    T next = _place;
    ArgContext context(element, errh, name);
    int errors = errh.error_count();
    if (_bounded) {
        if constexpr (kHasBounds<T>) {
            if (!parse_bounded(text, next, Bounded<T>{next, _low, _high, _complaint}, context)) {
                return -1;
            }
        }
    } else if constexpr (requires { read_value(text, next, errh); }) {
        if (read_value(text, next, errh) < 0) {
            return -1;
        }
    } else if (!parse_arg(text, next, context)) {
        return errh.error_count() == errors ? errh.error("%s", kExpected<T>) : -1;
    }
    _place = std::move(next);
    if (_changed) {
        _changed(element);
    }
    return 0;
}

}  // namespace click
