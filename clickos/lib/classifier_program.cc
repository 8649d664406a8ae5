// SPDX-License-Identifier: Apache-2.0
#include "lib/classifier_program.hh"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

#include "lib/format.hh"
#include "net/ipaddress.hh"

namespace click {

namespace {

enum class Known : uint8_t { Nothing, False, True };

/// What the result of one test says about another one.
Known implied(const PacketTest& known, bool result, const PacketTest& asked) {
    if (known.window != asked.window) {
        return Known::Nothing;
    }
    if (!result) {
        // Were `asked` true, then so would `known` be.
        return implied(asked, true, known) == Known::True ? Known::False : Known::Nothing;
    }
    if (known.offset == asked.offset) {
        if (((known.value ^ asked.value) & known.mask & asked.mask) != 0) {
            return Known::False;
        }
        return (asked.mask & ~known.mask) == 0 && asked.end <= known.end ? Known::True : Known::Nothing;
    }
    return asked.mask == 0 && asked.end <= known.end ? Known::True : Known::Nothing;
}

/// The decision graph while it is built. Jumps lead from a node to nodes of lower number or (negative) to outputs.
class Graph {
public:
    using Assured = std::array<uint16_t, ClassifierProgram::kWindows>;

    Graph(const std::vector<ClassifierProgram::Rule>& rules, const Assured& assured) : _assured(assured) {
        _root = ~ClassifierProgram::kDrop;
        for (size_t i = rules.size(); i-- > 0;) {
            _root = emit(rules[i].condition, ~rules[i].output, _root);
        }
        size_t before;
        do {
            before = _nodes.size();
            skip_implied();
            rebuild();
        } while (_nodes.size() < before);
    }

    struct Node {
        PacketTest test;
        int yes;
        int no;
    };
    const Node& node(int index) const { return _nodes[static_cast<size_t>(index)]; }
    size_t size() const { return _nodes.size(); }
    int root() const { return _root; }

private:
    /// What is known on all ways to a node: the nodes that lead to it and, unless both do, the result that does.
    enum Way : int8_t { kNo, kYes, kBoth };
    struct Place {
        int node = -1;
        Way way = kBoth;
    };
    struct Reach {
        Place from;
        int depth = 0;
        bool reached = false;
    };

    int emit(const Condition& condition, int yes, int no) {
        const std::vector<Condition>& parts = condition.parts();
        switch (condition.kind()) {
            case Condition::Kind::Always:
                return yes;
            case Condition::Kind::Never:
                return no;
            case Condition::Kind::Test:
                return make(condition.test(), yes, no);
            case Condition::Kind::All:
                for (size_t i = parts.size(); i-- > 0;) {
                    yes = emit(parts[i], yes, no);
                }
                return yes;
            case Condition::Kind::Any:
                for (size_t i = parts.size(); i-- > 0;) {
                    no = emit(parts[i], yes, no);
                }
                return no;
            case Condition::Kind::Not:
                return emit(parts[0], no, yes);
            case Condition::Kind::Choice: {
                int then = emit(parts[1], yes, no);
                int otherwise = emit(parts[2], yes, no);
                return emit(parts[0], then, otherwise);
            }
        }
        return no;
    }

    int make(const PacketTest& test, int yes, int no) {
        if (yes == no || (test.mask == 0 && test.end <= _assured[test.window])) {
            return yes;
        }
        auto [place, is_new] = _known.try_emplace({test.window, test.offset, test.end, test.mask, test.value, yes, no},
                                                  static_cast<int>(_nodes.size()));
        if (is_new) {
            _nodes.push_back({test, yes, no});
        }
        return place->second;
    }

    Place above(Place place) const { return _reach[static_cast<size_t>(place.node)].from; }
    int depth(Place place) const { return place.node < 0 ? -1 : _reach[static_cast<size_t>(place.node)].depth; }

    /// The nearest place that all ways to `a` and to `b` pass.
    Place common(Place a, Place b) const {
        while (a.node != b.node) {
            if (depth(a) > depth(b)) {
                a = above(a);
            } else {
                b = above(b);
            }
        }
        return {a.node, a.way == b.way ? a.way : kBoth};
    }

    void reach(int target, Place from) {
        if (target < 0) {
            return;
        }
        Reach& reached = _reach[static_cast<size_t>(target)];
        reached.from = reached.reached ? common(reached.from, from) : from;
        reached.depth = depth(reached.from) + 1;
        reached.reached = true;
    }

