// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <cstdint>
#include <string>
#include <string_view>

namespace click {

class Element;
class HandlerValue;

/// A named variable of an element (or of the whole router) that can be read, written or both.
struct Handler {
    enum Flag : uint32_t {
        kButton = 1,     ///< written without a value
        kRaw = 2,        ///< neither quoted nor ended with a newline by whoever shows it
        kReadParam = 4,  ///< a read takes a parameter
        kExpensive = 8,
        kUncommon = 16,
        kCheckbox = 32,
        kCalm = 64,
    };
    /// A read failure: reported to the ErrorHandler, and an empty value is returned.
    using Read = std::string (*)(Element* element, std::string_view parameter, const Handler& handler,
                                 ErrorHandler& errh);
    /// Returns negative after reporting why the value was refused.
    using Write = int (*)(Element* element, std::string_view value, const Handler& handler, ErrorHandler& errh);

    std::string name;
    Read read = nullptr;
    Write write = nullptr;
    int read_index = 0;
    int write_index = 0;
    uint32_t flags = 0;
    HandlerValue* value = nullptr;  ///< what it stands for, where that is a variable of the element
};

namespace detail {

template <typename>
struct Member;
template <typename C, typename R, typename... A>
struct Member<R (C::*)(A...)> {
    using Class = C;
};
template <typename C, typename R, typename... A>
struct Member<R (C::*)(A...) const> {
    using Class = C;
};

}  // namespace detail

/// Whether a read handler's method looks at the parameter.
template <auto Method>
constexpr bool takes_parameter = requires(typename detail::Member<decltype(Method)>::Class* self,
                                          std::string_view parameter, ErrorHandler& errh) {
    (self->*Method)(parameter, errh);
}
|| requires(typename detail::Member<decltype(Method)>::Class* self, std::string_view parameter, ErrorHandler& errh) {
    (self->*Method)(parameter, 0, errh);
};

/// Makes a read handler of a member function of any of these forms:
/// `std::string f() const`, `f(int index)`, `f(std::string_view parameter, ErrorHandler&)`,
/// `f(std::string_view parameter, int index, ErrorHandler&)`.
template <auto Method>
std::string read_thunk(Element* element, std::string_view parameter, const Handler& handler, ErrorHandler& errh) {
    auto* self = static_cast<typename detail::Member<decltype(Method)>::Class*>(element);
    if constexpr (requires { (self->*Method)(); }) {
        return (self->*Method)();
    } else if constexpr (requires { (self->*Method)(parameter, errh); }) {
        return (self->*Method)(parameter, errh);
    } else if constexpr (requires { (self->*Method)(parameter, handler.read_index, errh); }) {
        return (self->*Method)(parameter, handler.read_index, errh);
    } else {
        return (self->*Method)(handler.read_index);
    }
}

/// Makes a write handler of a member function of any of these forms:
/// `int f(std::string_view value, ErrorHandler&)`, `int f(std::string_view value, int index, ErrorHandler&)`, `void f()`.
template <auto Method>
int write_thunk(Element* element, std::string_view value, const Handler& handler, ErrorHandler& errh) {
    auto* self = static_cast<typename detail::Member<decltype(Method)>::Class*>(element);
    if constexpr (requires { (self->*Method)(); }) {
        (self->*Method)();
        return 0;
    } else if constexpr (requires { (self->*Method)(value, handler.write_index, errh); }) {
        return (self->*Method)(value, handler.write_index, errh);
    } else {
        return (self->*Method)(value, errh);
    }
}

}  // namespace click
