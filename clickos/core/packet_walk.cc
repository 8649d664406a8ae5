// SPDX-License-Identifier: Apache-2.0
#include <click/packet_walk.hh>
#include <click/router.hh>

namespace click {

std::pair<std::string_view, std::string_view> code_sides(std::string_view code) {
    size_t slash = code.find('/');
    return slash == std::string_view::npos ? std::pair{code, code}
                                           : std::pair{code.substr(0, slash), code.substr(slash + 1)};
}

std::string_view port_code(std::string_view side, int port) {
    std::string_view entry;
    size_t at = 0;
    for (int i = 0; i <= port && at < side.size(); ++i) {
        size_t end = at + 1;
        if (side[at] == '[') {
            end = side.find(']', at);
            end = end == std::string_view::npos ? side.size() : end + 1;
        }
        entry = side.substr(at, end - at);
        at = end;
    }
    return entry;
}

bool packets_flow(std::string_view flow_code, int in, int out) {
    auto [in_side, out_side] = code_sides(flow_code);
    std::string_view from = port_code(in_side, in);
    std::string_view to = port_code(out_side, out);
    bool negated = from.starts_with("[^");
    for (char c : from) {
        if (c == '#' && in == out) {
            return !negated;
        }
        if (c != '[' && c != ']' && c != '^' && c != '#' && to.find(c) != std::string_view::npos) {
            return !negated;
        }
    }
    return negated;
}

PacketWalk::PacketWalk(const Router& router, Way way) : _upstream(way == Way::Upstream) {
    size_t ports = 0;
    _first_port.reserve(router.elements().size());
    for (const auto& element : router.elements()) {
        _first_port.push_back(ports);
        ports += static_cast<size_t>(_upstream ? element->noutputs() : element->ninputs());
    }
    _seen.resize(ports, false);
}

/// Notes the other end of a connection as a way to go.
void PacketWalk::leave(const Element& element, int port) {
    const Port& exit = _upstream ? element.input(port) : element.output(port);
    if (!exit.connected()) {
        return;
    }
    size_t place = _first_port[static_cast<size_t>(exit.peer()->index())] + static_cast<size_t>(exit.peer_port());
    if (!_seen[place]) {
        _seen[place] = true;
        _ways.emplace_back(exit.peer(), exit.peer_port());
    }
}

bool PacketWalk::pass(const Element& element, int entry) {
    int exits = _upstream ? element.ninputs() : element.noutputs();
    bool leads_on = false;
    bool closed = true;
    for (int exit = 0; exit < exits; ++exit) {
        if (!(_upstream ? packets_flow(element.flow_code(), exit, entry)
                        : packets_flow(element.flow_code(), entry, exit))) {
            continue;
        }
        if (_upstream ? element.input_is_pull(exit) : element.output_is_push(exit)) {
            leads_on = true;
            leave(element, exit);
        } else {
            closed = false;
        }
    }
    return leads_on && closed;
}

}  // namespace click
