// SPDX-License-Identifier: Apache-2.0
#include "lang/expand.hh"

#include <algorithm>
#include <set>
#include <tuple>

#include "lang/confparse.hh"
#include "lang/variables.hh"
#include "lib/format.hh"
#include "platform/platform.hh"

namespace click::lang {

namespace {

/// An element on the way to the flat router: a real one, or one end of a tunnel.
struct Node {
    int real = -1;  ///< its place in the flat router; -1 for an end of a tunnel
    int exit = -1;  ///< of a tunnel's entry: where connections go on
};

/// An error lists this many alternatives of an overloaded compound element.
constexpr size_t kShownCandidates = 8;

std::string counted(size_t count, const char* noun) { return format("%zu %s%s", count, noun, count == 1 ? "" : "s"); }

/// `Name($a, KEYWORD $b)`, as errors show a compound element.
std::string signature(const std::string& name, const Scope& scope) {
    std::string text = name.empty() ? "<anonymous>" : name;
    const char* separator = "(";
    for (const Formal& formal : scope.formals) {
        text += separator;
        text += formal.keyword.empty() ? "$" : formal.keyword + " $";
        text += formal.variable;
        separator = ", ";
    }
    return scope.formals.empty() ? text : text + ")";
}

class Expansion {
public:
    Expansion(RouterDefinition& definition, ErrorHandler& errh) : _definition(definition), _errh(errh) {}

    void run(const Syntax& syntax, const Defines& defines) {
        Variables variables(nullptr, syntax.top().definitions, _bounds);
        for (const auto& [name, value] : defines) {
            variables.set(name, value);
        }
        Instance top{.scope = syntax.top(), .variables = variables};
        expand(top);
        connect();
    }

private:
    /// One use of a scope.
    struct Instance {
        const Scope& scope;
        const Variables& variables;
        const Instance* around = nullptr;  ///< the use of the scope in which this scope was written
        std::string prefix = {};
        int first_node = 0;
        int depth = 0;
    };
    struct Link {
        int from;
        int from_port;
        int to;
        int to_port;
        const Landmark* landmark;
    };
    /// A use of a compound element that waits for its turn.
    struct Compound {
        const SyntaxElement* element;
        int node;
        const Scope* scope;
        std::vector<std::string> arguments;
    };
    enum class Fit : uint8_t { Yes, TooFewArguments, TooManyArguments, MissingKeyword };

    bool expand(Instance& instance);
    bool expand_element(const Instance& instance, const SyntaxElement& element, int node,
                        std::vector<Compound>& compounds);
    bool expand_compound(const Instance& instance, const Compound& compound);
    bool add_real(const Instance& instance, const SyntaxElement& element, std::string config, int node,
                  const Class& primitive);
    static Fit assign(const Scope& scope, const std::vector<std::string>& arguments, Variables* variables,
                      std::string& missing);
    void no_match(const SyntaxElement& element, const std::string& name, const std::vector<std::string>& arguments);
    bool stop(const Landmark& landmark, const char* reason);
    void connect();
    void follow(const Link& source);
    std::vector<Link>::const_iterator links_from(int node, int port) const;

