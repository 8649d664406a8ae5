// SPDX-License-Identifier: Apache-2.0
#include <click/handlercall.hh>

#include "lang/confparse.hh"

namespace click {

int HandlerCall::initialize_write(const Element& context, ErrorHandler& errh) {
    std::string_view rest = _text;
    std::string path(take_word(rest));
    _value = rest;
    _router = &context.router();
    _handler = _router->find_handler(path, &context);
    if (!_handler) {
        return errh.error("no handler '%s'", path.c_str());
    }
    if (!_handler.handler->write) {
        return errh.error("handler '%s' not writable", path.c_str());
    }
    return 0;
}

int HandlerCall::write(ErrorHandler& errh) const { return _handler ? _router->write(_handler, _value, errh) : 0; }

bool parse_arg(std::string_view text, HandlerCall& value, ArgContext&) {
    value = HandlerCall(std::string(trim(text)));
    return true;
}

int end_call(bool stop, HandlerCall& call, ErrorHandler& errh) {
    if (stop && !call.empty()) {
        return errh.error("'END_CALL' and 'STOP' are mutually exclusive");
    }
    if (stop) {
        call = HandlerCall("stop");
    }
    return 0;
}

}  // namespace click
