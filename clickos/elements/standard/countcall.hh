// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/handlercall.hh>

#include "lang/confparse.hh"

namespace click {

/// "Call this handler when a count reaches that number."
struct CountCall {
    uint64_t count = ~uint64_t{0};
    HandlerCall call;
    bool done = true;
};

inline bool parse_arg(std::string_view text, CountCall& value, ArgContext& context) {
    std::string_view rest = text;
    uint64_t count;
    if (!parse_unsigned(take_word(rest), count)) {
        return context.error("should be `N HANDLER [VALUE]'");
    }
    value.count = count;
    value.done = false;
    if (!rest.empty()) {
        value.call = HandlerCall(std::string(trim(rest)));
    }
    return true;
}

/// Takes a new argument that was written to the handler `name` of `element`; where it names no handler, the old one stays.
/// Negative after a report.
inline int renew(CountCall& old, std::string_view text, std::string_view name, const Element& element,
                 ErrorHandler& errh) {
    CountCall next = old;
    ArgContext context(&element, errh, name);
    if (!parse_arg(trim(text), next, context) ||
        (!next.call.empty() && next.call.initialize_write(element, errh) < 0)) {
        return -1;
    }
    old = std::move(next);
    return 0;
}

}  // namespace click