    Known known_at(Place place, const PacketTest& asked) {
        for (; place.node >= 0 && _patience > 0; --_patience, place = above(place)) {
            if (place.way != kBoth) {
                Known known = implied(node(place.node).test, place.way == kYes, asked);
                if (known != Known::Nothing) {
                    return known;
                }
            }
        }
        return Known::Nothing;
    }

    int skip(Place from, int target) {
        while (target >= 0) {
            Known known = known_at(from, node(target).test);
            if (known == Known::Nothing) {
                break;
            }
            target = known == Known::True ? node(target).yes : node(target).no;
        }
        return target;
    }

    /// Leads each jump past the tests whose results are known where it starts. Higher nodes come first, so all jumps to
    /// a node are settled when its turn comes.
    void skip_implied() {
        _reach.assign(_nodes.size(), {});
        reach(_root, {});
        for (int i = static_cast<int>(_nodes.size()); i-- > 0;) {
            if (!_reach[static_cast<size_t>(i)].reached) {
                continue;
            }
            Node& current = _nodes[static_cast<size_t>(i)];
            current.yes = skip({i, kYes}, current.yes);
            current.no = skip({i, kNo}, current.no);
            reach(current.yes, {i, kYes});
            reach(current.no, {i, kNo});
        }
    }

    /// Drops nodes that cannot be reached or decide nothing, and unites equal ones.
    void rebuild() {
        std::vector<Node> old = std::move(_nodes);
        std::vector<int> moved(old.size(), -1);
        auto new_place = [&](int target) { return target < 0 ? target : moved[static_cast<size_t>(target)]; };
        _nodes.clear();
        _known.clear();
        for (size_t i = 0; i < old.size(); ++i) {
            if (_reach[i].reached) {
                moved[i] = make(old[i].test, new_place(old[i].yes), new_place(old[i].no));
            }
        }
        _root = new_place(_root);
    }

    using Key = std::tuple<uint8_t, uint16_t, uint16_t, uint32_t, uint32_t, int, int>;

