// SPDX-License-Identifier: Apache-2.0
//
// The part of the parser that reads connections: lists of elements with ports and arrows between them, and groups.
#include <algorithm>

#include "lang/parser.hh"

namespace click::lang {

namespace {

bool begins_element(const Token& token) {
    return token.is(Token::Kind::Identifier) || token.is('{') || token.is('(') || token.is('[') || token.is(',');
}

bool is_arrow(const Token& token) { return token.is(Token::Kind::Arrow) || token.is(Token::Kind::ManyArrow); }

}  // namespace

bool Parser::connection() {
    References left;
    if (!references(left) || !resolve(left, true, is_arrow(_lexer->peek()))) {
        return false;
    }
    for (const Reference& one : left) {
        if (one.in.given()) {
            _errh.error_at(one.in.where.landmark(), "input port useless at start of chain");
        }
    }
    while (is_arrow(_lexer->peek())) {
        Token arrow = _lexer->next();
        const Token& ahead = _lexer->peek();
        if (ahead.is(Token::Kind::Symbol) && !begins_element(ahead) && !ahead.is(';') && !ahead.ends_body()) {
            return fail(ahead);
        }
        References right;
        if (!references(right) || !resolve(right, false, true)) {
            return false;
        }
        connect(left, right, arrow);
        left = std::move(right);
    }
    for (const Reference& one : left) {
        if (one.out.given()) {
            _errh.error_at(one.out.where.landmark(), "output port useless at end of chain");
        }
    }
    return true;
}

bool Parser::references(References& list) {
    for (;;) {
        Reference& one = list.emplace_back();
        if (!reference(one)) {
            return false;
        }
        if (!_lexer->peek().is(',')) {
            return true;
        }
        if (one.kind == Reference::Kind::Missing && !one.in.given()) {
            return fail(_lexer->peek());
        }
        _lexer->next();
        if (!begins_element(_lexer->peek()) || _lexer->peek().is(',')) {
            return fail(_lexer->peek());
        }
    }
}

bool Parser::reference(Reference& one) {
    if (_lexer->peek().is('[') && !ports(one.in)) {
        return false;
    }
    one.token = _lexer->peek();
    if (one.token.is(Token::Kind::Identifier)) {
        _lexer->next();
        if (_lexer->peek().is(Token::Kind::DoubleColon)) {
            _lexer->next();
            one.kind = Reference::Kind::Declaration;
            one.element_class = class_reference();
            if (!one.element_class) {
                return false;
            }
            optional_configuration(one.config);
        } else {
            named_reference(one);
        }
    } else if (one.token.is('{')) {
        one.kind = Reference::Kind::Anonymous;
        one.element_class = class_reference();
        if (!one.element_class) {
            return false;
        }
        optional_configuration(one.config);
    } else if (one.token.is('(')) {
        if (!group(one)) {
            return false;
        }
    } else {
        one.kind = Reference::Kind::Missing;
        return true;
    }
    return !_lexer->peek().is('[') || ports(one.out);
}

/// A name without a declaration: an element, or a class for an anonymous one.
void Parser::named_reference(Reference& one) {
    std::string_view name = one.token.text;
    int known = find_element(name);
    one.element_class = find_class(name);
    bool configured = optional_configuration(one.config);
    if (known >= 0 && _scope->undeclared.contains(known)) {
        report_undeclared(one.token, known);
    } else if (known >= 0 && configured) {
        _errh.error_at(one.token.landmark(), "configuration string for element '%s', which is already declared",
                       std::string(name).c_str());
    }
    if (known >= 0) {
        one.element = known;
    } else {
        one.kind = one.element_class ? Reference::Kind::Anonymous : Reference::Kind::Undeclared;
    }
}

/// A name that nothing declares is said to be so once for each line that uses it.
void Parser::report_undeclared(const Token& name, int element) {
    Landmark landmark = name.landmark();
    Landmark& reported = _scope->undeclared[element];
    if (reported != landmark) {
        _errh.error_at(landmark, "undeclared element '%s'", std::string(name.text).c_str());
        reported = std::move(landmark);
    }
}

bool Parser::group(Reference& one) {
    Token open = _lexer->next();
    if (!enter(open)) {
        --_depth;
        return false;
    }
    Landmark landmark = open.landmark();
    one.is_group = true;
    one.element = add_element({.landmark = landmark});
    Group inside{add_element({.landmark = landmark}), add_element({.landmark = landmark})};
    _scope->uncounted += 3;
    _scope->elements[static_cast<size_t>(one.element)].exit = inside.input;
    _scope->elements[static_cast<size_t>(inside.output)].exit = one.element;
    size_t first_connection = _scope->connections.size();

    _groups.push_back(inside);
    statements();
    _groups.pop_back();
    --_depth;
    if (!expect(')')) {
        return false;
    }
    one.group_inputs = check_pseudo_element("<anonymous group>", inside.input, true, first_connection);
    one.group_outputs = check_pseudo_element("<anonymous group>", inside.output, false, first_connection);
    return true;
}

/// Makes the elements that a list declares and finds those that it leaves out. In a declaration (no arrow follows)
/// names without a class are of the next class in the list.
bool Parser::resolve(References& list, bool first, bool chained) {
    if (first && !chained) {
        for (size_t i = list.size(); i-- > 1;) {
            Reference& before = list[i - 1];
            if (list[i].kind == Reference::Kind::Declaration && before.kind == Reference::Kind::Undeclared) {
                before.kind = Reference::Kind::Declaration;
                before.element_class = list[i].element_class;
                before.config = list[i].config;
            }
        }
    }
    for (Reference& one : list) {
        switch (one.kind) {
            case Reference::Kind::Existing:
                break;
            case Reference::Kind::Undeclared: {
                Class stand_in;
                stand_in.unknown = true;
                one.element = declare(one.token, add_class(std::move(stand_in)), {});
                report_undeclared(one.token, one.element);
                break;
            }
            case Reference::Kind::Declaration:
                one.element = declare(one.token, one.element_class, std::move(one.config));
                break;
            case Reference::Kind::Anonymous:
                one.element = add_anonymous(one);
                break;
            case Reference::Kind::Missing: {
                if (!chained && first) {
                    return fail(_lexer->peek());
                }
                int input = _groups.empty() ? _scope->input : _groups.back().input;
                int output = _groups.empty() ? _scope->output : _groups.back().output;
                one.element = first ? input : output;
                if (one.element < 0 || (!first && is_arrow(_lexer->peek()))) {
                    return fail(_lexer->peek());
                }
                if (first) {
                    std::swap(one.in, one.out);
                }
                break;
            }
        }
    }
    return true;
}

bool Parser::port_number(int& number) {
    Token token = _lexer->next();
    if (!token.is(Token::Kind::Identifier) || !all_digits(token.text)) {
        if (token.is(Token::Kind::Identifier)) {
            _errh.error_at(token.landmark(), "syntax error: port number should be integer");
            _grammatical = false;
            return false;
        }
        return fail(token);
    }
    uint64_t value = 0;
    for (char c : token.text) {
        value = std::min<uint64_t>(value * 10 + static_cast<uint64_t>(c - '0'), kMaxPort + 1);
    }
    if (value > kMaxPort) {
        _errh.error_at(token.landmark(), "port number %s is too large (at most %d)", std::string(token.text).c_str(),
                       kMaxPort);
        value = 0;
    }
    number = static_cast<int>(value);
    return true;
}

/// `[1]`, `[0, 2]`, `[0-3]`.
bool Parser::ports(Ports& ports) {
    ports.where = _lexer->next();
    for (;;) {
        int low;
        if (!port_number(low)) {
            return false;
        }
        int high = low;
        if (_lexer->peek().is('-')) {
            Token dash = _lexer->next();
            if (!port_number(high)) {
                return false;
            }
            if (high < low) {
                _errh.error_at(dash.landmark(), "port range %d-%d is empty", low, high);
                high = low;
            }
        }
        for (int port = low; port <= high; ++port) {
            ports.numbers.push_back(port);
        }
        if (!_lexer->peek().is(',')) {
            return expect(']');
        }
        _lexer->next();
    }
}

/// The ports that a list stands for. An element that names none stands for port 0, a group for all of its ports; when
/// it is alone in its list, it can stand for as many as the other side of `=>` has: then the list is elastic.
std::vector<Parser::Endpoint> Parser::endpoints(const References& list, bool outputs, bool& elastic) {
    std::vector<Endpoint> all;
    elastic = false;
    for (const Reference& one : list) {
        const Ports& named = outputs ? one.out : one.in;
        if (named.given()) {
            for (int port : named.numbers) {
                all.emplace_back(one.element, port);
            }
        } else if (one.is_group) {
            int count = outputs ? one.group_outputs : one.group_inputs;
            for (int port = 0; port < count; ++port) {
                all.emplace_back(one.element, port);
            }
        } else {
            all.emplace_back(one.element, 0);
            elastic = list.size() == 1;
        }
    }
    return all;
}

void Parser::connect(const References& left, const References& right, const Token& arrow) {
    bool from_elastic;
    bool to_elastic;
    std::vector<Endpoint> from = endpoints(left, true, from_elastic);
    std::vector<Endpoint> to = endpoints(right, false, to_elastic);
    Landmark landmark = arrow.landmark();
    bool many = arrow.is(Token::Kind::ManyArrow);
    if (many) {
        while (from_elastic && from.size() < to.size()) {
            from.emplace_back(from[0].first, static_cast<int>(from.size()));
        }
        while (to_elastic && to.size() < from.size()) {
            to.emplace_back(to[0].first, static_cast<int>(to.size()));
        }
    }
    if (many ? from.size() != to.size() : from.size() > 1 && to.size() > 1) {
        _errh.error_at(landmark, "'%s' connects %zu outputs to %zu inputs%s", std::string(arrow.text).c_str(),
                       from.size(), to.size(), many ? "" : "; use '=>'");
        return;
    }
    size_t count = std::max(from.size(), to.size());
    _connections += count;
    if (_connections > kMaxConnections) {
        if (_connections - count <= kMaxConnections) {
            _errh.error_at(landmark, "too many connections (at most %zu)", kMaxConnections);
        }
        return;
    }
    for (size_t i = 0; i < count && !from.empty() && !to.empty(); ++i) {
        const Endpoint& source = from[from.size() == 1 ? 0 : i];
        const Endpoint& target = to[to.size() == 1 ? 0 : i];
        _scope->connections.push_back({source.first, source.second, target.first, target.second, landmark});
    }
}

/// Checks the use of `input` or `output` of a compound or group; returns its number of ports.
int Parser::check_pseudo_element(const std::string& name, int element, bool is_input, size_t first_connection) {
    const char* side = is_input ? "input" : "output";
    std::vector<int> used;
    for (size_t i = first_connection; i < _scope->connections.size(); ++i) {
        const SyntaxConnection& one = _scope->connections[i];
        if ((is_input ? one.from : one.to) == element) {
            used.push_back(is_input ? one.from_port : one.to_port);
        }
        if ((is_input ? one.to : one.from) == element) {
            _errh.error_at(one.landmark, "'%s' pseudoelement '%s' may only be used as %s", name.c_str(), side,
                           is_input ? "output" : "input");
        }
    }
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    for (size_t port = 0; port < used.size(); ++port) {
        if (used[port] != static_cast<int>(port)) {
            const Landmark& landmark = _scope->elements[static_cast<size_t>(element)].landmark;
            _errh.error_at(landmark, "'%s' %s %zu unused", name.c_str(), side, port);
            break;
        }
    }
    return used.empty() ? 0 : used.back() + 1;
}

void Parser::count_ports(Scope& scope) {
    for (const SyntaxConnection& one : scope.connections) {
        SyntaxElement& from = scope.elements[static_cast<size_t>(one.from)];
        SyntaxElement& to = scope.elements[static_cast<size_t>(one.to)];
        from.outputs = std::max(from.outputs, one.from_port + 1);
        to.inputs = std::max(to.inputs, one.to_port + 1);
    }
}

}  // namespace click::lang
