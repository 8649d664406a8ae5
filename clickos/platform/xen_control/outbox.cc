// SPDX-License-Identifier: Apache-2.0
#include "platform/xen_control/outbox.hh"

#include <utility>

#include "lib/format.hh"
#include "platform/xen_control/log.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

namespace {

constexpr size_t kFewestBytes = 125;

std::string shortened(const std::string& text, size_t most, Outbox::Cut cut) {
    if (text.size() <= most) {
        return text;
    }
    std::string end = cut == Outbox::Cut::Marked ? format("\n(cut off: %zu bytes in all)", text.size()) : "";
    return text.substr(0, most - end.size()) + end;
}

}  // namespace

bool Outbox::send(const std::string& path, const Message& message) {
    // A daemon may have been told to take less than all take that have not.
    for (size_t most = xenstore::kMostValueBytes; most >= kFewestBytes; most /= 2) {
        if (xenstore::write(path, shortened(message.text, most, message.cut))) {
            return true;
        }
        if (xenstore::error() != "E2BIG") {
            break;
        }
    }
    return false;
}

void Outbox::write(const std::string& path, const std::string& text, Cut cut) {
    Message message{text, cut};
    if (send(path, message)) {
        _left.erase(path);
        return;
    }
    log(LogLevel::Error, "cannot write " + path + ": " + xenstore::error() + "; trying again later\n");
    _left.insert_or_assign(path, std::move(message));
}

void Outbox::try_again() {
    std::erase_if(_left, [](const auto& entry) { return send(entry.first, entry.second); });
}

}  // namespace click::xen
