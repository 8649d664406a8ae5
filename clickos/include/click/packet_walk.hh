// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include <string_view>
#include <utility>
#include <vector>

namespace click {

/// The letters that stand for a port in one side of a processing or flow code; the last entry repeats.
std::string_view port_code(std::string_view side, int port);
/// Both sides of a port count, processing or flow code.
std::pair<std::string_view, std::string_view> code_sides(std::string_view code);
/// Whether a packet of input `in` may leave by output `out`, by Click's flow code.
bool packets_flow(std::string_view flow_code, int in, int out);

/// A walk through the packet graph, the way that calls take: down from an output that pushes, or up from an input that
/// pulls. From element to element it goes on by those ports only that the flow code joins.
///
/// Needs no stack, however long the way is, and meets each port once.
class PacketWalk {
public:
    enum class Way : uint8_t { Upstream, Downstream };

    PacketWalk(const Router& router, Way way);

    /// Calls `meet(Element&, int port)` for every element that the port `port` of `element` leads to, with the port that
    /// the walk comes in by; true lets the walk go on behind it. False in the end when some way ended at an element that
    /// was to be passed but leads nowhere: a source of its own, a sink, or where push turns into pull.
    template <typename Meet>
    bool from(const Element& element, int port, Meet meet) {
        bool closed = true;
        leave(element, port);
        while (!_ways.empty()) {
            auto [next, entry] = _ways.back();
            _ways.pop_back();
            if (meet(*next, entry)) {
                closed &= pass(*next, entry);
            }
        }
        return closed;
    }

private:
    void leave(const Element& element, int port);
    bool pass(const Element& element, int entry);

    bool _upstream;
    std::vector<size_t> _first_port;  ///< by element: its first place in `_seen`
    std::vector<bool> _seen;
    std::vector<std::pair<Element*, int>> _ways;
};

}  // namespace click