    RouterDefinition& _definition;
    ErrorHandler& _errh;
    std::vector<Node> _nodes;
    std::vector<Link> _links;
    std::map<std::string, int, std::less<>> _names;
    size_t _memory = platform::spare_memory();
    Variables::Bounds _bounds{.length = std::min(Variables::Bounds{}.length, _memory / kValueCopies)};
    size_t _text = 0;
    size_t _steps = 0;
    bool _stopped = false;
};

/// Ends the expansion: a bound was exceeded.
bool Expansion::stop(const Landmark& landmark, const char* reason) {
    if (!_stopped) {
        _errh.error_at(landmark, "%s", reason);
    }
    _stopped = true;
    return false;
}

bool Expansion::expand(Instance& instance) {
    const Scope& scope = instance.scope;
    instance.first_node = static_cast<int>(_nodes.size());
    if (_nodes.size() + scope.elements.size() > kMaxElements) {
        return stop(scope.landmark, "too many elements");
    }
    if (_links.size() + scope.connections.size() > kMaxConnections) {
        return stop(scope.landmark, "too many connections");
    }
    if ((_nodes.size() + scope.elements.size()) * kElementBytes +
            (_links.size() + scope.connections.size()) * kConnectionBytes >
        _memory) {
        return stop(scope.landmark, "out of memory: too many elements");
    }
    for (const SyntaxElement& element : scope.elements) {
        _nodes.push_back({.exit = element.exit < 0 ? -1 : instance.first_node + element.exit});
    }
    for (const SyntaxConnection& one : scope.connections) {
        _links.push_back(
            {instance.first_node + one.from, one.from_port, instance.first_node + one.to, one.to_port, &one.landmark});
    }
    // The elements of a scope come before those inside of its compounds.
    std::vector<Compound> compounds;
    for (size_t i = 0; i < scope.elements.size(); ++i) {
        const SyntaxElement& element = scope.elements[i];
        if (element.element_class &&
            !expand_element(instance, element, instance.first_node + static_cast<int>(i), compounds)) {
            return false;
        }
    }
    for (const Compound& compound : compounds) {
        if (!expand_compound(instance, compound)) {
            return false;
        }
    }
    return true;
}

bool Expansion::add_real(const Instance& instance, const SyntaxElement& element, std::string config, int node,
                         const Class& primitive) {
    std::string name = instance.prefix + element.name;
    _text += name.size() + config.size();
    if (_text > kMaxText) {
        return stop(element.landmark, "too much text in names and configuration strings");
    }
    if (_text > _memory / kTextCopies) {
        return stop(element.landmark, "out of memory: too much text in names and configuration strings");
    }
    int index = static_cast<int>(_definition.elements.size());
    auto [known, is_new] = _names.emplace(name, index);
    if (!is_new) {
        const Landmark& before = _definition.elements[static_cast<size_t>(known->second)].landmark;
        _errh.error_at(element.landmark, "redeclaration of element '%s'", name.c_str());
        _errh.error_at(before, "element '%s' previously declared here", name.c_str());
    }
    _definition.elements.push_back({std::move(name), primitive.name, std::move(config), element.landmark});
    _nodes[static_cast<size_t>(node)].real = index;
    return true;
}

bool Expansion::expand_element(const Instance& instance, const SyntaxElement& element, int node,
                               std::vector<Compound>& compounds) {
    std::string config = instance.variables.expand(element.config);
    if (_bounds.exceeded) {
        return stop(element.landmark, "too much text in the value of a parameter");
    }
    std::vector<std::string> arguments;
    if (!element.element_class->primitive) {
        arguments = split_arguments(config);
    }
    for (const Class* one = element.element_class; one; one = one->rest) {
        if (one->primitive) {
            return add_real(instance, element, std::move(config), node, *one);
        }
        if (one->unknown) {
            return true;
        }
        for (const Scope* scope : one->alternatives) {
            std::string missing;
            if (scope->elements[static_cast<size_t>(scope->input)].outputs == element.inputs &&
                scope->elements[static_cast<size_t>(scope->output)].inputs == element.outputs &&
                assign(*scope, arguments, nullptr, missing) == Fit::Yes) {
                compounds.push_back({&element, node, scope, std::move(arguments)});
                return true;
            }
        }
    }
    no_match(element, instance.prefix + element.name, arguments);
    return true;
}

bool Expansion::expand_compound(const Instance& instance, const Compound& compound) {
    const Scope& scope = *compound.scope;
    if (instance.depth >= kMaxNesting) {
        return stop(compound.element->landmark, "compound elements are nested too deeply");
    }
    const Instance* written = &instance;
    while (&written->scope != scope.parent) {
        written = written->around;
    }
    Variables variables(&written->variables, scope.definitions, _bounds);
    std::string missing;
    assign(scope, compound.arguments, &variables, missing);
    Instance inside{.scope = scope,
                    .variables = variables,
                    .around = written,
                    .prefix = instance.prefix + compound.element->name + "/",
                    .depth = instance.depth + 1};
    int first = static_cast<int>(_nodes.size());
    _nodes[static_cast<size_t>(compound.node)].exit = first + scope.input;
    if (!expand(inside)) {
        return false;
    }
    _nodes[static_cast<size_t>(first) + static_cast<size_t>(scope.output)].exit = compound.node;
    return true;
}

/// Matches arguments with formals; sets `variables` when it is not null. `missing` gets the name of a keyword that is.
Expansion::Fit Expansion::assign(const Scope& scope, const std::vector<std::string>& arguments, Variables* variables,
                                 std::string& missing) {
    std::vector<bool> used(arguments.size());
    size_t next = 0;
    auto set = [&](const Formal& formal, std::string_view value) {
        if (variables) {
            variables->set(formal.variable, std::string(value));
        }
    };
    for (const Formal& formal : scope.formals) {
        if (formal.keyword.empty()) {
            if (next >= arguments.size()) {
                return Fit::TooFewArguments;
            }
            used[next] = true;
            set(formal, arguments[next++]);
            continue;
        }
        if (formal.keyword == "__REST__") {
            std::vector<std::string> rest;
            for (size_t i = 0; i < arguments.size(); ++i) {
                if (!used[i]) {
                    used[i] = true;
                    rest.push_back(arguments[i]);
                }
            }
            set(formal, join_arguments(rest));
            continue;
        }
        bool given = false;
        for (size_t i = next; i < arguments.size() && !given; ++i) {
            std::string_view value = arguments[i];
            if (!used[i] && take_word(value) == formal.keyword) {
                used[i] = given = true;
                set(formal, value);
            }
        }
        if (!given) {
            missing = formal.keyword;
            return Fit::MissingKeyword;
        }
    }
    bool all_used = std::find(used.begin(), used.end(), false) == used.end();
    return all_used ? Fit::Yes : Fit::TooManyArguments;
}

/// Says why no alternative of a compound element fits one of its uses.
void Expansion::no_match(const SyntaxElement& element, const std::string& name,
                         const std::vector<std::string>& arguments) {
    const Class& element_class = *element.element_class;
    if (element_class.alternatives.size() == 1 && !element_class.rest) {
        const Scope& scope = *element_class.alternatives[0];
        std::string missing;
        Fit fit = assign(scope, arguments, nullptr, missing);
        std::string shown = signature(element_class.name, scope);
        if (fit == Fit::MissingKeyword) {
            _errh.error_at(element.landmark, "missing '%s' parameter for compound element '%s'", missing.c_str(),
                           shown.c_str());
            return;
        }
        if (fit != Fit::Yes) {
            _errh.error_at(element.landmark, "too %s arguments for compound element '%s'",
                           fit == Fit::TooFewArguments ? "few" : "many", shown.c_str());
            return;
        }
    }
    std::string declared = name + " :: " + (element_class.name.empty() ? "<anonymous>" : element_class.name);
    _errh.error_at(element.landmark, "no match for '%s' with %s, %s, %s", declared.c_str(),
                   counted(static_cast<size_t>(element.inputs), "input").c_str(),
                   counted(static_cast<size_t>(element.outputs), "output").c_str(),
                   counted(arguments.size(), "argument").c_str());
    ContextErrorHandler candidates(_errh, "candidates are:", element.landmark);
    size_t shown = 0;
    for (const Class* one = &element_class; one && shown < kShownCandidates; one = one->rest) {
        for (const Scope* scope : one->alternatives) {
            if (++shown > kShownCandidates) {
                break;
            }
            candidates.message_at(
                scope->landmark, "'%s' with %s, %s", signature(one->name, *scope).c_str(),
                counted(static_cast<size_t>(scope->elements[static_cast<size_t>(scope->input)].outputs), "input")
                    .c_str(),
                counted(static_cast<size_t>(scope->elements[static_cast<size_t>(scope->output)].inputs), "output")
                    .c_str());
        }
    }
}

/// Replaces ways through tunnels by direct connections between real elements, each once.
void Expansion::connect() {
    std::stable_sort(_links.begin(), _links.end(), [](const Link& a, const Link& b) {
        return std::tie(a.from, a.from_port) < std::tie(b.from, b.from_port);
    });
    for (size_t i = 0; i < _links.size() && !_stopped; ++i) {
        const Link& link = _links[i];
        bool first_of_port = i == 0 || _links[i - 1].from != link.from || _links[i - 1].from_port != link.from_port;
        if (first_of_port && _nodes[static_cast<size_t>(link.from)].real >= 0) {
            follow(link);
        }
    }
}

std::vector<Expansion::Link>::const_iterator Expansion::links_from(int node, int port) const {
    return std::lower_bound(
        _links.begin(), _links.end(), std::pair(node, port),
        [](const Link& link, const std::pair<int, int>& key) { return std::pair(link.from, link.from_port) < key; });
}

/// Finds all that the output port of `source`, its first link, leads to. Circles of tunnels lead nowhere.
void Expansion::follow(const Link& source) {
    std::vector<std::pair<int, int>> ports{{source.from, source.from_port}};
    std::set<std::pair<int, int>> seen;
    for (size_t i = 0; i < ports.size(); ++i) {
        auto [node, port] = ports[i];
        for (auto link = links_from(node, port); link != _links.end() && link->from == node && link->from_port == port;
             ++link) {
            if (++_steps > 2 * kMaxConnections) {
                stop(*source.landmark, "too many connections");
                return;
            }
            if (!seen.emplace(link->to, link->to_port).second) {
                continue;
            }
            const Node& target = _nodes[static_cast<size_t>(link->to)];
            if (target.real >= 0) {
                _definition.connections.push_back({_nodes[static_cast<size_t>(source.from)].real, source.from_port,
                                                   target.real, link->to_port, *source.landmark});
            } else if (target.exit >= 0) {
                ports.emplace_back(target.exit, link->to_port);
            }
        }
    }
}

}  // namespace

bool expand_router(const Syntax& syntax, const Defines& defines, RouterDefinition& definition, ErrorHandler& errh) {
    int before = errh.error_count();
    Expansion(definition, errh).run(syntax, defines);
    return errh.error_count() == before;
}

}  // namespace click::lang
