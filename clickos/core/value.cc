// SPDX-License-Identifier: Apache-2.0
#include <click/clock.hh>
#include <click/value.hh>

#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

std::string show_value(double value) { return format("%g", value); }

std::string show_value(Duration value) { return clock::unparse(value.nanoseconds); }

int HandlerValue::set(std::string_view, Element*, std::string_view, ErrorHandler& errh) {
    return errh.error("read-only");
}

int read_value(std::string_view text, bool& value, ErrorHandler& errh) {
    return parse_bool(trim(text), value) ? 0 : errh.error("expected boolean");
}

int read_integer(std::string_view text, int64_t low, uint64_t high, int64_t& value, ErrorHandler& errh) {
    SilentErrorHandler silent;
    ArgContext context(nullptr, silent, {});
    return parse_integer(trim(text), low, high, value, context) ? 0 : errh.error("expected integer");
}

}  // namespace click
