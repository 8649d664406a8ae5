// SPDX-License-Identifier: Apache-2.0
//
// From a list of connections to ports that know their peers: how many ports each element has, and which of them push
// and which pull.
#include <click/packet_walk.hh>
#include <click/router.hh>

#include <algorithm>
#include <charconv>
#include <climits>
#include <numeric>

#include "lib/format.hh"

namespace click {

namespace {

/// One side of a port count code.
struct PortRange {
    int least = 0;
    int most = INT_MAX;
    bool as_inputs = false;  ///< "=": as many outputs as inputs, "=+" one more each plus
    int plus = 0;
};

PortRange parse_range(std::string_view code) {
    PortRange range;
    if (code.starts_with('=')) {
        range.as_inputs = true;
        range.plus = static_cast<int>(std::count(code.begin(), code.end(), '+'));
        return range;
    }
    const char* end = code.data() + code.size();
    auto [behind, error] = std::from_chars(code.data(), end, range.least);
    if (error != std::errc{}) {
        range.least = 0;
        behind = code.data();
    }
    if (behind == end) {
        range.most = range.least;
    } else {
        std::from_chars(behind + 1, end, range.most);
    }
    return range;
}

enum class Way : uint8_t { Agnostic, Push, Pull };

Way declared_way(std::string_view processing, bool output, int port) {
    auto [in_side, out_side] = code_sides(processing);
    std::string_view code = port_code(output ? out_side : in_side, port);
    if (code == "h") {
        return Way::Push;
    }
    return code == "l" ? Way::Pull : Way::Agnostic;
}

const char* word(Way way) { return way == Way::Pull ? "pull" : "push"; }

/// Ports that must agree on push or pull, joined in sets (union-find).
class PortSets {
public:
    explicit PortSets(size_t count) : _parent(count), _way(count, Way::Agnostic) {
        std::iota(_parent.begin(), _parent.end(), size_t{0});
    }
    Way way(size_t port) { return _way[root(port)]; }
    void declare(size_t port, Way way) { _way[port] = way; }
    /// False when one is push and the other pull.
    bool join(size_t a, size_t b) {
        a = root(a);
        b = root(b);
        if (_way[a] != Way::Agnostic && _way[b] != Way::Agnostic && _way[a] != _way[b]) {
            return false;
        }
        if (_way[a] == Way::Agnostic) {
            _way[a] = _way[b];
        }
        _parent[b] = a;
        return true;
    }

private:
    size_t root(size_t port) {
        while (_parent[port] != port) {
            _parent[port] = _parent[_parent[port]];
            port = _parent[port];
        }
        return port;
    }
    std::vector<size_t> _parent;
    std::vector<Way> _way;
};

}  // namespace

bool Router::is_agnostic(const Element& element, bool output, int port) {
    return declared_way(element.processing(), output, port) == Way::Agnostic;
}

int Router::connect(ErrorHandler& errh) {
    int before = errh.error_count();
    std::vector<int> inputs(_elements.size(), 0);
    std::vector<int> outputs(_elements.size(), 0);
    for (const RouterDefinition::Connection& one : _definition.connections) {
        auto from = static_cast<size_t>(one.from);
        auto to = static_cast<size_t>(one.to);
        outputs[from] = std::max(outputs[from], one.from_port + 1);
        inputs[to] = std::max(inputs[to], one.to_port + 1);
    }
    for (const auto& element : _elements) {
        auto index = static_cast<size_t>(element->_index);
        auto [in_code, out_code] = code_sides(element->port_count());
        PortRange in_range = parse_range(in_code);
        PortRange out_range = parse_range(out_code);
        auto check = [&](bool output, int used, const PortRange& range) {
            for (int port = range.most; port < used; ++port) {
                bool connected =
                    std::any_of(_definition.connections.begin(), _definition.connections.end(), [&](const auto& one) {
                        return output ? one.from == element->_index && one.from_port == port
                                      : one.to == element->_index && one.to_port == port;
                    });
                if (connected) {
                    errh.error_at(element->landmark(), "'%s' has no %s %d", element->declaration().c_str(),
                                  output ? "output" : "input", port);
                }
            }
            return std::clamp(used, range.least, range.most);
        };
        int in_count = check(false, inputs[index], in_range);
        if (out_range.as_inputs) {
            out_range.least = out_range.most = in_count + out_range.plus;
        }
        int out_count = check(true, outputs[index], out_range);
        element->_inputs.resize(static_cast<size_t>(in_count));
        element->_outputs.resize(static_cast<size_t>(out_count));
        element->_input_push.resize(static_cast<size_t>(in_count));
        element->_output_push.resize(static_cast<size_t>(out_count));
    }
    return errh.error_count() > before ? -1 : 0;
}

int Router::resolve_processing(ErrorHandler& errh) {
    int before = errh.error_count();
    std::vector<size_t> first_input;
    std::vector<size_t> first_output;
    size_t ports = 0;
    for (const auto& element : _elements) {
        first_input.push_back(ports);
        ports += element->_inputs.size();
        first_output.push_back(ports);
        ports += element->_outputs.size();
    }
    PortSets sets(ports);
    for (const auto& element : _elements) {
        auto index = static_cast<size_t>(element->_index);
        for (int i = 0; i < element->ninputs(); ++i) {
            sets.declare(first_input[index] + static_cast<size_t>(i), declared_way(element->processing(), false, i));
        }
        for (int i = 0; i < element->noutputs(); ++i) {
            sets.declare(first_output[index] + static_cast<size_t>(i), declared_way(element->processing(), true, i));
        }
    }
    auto input_of = [&](const RouterDefinition::Connection& one) {
        return first_input[static_cast<size_t>(one.to)] + static_cast<size_t>(one.to_port);
    };
    auto output_of = [&](const RouterDefinition::Connection& one) {
        return first_output[static_cast<size_t>(one.from)] + static_cast<size_t>(one.from_port);
    };
    for (const RouterDefinition::Connection& one : _definition.connections) {
        if (!sets.join(output_of(one), input_of(one))) {
            const Element& from = *_elements[static_cast<size_t>(one.from)];
            const Element& to = *_elements[static_cast<size_t>(one.to)];
            errh.error_at(one.landmark, "'%s' %s output %d connected to '%s' %s input %d", from.declaration().c_str(),
                          word(sets.way(output_of(one))), one.from_port, to.declaration().c_str(),
                          word(sets.way(input_of(one))), one.to_port);
        }
    }
    for (const auto& element : _elements) {
        auto index = static_cast<size_t>(element->_index);
        for (int in = 0; in < element->ninputs(); ++in) {
            if (declared_way(element->processing(), false, in) != Way::Agnostic) {
                continue;
            }
            for (int out = 0; out < element->noutputs(); ++out) {
                size_t a = first_input[index] + static_cast<size_t>(in);
                size_t b = first_output[index] + static_cast<size_t>(out);
                if (declared_way(element->processing(), true, out) == Way::Agnostic &&
                    packets_flow(element->flow_code(), in, out) && !sets.join(a, b)) {
                    errh.error_at(element->landmark(), "agnostic '%s' in mixed context: %s input %d, %s output %d",
                                  element->declaration().c_str(), word(sets.way(a)), in, word(sets.way(b)), out);
                }
            }
        }
    }
    if (errh.error_count() > before) {
        return -1;
    }
    for (const auto& element : _elements) {
        auto index = static_cast<size_t>(element->_index);
        for (size_t i = 0; i < element->_inputs.size(); ++i) {
            element->_input_push[i] = sets.way(first_input[index] + i) != Way::Pull;
        }
        for (size_t i = 0; i < element->_outputs.size(); ++i) {
            element->_output_push[i] = sets.way(first_output[index] + i) != Way::Pull;
        }
    }
    std::vector<bool> used(ports, false);
    for (const RouterDefinition::Connection& one : _definition.connections) {
        Element& from = *_elements[static_cast<size_t>(one.from)];
        Element& to = *_elements[static_cast<size_t>(one.to)];
        Port& output = from._outputs[static_cast<size_t>(one.from_port)];
        Port& input = to._inputs[static_cast<size_t>(one.to_port)];
        bool again = output._peer == &to && output._peer_port == one.to_port;
        if (from.output_is_push(one.from_port) && output._peer && !again) {
            errh.error_at(one.landmark, "illegal reuse of '%s' push output %d", from.declaration().c_str(),
                          one.from_port);
        }
        if (to.input_is_pull(one.to_port) && input._peer && !again) {
            errh.error_at(one.landmark, "illegal reuse of '%s' pull input %d", to.declaration().c_str(), one.to_port);
        }
        output._peer = &to;
        output._peer_port = one.to_port;
        input._peer = &from;
        input._peer_port = one.from_port;
        used[output_of(one)] = used[input_of(one)] = true;
    }
    for (const auto& element : _elements) {
        auto index = static_cast<size_t>(element->_index);
        for (int i = 0; i < element->ninputs(); ++i) {
            if (!used[first_input[index] + static_cast<size_t>(i)]) {
                errh.error_at(element->landmark(), "'%s' %s input %d unused", element->declaration().c_str(),
                              element->input_is_push(i) ? "push" : "pull", i);
            }
        }
        for (int i = 0; i < element->noutputs(); ++i) {
            if (!used[first_output[index] + static_cast<size_t>(i)]) {
                errh.error_at(element->landmark(), "'%s' %s output %d unused", element->declaration().c_str(),
                              element->output_is_push(i) ? "push" : "pull", i);
            }
        }
    }
    return errh.error_count() > before ? -1 : 0;
}

}  // namespace click