    Assured _assured;
    /// How many results may still be looked at in search of what is known. Any number of rules compiles in a second or
    /// two; a program that runs out of it is as right, but has needless steps.
    int64_t _patience = 300'000'000;
    std::vector<Node> _nodes;
    std::map<Key, int> _known;
    std::vector<Reach> _reach;
    int _root;
};

}  // namespace

namespace {

/// From how many steps on a hash table is faster than one comparison after another.
constexpr unsigned kFewestForTable = 8;

uint16_t load_offset(const PacketTest& test) { return static_cast<uint16_t>(test.end < 4 ? 0 : test.end - 4); }

/// Bits of the word at `test.offset` as they lie in memory at `load_offset(test)`.
uint32_t as_loaded(const PacketTest& test, uint32_t bits) {
    return bits == 0 ? 0 : net32(bits >> 8 * (test.offset - load_offset(test)));
}

bool same_bits(const PacketTest& a, const PacketTest& b) {
    return a.window == b.window && a.offset == b.offset && a.mask == b.mask && a.end == b.end;
}

}  // namespace

ClassifierProgram::ClassifierProgram(const std::vector<Rule>& rules, std::array<uint16_t, kWindows> assured) {
    Graph graph(rules, assured);
    // Lines stand in the order in which packets of the first rules run through them.
    std::vector<int> place(graph.size(), -1);
    std::vector<int> order;
    std::vector<int> waiting{graph.root()};
    while (!waiting.empty()) {
        int index = waiting.back();
        waiting.pop_back();
        if (index >= 0 && place[static_cast<size_t>(index)] < 0) {
            place[static_cast<size_t>(index)] = static_cast<int>(order.size());
            order.push_back(index);
            waiting.push_back(graph.node(index).no);
            waiting.push_back(graph.node(index).yes);
        }
    }
    auto jump = [&](int target) { return target < 0 ? target : place[static_cast<size_t>(target)]; };
    _first_line = jump(graph.root());
    _listing.reserve(order.size());
    for (int index : order) {
        const Graph::Node& node = graph.node(index);
        _listing.push_back({node.test, jump(node.yes), jump(node.no)});
        _needed[node.test.window] = std::max<uint32_t>({_needed[node.test.window], node.test.end, 4});
    }
    std::vector<int> entry = make_tables();
    auto run_jump = [&](int target) { return target < 0 ? target : entry[static_cast<size_t>(target)]; };
    _start = run_jump(_first_line);
    _steps.reserve(_listing.size());
    for (const Line& line : _listing) {
        _steps.push_back({as_loaded(line.test, line.test.mask), as_loaded(line.test, line.test.value),
                          run_jump(line.yes), run_jump(line.no), load_offset(line.test), line.test.window});
    }
    for (Slot& slot : _slots) {
        slot.target = slot.target == kEmpty ? kEmpty : run_jump(slot.target);
    }
    for (Table& table : _tables) {
        table.otherwise = run_jump(table.otherwise);
    }
}

/// Makes tables of the long rows of comparisons of the same bits. Returns where to enter for each line: its step, or
/// the table of the row that begins there.
std::vector<int> ClassifierProgram::make_tables() {
    std::vector<int> entry(_listing.size());
    std::vector<bool> entered(_listing.size());
    auto enter = [&](int target) {
        if (target >= 0) {
            entered[static_cast<size_t>(target)] = true;
        }
    };
    enter(_first_line);
    for (size_t i = 0; i < _listing.size(); ++i) {
        const Line& line = _listing[i];
        entry[i] = static_cast<int>(i);
        enter(line.yes);
        if (line.no >= 0 && !same_bits(line.test, _listing[static_cast<size_t>(line.no)].test)) {
            enter(line.no);
        }
    }
    // Rows that share their end would make tables of quadratic size in all.
    size_t room = 8 * _listing.size() + 1024;
    for (size_t i = 0; i < _listing.size(); ++i) {
        if (!entered[i] || _listing[i].test.mask == 0) {
            continue;
        }
        std::vector<size_t> row{i};
        while (_listing[row.back()].no >= 0) {
            auto next = static_cast<size_t>(_listing[row.back()].no);
            if (!same_bits(_listing[i].test, _listing[next].test)) {
                break;
            }
            row.push_back(next);
        }
        size_t slots = std::bit_ceil(2 * row.size());
        if (row.size() < kFewestForTable || _slots.size() + slots > room) {
            continue;
        }
        const PacketTest& test = _listing[i].test;
        Table table{as_loaded(test, test.mask),
                    load_offset(test),
                    test.window,
                    static_cast<uint8_t>(32 - std::countr_zero(slots)),
                    static_cast<uint32_t>(_slots.size()),
                    _listing[row.back()].no};
        _slots.resize(_slots.size() + slots);
        for (size_t one : row) {
            insert(table, as_loaded(test, _listing[one].test.value), _listing[one].yes);
        }
        entry[i] = kTable | static_cast<int>(_tables.size());
        _tables.push_back(table);
    }
    return entry;
}

void ClassifierProgram::insert(const Table& table, uint32_t value, int target) {
    uint32_t mask = (1U << (32 - table.shift)) - 1;
    uint32_t slot = hash(value, table.shift);
    while (_slots[table.first + slot].target != kEmpty) {
        if (_slots[table.first + slot].value == value) {
            return;
        }
        slot = (slot + 1) & mask;
    }
    _slots[table.first + slot] = {value, target};
}

int ClassifierProgram::look_up(const Table& table, uint32_t value) const {
    uint32_t mask = (1U << (32 - table.shift)) - 1;
    for (uint32_t slot = hash(value, table.shift);; slot = (slot + 1) & mask) {
        const Slot& one = _slots[table.first + slot];
        if (one.target == kEmpty) {
            return table.otherwise;
        }
        if (one.value == value) {
            return one.target;
        }
    }
}

int ClassifierProgram::match_short(const PacketWindow (&windows)[kWindows]) const {
    int position = _first_line;
    while (position >= 0) {
        const Line& line = _listing[static_cast<size_t>(position)];
        position = line.test.matches(windows) ? line.yes : line.no;
    }
    return ~position;
}

bool ClassifierProgram::reaches(int output) const {
    return _first_line == ~output || std::any_of(_listing.begin(), _listing.end(), [&](const Line& line) {
               return line.yes == ~output || line.no == ~output;
           });
}

std::string ClassifierProgram::unparse() const {
    auto jump = [](int target) {
        return target >= 0 ? format("step %d", target) : ~target == kDrop ? "[X]" : format("[%d]", ~target);
    };
    std::string text;
    unsigned safe_length = 0;
    if (_first_line < 0) {
        text = "all->" + jump(_first_line) + "\n";
    }
    for (size_t i = 0; i < _listing.size(); ++i) {
        const Line& line = _listing[i];
        unsigned base = line.test.window * 256U;
        text += format("%2zu %3u/%08x%%%08x  yes->%s  no->%s\n", i, base + line.test.offset, line.test.value,
                       line.test.mask, jump(line.yes).c_str(), jump(line.no).c_str());
        safe_length = std::max(safe_length, base + line.test.end);
    }
    return text + format("safe length %u\nalignment offset 0\n", safe_length);
}

}  // namespace click
