// SPDX-License-Identifier: Apache-2.0
#include "elements/ip/routetable.hh"

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

template <typename Family>
std::string Route<Family>::unparse(bool tabs) const {
    auto column = [tabs](std::string text, size_t width) {
        size_t length = text.size();
        text += tabs ? '\t' : ' ';
        return tabs && length + 1 < width ? text + '\t' : text;
    };
    return column(typename Family::Prefix{address, mask}.unparse(), 17) +
           column(has_gateway() ? gateway.unparse() : "-", 9) + format("%d", port);
}

template <typename Family>
bool RouteTable<Family>::parse_route(std::string_view text, bool port_optional, Entry& route,
                                     ErrorHandler& errh) const {
    SilentErrorHandler silent;
    ArgContext context(this, silent, "");
    std::vector<std::string> words = split_words(text);
    typename Family::Prefix prefix;
    if (words.empty() || words.size() > 3 || !parse_arg(words[0], prefix, context)) {
        return false;
    }
    Entry parsed{Family::masked(prefix), prefix.mask, Address(), -1};
    size_t next = 1;
    bool has_gateway = words.size() == 3;
    if (words.size() == 2 && port_optional) {
        has_gateway = words[1] == "-" || words[1].find(Family::kSeparator) != std::string::npos;
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

template <typename Family>
int RouteTable<Family>::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = 0;
    int replaced = 0;
    for (size_t i = 0; i < conf.size(); ++i) {
        SilentErrorHandler silent;
        PrefixErrorHandler numbered(errh, format("argument %zu: ", i + 1));
        Entry route;
        Entry before;
        uint32_t tunnel = 0;
        if (!take_tunnel(conf[i], tunnel, numbered)) {
            result = -1;
        } else if (!parse_route(conf[i], false, route, silent)) {
            result = errh.error("argument %zu should be 'ADDR/MASK [GATEWAY] OUTPUT'", i + 1);
        } else {
            route.tunnel = tunnel;
            if (add_route(route, true, before, numbered) < 0) {
                result = -1;
            }
            replaced += before.port >= 0;
        }
    }
    if (replaced) {
        errh.warning("%d route%s replaced by later versions", replaced, replaced > 1 ? "s" : "");
    }
    return result;
}

template <typename Family>
int RouteTable<Family>::add_route(const Entry& route, bool replace, Entry& before, ErrorHandler& errh) {
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

template <typename Family>
int RouteTable<Family>::remove_route(const Entry& route, Entry& before, ErrorHandler& errh) {
    uint32_t slot = slot_of(route);
    if (slot == kNoRoute || (route.port >= 0 && route.port != _routes[slot].port) ||
        (route.has_gateway() && route.gateway != _routes[slot].gateway)) {
        std::string text =
            route.port < 0 ? typename Family::Prefix{route.address, route.mask}.unparse() : route.unparse();
        return errh.error("route '%s' not found", text.c_str());
    }
    before = _routes[slot];
    drop(slot);
    return 0;
}

template <typename Family>
void RouteTable<Family>::store(uint32_t slot, const Entry& route) {
    _routes[slot] = route;
    attach(slot);
}

template <typename Family>
void RouteTable<Family>::drop(uint32_t slot) {
    detach(slot);
    _routes[slot] = {};
    _free_slots.push_back(slot);
}

template <typename Family>
void RouteTable<Family>::flush() {
    for (uint32_t slot = 1; slot < _routes.size(); ++slot) {
        if (_routes[slot].port >= 0) {
            drop(slot);
        }
    }
}

template <typename Family>
void RouteTable<Family>::roll_back(const std::vector<Undo>& undo) {
    SilentErrorHandler silent;
    Entry ignored;
    for (size_t i = undo.size(); i-- > 0;) {
        if (undo[i].before.port >= 0) {
            add_route(undo[i].before, true, ignored, silent);
        } else {
            remove_route(undo[i].after, ignored, silent);
        }
    }
}

template <typename Family>
void RouteTable<Family>::complain(const Packet& packet) {
    constexpr unsigned kMostComplaints = 5;
    if (_complaints < kMostComplaints) {
        ++_complaints;
        platform::log(format("%s: no route for %s\n", class_name(), Family::next_hop(packet).unparse().c_str()));
    }
}

template <typename Family>
int RouteTable<Family>::run(Command command, std::string text, std::vector<Undo>* undo, ErrorHandler& errh) {
    Entry route;
    uint32_t tunnel = 0;
    int errors = errh.error_count();
    if (command != kRemove && !take_tunnel(text, tunnel, errh)) {
        return -1;
    }
    if (!parse_route(text, command == kRemove, route, errh)) {
        return errh.error_count() != errors
                   ? -1
                   : errh.error("expected 'ADDR/MASK [GATEWAY%s'", command == kRemove ? " OUTPUT]" : "] OUTPUT");
    }
    route.tunnel = tunnel;
    Entry before;
    int result =
        command == kRemove ? remove_route(route, before, errh) : add_route(route, command == kSet, before, errh);
    if (result >= 0 && undo) {
        undo->push_back({route, before});
    }
    return result;
}

template <typename Family>
std::string RouteTable<Family>::table() const {
    std::string text;
    for (const Entry& route : _routes) {
        if (route.port >= 0) {
            text += route.unparse(true) + '\n';
        }
    }
    return text;
}

template <typename Family>
std::string RouteTable<Family>::lookup(std::string_view parameter, ErrorHandler& errh) const {
    SilentErrorHandler silent;
    ArgContext context(this, silent, "");
    Address address;
    if (!parse_arg(trim(parameter), address, context)) {
        errh.error("%s", Family::kExpected);
        return {};
    }
    const Entry& found = _routes[slot_for(address)];
    return found.has_gateway() ? format("%d %s", found.port, found.gateway.unparse().c_str())
                               : format("%d", found.port);
}

template <typename Family>
int RouteTable<Family>::update(std::string_view value, int command, ErrorHandler& errh) {
    begin_update();
    return run(static_cast<Command>(command), std::string(trim(value)), nullptr, errh);
}

template <typename Family>
int RouteTable<Family>::control(std::string_view value, ErrorHandler& errh) {
    std::vector<Undo> undo;
    begin_update();
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
            result = run(kAdd, std::string(rest), &undo, errh);
        } else if (word == "set") {
            result = run(kSet, std::string(rest), &undo, errh);
        } else if (word == "remove") {
            result = run(kRemove, std::string(rest), &undo, errh);
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

template <typename Family>
void RouteTable<Family>::add_table_handlers() {
    add_read_handler<&RouteTable::table>("table", 0, Handler::kExpensive);
    add_read_handler<&RouteTable::lookup>("lookup", 0, Handler::kReadParam);
}

template <typename Family>
void RouteTable<Family>::add_update_handlers() {
    add_write_handler<&RouteTable::update>("add", kAdd);
    add_write_handler<&RouteTable::update>("set", kSet);
    add_write_handler<&RouteTable::update>("remove", kRemove);
    add_write_handler<&RouteTable::control>("ctrl");
    add_write_handler<&RouteTable::flush>("flush", 0, Handler::kButton);
}

template struct Route<Ip4Family>;
template struct Route<Ip6Family>;
template class RouteTable<Ip4Family>;
template class RouteTable<Ip6Family>;

}  // namespace click
