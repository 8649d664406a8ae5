// SPDX-License-Identifier: Apache-2.0
#include <click/packetcheck.hh>

#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

void CheckElement::report(int reason) const {
    platform::log(format("%s: %s: %s\n", name().c_str(), _what, _reasons[static_cast<size_t>(reason)]));
}

std::string CheckElement::drop_details() const {
    std::string text;
    for (size_t i = 0; i < _reasons.size(); ++i) {
        text += show_value(_reason_drops[i]) + '\t' + _reasons[i] + '\n';
    }
    return text;
}

void CheckElement::add_handlers() {
    add_data_handler("count", _count);
    add_data_handler("drops", _drops);
    if (_details) {
        add_read_handler<&CheckElement::drop_details>("drop_details");
    }
}

}  // namespace click
