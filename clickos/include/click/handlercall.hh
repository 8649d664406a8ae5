// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>
#include <click/router.hh>
#include <click/value.hh>

#include <string>
#include <string_view>

namespace click {

/// A handler that is to be called later, as keywords such as END_CALL take it: `element.handler VALUE`.
class HandlerCall {
public:
    HandlerCall() = default;
    /// Finds the handler when `initialize` is called.
    explicit HandlerCall(std::string text) : _text(std::move(text)) {}

    /// Whether anything was asked for.
    bool empty() const { return _text.empty(); }
    const std::string& text() const { return _text; }

    /// Finds the handler, as seen from `context`, and checks that it can be written. Negative after a report.
    int initialize_write(const Element& context, ErrorHandler& errh);
    /// Writes the value; nothing happens before `initialize_write`.
    int write(ErrorHandler& errh) const;

private:
    std::string _text;
    Router* _router = nullptr;
    Router::HandlerRef _handler;
    std::string _value;
};

bool parse_arg(std::string_view text, HandlerCall& value, ArgContext& context);

/// What STOP and END_CALL together ask for at the end of an element's work; an error when both are given.
/// Returns negative after a report.
int end_call(bool stop, HandlerCall& call, ErrorHandler& errh);

}  // namespace click
