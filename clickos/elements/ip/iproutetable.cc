// SPDX-License-Identifier: Apache-2.0
#include "elements/ip/iproutetable.hh"

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

std::string IPRoute::unparse(bool tabs) const {
    auto column = [tabs](std::string text, size_t width) {
        size_t length = text.size();
        text += tabs ? '\t' : ' ';
        return tabs && length + 1 < width ? text + '\t' : text;
    };
    return column(IPPrefix{address, mask}.unparse(), 17) + column(gateway ? gateway.unparse() : "-", 9) +
           format("%d", port);
}

bool IPRouteTable::parse_route(std::string_view text, bool port_optional, IPRoute& route, ErrorHandler& errh) const {
    SilentErrorHandler silent;
    ArgContext context(this, silent, "");
    std::vector<std::string> words = split_words(text);
    IPPrefix prefix;
    if (words.empty() || words.size() > 3 || !parse_arg(words[0], prefix, context)) {
        return false;
    }
    IPRoute parsed{prefix.address & prefix.mask, prefix.mask, IPAddress(), -1};
    size_t next = 1;
    bool has_gateway = words.size() == 3;
    if (words.size() == 2 && port_optional) {
        has_gateway = words[1] == "-" || words[1].find('.') != std::string::npos;
    }
    if (has_gateway) {
        if (words[next] != "-" && !parse_arg(words[next], parsed.gateway, context)) {
            return false;
        }
        ++next;
    }
    if (next < words.size()) {
        if (!parse_arg(words[next], parsed.port, context)) {
            return false;
        }
        if (parsed.port < 0 || parsed.port >= noutputs()) {
            errh.error("bad OUTPUT");
            return false;
        }
    } else if (!port_optional) {
        return false;
    }
    route = parsed;
    return true;
}

int IPRouteTable::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = 0;
    for (size_t i = 0; i < conf.size(); ++i) {
        SilentErrorHandler silent;
        IPRoute route;
        IPRoute before;
        if (!parse_route(conf[i], false, route, silent)) {
            result = errh.error("argument %zu should be 'ADDR/MASK [GATEWAY] OUTPUT'", i + 1);
        } else {
            PrefixErrorHandler numbered(errh, format("argument %zu: ", i + 1));
            if (add_route(route, false, before, numbered) < 0) {
                result = -1;
            }
        }
    }
    return result;
}

int IPRouteTable::add_route(const IPRoute& route, bool replace, IPRoute& before, ErrorHandler& errh) {
    if (!takes_mask(route.mask)) {
        return errh.error("route '%s': mask is no prefix", route.unparse().c_str());
    }
    uint32_t slot = slot_of(route);
    if (slot == kNoRoute) {
        if (_free_slots.empty()) {
            slot = static_cast<uint32_t>(_routes.size());
            _routes.emplace_back();
        } else {
            slot = _free_slots.back();
            _free_slots.pop_back();
        }
        store(slot, route);
        return 0;
    }
    before = _routes[slot];
    if (!replace) {
        return errh.error("conflict with existing route '%s'", before.unparse().c_str());
    }
    drop(slot);
    _free_slots.pop_back();
    store(slot, route);
    return 0;
}

int IPRouteTable::remove_route(const IPRoute& route, IPRoute& before, ErrorHandler& errh) {
    uint32_t slot = slot_of(route);
    if (slot == kNoRoute || (route.port >= 0 && route.port != _routes[slot].port) ||
        (route.gateway && route.gateway != _routes[slot].gateway)) {
        std::string text = route.port < 0 ? IPPrefix{route.address, route.mask}.unparse() : route.unparse();
        return errh.error("route '%s' not found", text.c_str());
    }
    before = _routes[slot];
    drop(slot);
    return 0;
}

void IPRouteTable::store(uint32_t slot, const IPRoute& route) {
    _routes[slot] = route;
    attach(slot);
}

void IPRouteTable::drop(uint32_t slot) {
    detach(slot);
    _routes[slot] = {};
    _free_slots.push_back(slot);
}

