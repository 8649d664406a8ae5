// SPDX-License-Identifier: Apache-2.0
//
// Requests to handlers: those of a router's elements, and the guest's own.
#include <algorithm>

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/xen_control/control.hh"
#include "platform/xen_control/guest.hh"
#include "platform/xen_control/log.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

/// Answers `platform.NAME`, which needs no router. False when there is no such name.
bool Control::read_platform(std::string_view name, std::string& value) const {
    constexpr std::string_view kPrefix = "platform.";
    if (!name.starts_with(kPrefix)) {
        return false;
    }
    name.remove_prefix(kPrefix.size());
    if (name == "boot_us") {
        value = std::to_string(_boot < 0 ? -1 : _boot / 1000);
        return true;
    }
    return guest::read_figure(name, value);
}

/// A request is `NUMBER read PATH [PARAMETER]`, `NUMBER write PATH` with the value in the lines after the first, or
/// `NUMBER more OFFSET` for the rest of a long answer.
void Control::follow_request(const std::string& number) {
    std::string request;
    if (!xenstore::read(folder(number) + "/request", request)) {
        return;
    }
    std::string_view question = request;
    std::string id(take_word(question));
    std::unique_ptr<Instance>& instance = _instances[number];
    if (!instance) {
        instance = std::make_unique<Instance>();
    }
    if (id.empty() || id == instance->last_request) {
        return;
    }
    log(LogLevel::Debug, "router " + number + " request " + request + "\n");
    instance->last_request = id;
    std::string reply = id + " " + answer(*instance, question);
    // An answer says how long it is, and the rest of it can be asked for.
    Outbox::Cut cut = reply.starts_with(id + " ok ") ? Outbox::Cut::Plain : Outbox::Cut::Marked;
    _outbox.write(folder(number) + "/reply", reply, cut);
}

std::string Control::answer(Instance& instance, std::string_view question) {
    size_t line_end = std::min(question.find('\n'), question.size());
    std::string_view line = question.substr(0, line_end);
    std::string_view value = question.substr(std::min(line_end + 1, question.size()));
    std::string_view verb = take_word(line);
    std::string_view subject = take_word(line);
    if (verb == "more") {
        uint64_t offset = 0;
        bool good = parse_unsigned(subject, offset) && offset <= instance.answer.size();
        return good ? format("ok %zu\n", instance.answer.size()) + instance.answer.substr(offset)
                    : "error\nexpected an offset within the last answer";
    }
    if (verb != "read" && verb != "write") {
        return "error\nexpected read, write or more";
    }
    if (verb == "read" && read_platform(subject, instance.answer)) {
        return format("ok %zu\n", instance.answer.size()) + instance.answer;
    }
    if (!instance.router) {
        return "error\nno router";
    }
    Router::HandlerRef handler = instance.router->find_handler(subject);
    bool possible = handler && (verb == "read" ? handler.handler->read != nullptr : handler.handler->write != nullptr);
    if (!possible) {
        return format("error\nno %s handler '%s'", std::string(verb).c_str(), std::string(subject).c_str());
    }
    TextErrorHandler errh;
    instance.answer.clear();
    bool failed;
    if (verb == "read") {
        instance.answer = instance.router->read(handler, trim(line), errh);
        failed = errh.error_count() > 0;
    } else {
        failed = instance.router->write(handler, value, errh) < 0;
    }
    if (failed) {
        return "error\n" + errh.text();
    }
    return format("ok %zu\n", instance.answer.size()) + instance.answer;
}

}  // namespace click::xen