void IPRouteTable::flush() {
    for (uint32_t slot = 1; slot < _routes.size(); ++slot) {
        if (_routes[slot].port >= 0) {
            drop(slot);
        }
    }
}

void IPRouteTable::roll_back(const std::vector<Undo>& undo) {
    SilentErrorHandler silent;
    IPRoute ignored;
    for (size_t i = undo.size(); i-- > 0;) {
        if (undo[i].before.port >= 0) {
            add_route(undo[i].before, true, ignored, silent);
        } else {
            remove_route(undo[i].after, ignored, silent);
        }
    }
}

void IPRouteTable::complain(const Packet& packet) {
    constexpr unsigned kMostComplaints = 5;
    if (_complaints < kMostComplaints) {
        ++_complaints;
        platform::log(format("%s: no route for %s\n", class_name(), anno::dst_ip(packet).unparse().c_str()));
    }
}

int IPRouteTable::run(Command command, std::string_view text, std::vector<Undo>* undo, ErrorHandler& errh) {
    IPRoute route;
    int errors = errh.error_count();
    if (!parse_route(text, command == kRemove, route, errh)) {
        return errh.error_count() != errors
                   ? -1
                   : errh.error("expected 'ADDR/MASK [GATEWAY%s'", command == kRemove ? " OUTPUT]" : "] OUTPUT");
    }
    IPRoute before;
    int result =
        command == kRemove ? remove_route(route, before, errh) : add_route(route, command == kSet, before, errh);
    if (result >= 0 && undo) {
        undo->push_back({route, before});
    }
    return result;
}

std::string IPRouteTable::table() const {
    std::string text;
    for (const IPRoute& route : _routes) {
        if (route.port >= 0) {
            text += route.unparse(true) + '\n';
        }
    }
    return text;
}

std::string IPRouteTable::lookup(std::string_view parameter, ErrorHandler& errh) const {
    SilentErrorHandler silent;
    ArgContext context(this, silent, "");
    IPAddress address;
    if (!parse_arg(trim(parameter), address, context)) {
        errh.error("expected IP address");
        return {};
    }
    const IPRoute& found = _routes[slot_for(address)];
    return found.gateway ? format("%d %s", found.port, found.gateway.unparse().c_str()) : format("%d", found.port);
}

int IPRouteTable::update(std::string_view value, int command, ErrorHandler& errh) {
    return run(static_cast<Command>(command), trim(value), nullptr, errh);
}

int IPRouteTable::control(std::string_view value, ErrorHandler& errh) {
    std::vector<Undo> undo;
    while (!value.empty()) {
        size_t end = value.find('\n');
        std::string_view line = trim(value.substr(0, end));
        value = end == std::string_view::npos ? std::string_view() : value.substr(end + 1);
        if (line.empty()) {
            continue;
        }
        std::string_view rest = line;
        std::string_view word = take_word(rest);
        int result;
        if (word == "add") {
            result = run(kAdd, rest, &undo, errh);
        } else if (word == "set") {
            result = run(kSet, rest, &undo, errh);
        } else if (word == "remove") {
            result = run(kRemove, rest, &undo, errh);
        } else {
            result = errh.error("bad command '%.*s'", static_cast<int>(word.size()), word.data());
        }
        if (result < 0) {
            roll_back(undo);
            return result;
        }
    }
    return 0;
}

void IPRouteTable::add_table_handlers() {
    add_read_handler<&IPRouteTable::table>("table", 0, Handler::kExpensive);
    add_read_handler<&IPRouteTable::lookup>("lookup", 0, Handler::kReadParam);
}

void IPRouteTable::add_update_handlers() {
    add_write_handler<&IPRouteTable::update>("add", kAdd);
    add_write_handler<&IPRouteTable::update>("set", kSet);
    add_write_handler<&IPRouteTable::update>("remove", kRemove);
    add_write_handler<&IPRouteTable::control>("ctrl");
    add_write_handler<&IPRouteTable::flush>("flush", 0, Handler::kButton);
}

}  // namespace click
