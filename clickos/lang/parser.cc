// SPDX-License-Identifier: Apache-2.0
#include "lang/parser.hh"

#include <click/element.hh>

#include <algorithm>

#include "lang/confparse.hh"

namespace click::lang {

Parser::Parser(Syntax& syntax, ErrorHandler& errh, LibraryReader read_library)
    : _syntax(syntax), _errh(errh), _read_library(read_library) {
    _syntax.scopes.push_back(std::make_unique<Scope>());
    _scope = &_syntax.top();
}

bool Parser::parse(std::string_view text, std::string_view file_name) {
    Lexer lexer(text, file_name, _errh);
    Lexer* outer = std::exchange(_lexer, &lexer);
    std::string_view outer_file = std::exchange(_file_name, file_name);
    for (;;) {
        statements();
        Token token = _lexer->next();
        if (token.is(Token::Kind::End)) {
            break;
        }
        fail(token);
    }
    _lexer = outer;
    _file_name = outer_file;
    if (!outer) {
        count_ports(*_scope);
        check_requirements();
    }
    return _grammatical;
}

void Parser::statements() {
    while (!_lexer->peek().ends_body()) {
        if (!statement()) {
            skip_statement();
        }
    }
}

bool Parser::statement() {
    const Token& token = _lexer->peek();
    switch (token.kind) {
        case Token::Kind::ElementClass:
            return element_class_statement();
        case Token::Kind::ConnectionTunnel:
            return tunnel_statement();
        case Token::Kind::Define:
            return define_statement();
        case Token::Kind::Provide:
        case Token::Kind::Require:
            return package_statement();
        case Token::Kind::Arrow:
        case Token::Kind::ManyArrow:
        case Token::Kind::Identifier:
            return connection();
        default:
            break;
    }
    if (token.is(';')) {
        _lexer->next();
        return true;
    }
    if (token.is('{') || token.is('(') || token.is('[')) {
        return connection();
    }
    return fail(_lexer->next());
}

/// Goes on behind the next semicolon, or before what closes the body that the bad statement stands in.
void Parser::skip_statement() {
    int depth = 0;
    bool behind_name = false;
    for (;;) {
        const Token& ahead = _lexer->peek();
        if (ahead.is(Token::Kind::End) || (depth == 0 && ahead.ends_body())) {
            return;
        }
        Token token = _lexer->next();
        if (token.is('(') && behind_name) {
            _lexer->configuration(token);
        } else if (token.is('(') || token.is('{')) {
            ++depth;
        } else if (token.is(')') || token.is('}')) {
            --depth;
        } else if (token.is(';') && depth == 0) {
            return;
        }
        behind_name = token.is(Token::Kind::Identifier);
    }
}

bool Parser::fail(const Token& token) {
    bool again = !_grammatical && _failed_at == token.text.data();
    if (!_abandoned && !again) {
        _errh.error_at(token.landmark(), "syntax error near %s", token.shown().c_str());
    }
    _grammatical = false;
    _failed_at = token.text.data();
    return false;
}

bool Parser::expect(char symbol) {
    if (!_lexer->peek().is(symbol)) {
        return fail(_lexer->peek());
    }
    _lexer->next();
    return true;
}

/// Counts one more level of nesting. Too many end the parse: nothing that nests so deep was written by a person.
bool Parser::enter(const Token& where) {
    if (++_depth <= kMaxNesting) {
        return true;
    }
    if (!_abandoned) {
        _errh.error_at(where.landmark(), "nested too deeply (at most %d levels)", kMaxNesting);
    }
    _abandoned = true;
    _grammatical = false;
    while (!_lexer->next().is(Token::Kind::End)) {
    }
    return false;
}

bool Parser::element_class_statement() {
    _lexer->next();
    Token name = _lexer->peek();
    if (!name.is(Token::Kind::Identifier)) {
        return fail(name);
    }
    _lexer->next();
    check_name(name);
    const Class* meant = nullptr;
    if (_lexer->peek().is('{')) {
        _lexer->next();
        meant = compound(name.text);
    } else {
        meant = class_reference();
    }
    if (meant) {
        _scope->classes.insert_or_assign(std::string(name.text), meant);
    }
    return meant != nullptr;
}

/// The element that stands for one end of a `connectiontunnel`, made when the name is new.
int Parser::tunnel_end(const Token& name) {
    int known = find_element(name.text);
    if (known < 0) {
        return add_element({.name = std::string(name.text), .landmark = name.landmark()});
    }
    const SyntaxElement& element = _scope->elements[static_cast<size_t>(known)];
    if (element.element_class) {
        _errh.error_at(name.landmark(), "redeclaration of element '%s'", element.name.c_str());
        _errh.error_at(element.landmark, "element '%s' previously declared here", element.name.c_str());
        return -1;
    }
    return known;
}

bool Parser::tunnel_statement() {
    do {
        _lexer->next();
        Token entry = _lexer->next();
        if (!entry.is(Token::Kind::Identifier)) {
            return fail(entry);
        }
        if (Token arrow = _lexer->next(); !arrow.is(Token::Kind::Arrow)) {
            return fail(arrow);
        }
        Token exit = _lexer->next();
        if (!exit.is(Token::Kind::Identifier)) {
            return fail(exit);
        }
        int from = tunnel_end(entry);
        int to = tunnel_end(exit);
        if (from < 0 || to < 0) {
            continue;
        }
        SyntaxElement& element = _scope->elements[static_cast<size_t>(from)];
        if (element.exit >= 0) {
            _errh.error_at(entry.landmark(), "redeclaration of connection tunnel '%s'", element.name.c_str());
        }
        element.exit = to;
    } while (_lexer->peek().is(','));
    return true;
}

/// A class after `::` or `elementclass NAME`: a name, or a compound element in braces. Null after a syntax error.
const Class* Parser::class_reference() {
    Token token = _lexer->peek();
    if (!token.is('{') && !token.is(Token::Kind::Identifier)) {
        fail(token);
        return nullptr;
    }
    _lexer->next();
    if (token.is('{')) {
        return compound({});
    }
    if (const Class* known = find_class(token.text)) {
        return known;
    }
    std::string name(token.text);
    _errh.error_at(token.landmark(), "unknown element class '%s'", name.c_str());
    return add_class({.name = name, .unknown = true});
}

/// The compound element whose brace was the last token, with all its alternatives.
const Class* Parser::compound(std::string_view name) {
    Class element_class{.name = std::string(name)};
    std::string shown = name.empty() ? "<anonymous>" : std::string(name);
    Scope* outer = _scope;
    std::vector<Group> outer_groups = std::exchange(_groups, {});
    bool good = enter(_lexer->peek());
    for (bool more = good; more;) {
        if (_lexer->peek().is(Token::Kind::Ellipsis)) {
            Token dots = _lexer->next();
            element_class.rest = name.empty() ? nullptr : find_class(name);
            if (!element_class.rest) {
                _errh.error_at(dots.landmark(), "nothing to extend: there is no element class '%s' before this one",
                               shown.c_str());
            }
            break;
        }
        Scope* scope = _syntax.scopes.emplace_back(std::make_unique<Scope>()).get();
        scope->parent = outer;
        scope->landmark = _lexer->peek().landmark();
        _scope = scope;
        scope->input = add_element({.name = "input", .landmark = scope->landmark});
        scope->output = add_element({.name = "output", .landmark = scope->landmark});
        scope->uncounted = 2;
        element_class.alternatives.push_back(scope);
        good = (!_lexer->at_formals() || formals(*scope)) && good;
        if (!good) {
            skip_statement();
        }
        statements();
        count_ports(*scope);
        scope->elements[static_cast<size_t>(scope->input)].outputs = check_pseudo_element(shown, scope->input, true, 0);
        scope->elements[static_cast<size_t>(scope->output)].inputs =
            check_pseudo_element(shown, scope->output, false, 0);
        _scope = outer;
        more = _lexer->peek().is(Token::Kind::DoubleBar);
        if (more) {
            _lexer->next();
        }
    }
    _groups = std::move(outer_groups);
    --_depth;
    good = expect('}') && good;
    return good ? add_class(std::move(element_class)) : nullptr;
}

/// `$a, KEYWORD $b |`
bool Parser::formals(Scope& scope) {
    std::map<std::string_view, bool> seen;
    while (!_lexer->peek().is('|')) {
        Token token = _lexer->next();
        Formal formal;
        Landmark landmark = token.landmark();
        if (token.is(Token::Kind::Identifier)) {
            formal.keyword = token.text;
            token = _lexer->next();
        }
        if (!token.is(Token::Kind::Variable)) {
            return fail(token);
        }
        formal.variable = token.text;
        if (!seen.emplace(token.text, true).second) {
            _errh.error_at(landmark, "parameter '$%s' multiply defined", formal.variable.c_str());
        }
        if (!scope.formals.empty()) {
            const std::string& before = scope.formals.back().keyword;
            if (before == "__REST__") {
                _errh.error_at(landmark, "'__REST__' must be the last parameter");
            } else if (formal.keyword.empty() && !before.empty()) {
                _errh.error_at(landmark, "positional parameter '$%s' must come before keyword parameters",
                               formal.variable.c_str());
            }
        }
        scope.formals.push_back(std::move(formal));
        if (_lexer->peek().is(',')) {
            _lexer->next();
        } else if (!_lexer->peek().is('|')) {
            return fail(_lexer->peek());
        }
    }
    _lexer->next();
    return true;
}

const Class* Parser::find_class(std::string_view name) {
    for (const Scope* scope = _scope; scope; scope = scope->parent) {
        if (auto found = scope->classes.find(name); found != scope->classes.end()) {
            return found->second;
        }
    }
    if (auto found = _primitives.find(name); found != _primitives.end()) {
        return found->second;
    }
    const Class* primitive = nullptr;
    if (find_element_class(name)) {
        primitive = add_class({.name = std::string(name), .primitive = true});
    }
    return _primitives.emplace(name, primitive).first->second;
}

const Class* Parser::add_class(Class element_class) {
    return _syntax.classes.emplace_back(std::make_unique<Class>(std::move(element_class))).get();
}

int Parser::find_element(std::string_view name) const {
    if (!_groups.empty() && (name == "input" || name == "output")) {
        return name == "input" ? _groups.back().input : _groups.back().output;
    }
    auto found = _scope->element_index.find(name);
    return found == _scope->element_index.end() ? -1 : found->second;
}

void Parser::check_name(const Token& name) {
    std::string_view rest = name.text;
    while (!rest.empty()) {
        size_t slash = rest.find('/');
        if (all_digits(rest.substr(0, slash))) {
            _errh.error_at(name.landmark(), "element name %s has all-digit component", name.shown().c_str());
            return;
        }
        rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
    }
}

int Parser::declare(const Token& name, const Class* element_class, std::string config) {
    check_name(name);
    int known = find_element(name.text);
    if (known >= 0) {
        SyntaxElement& before = _scope->elements[static_cast<size_t>(known)];
        if (before.element_class && before.element_class->unknown) {
            _scope->undeclared.erase(known);
            before.element_class = element_class;
            before.config = std::move(config);
            return known;
        }
        _errh.error_at(name.landmark(), "redeclaration of element '%s'", std::string(name.text).c_str());
        _errh.error_at(before.landmark, "element '%s' previously declared here", std::string(name.text).c_str());
        return known;
    }
    if (!element_class->unknown && find_class(name.text)) {
        _errh.error_at(name.landmark(), "class '%s' used as element name", std::string(name.text).c_str());
    }
    return add_element({.name = std::string(name.text),
                        .element_class = element_class,
                        .config = std::move(config),
                        .landmark = name.landmark()});
}

/// An element named `Class@N`, where N counts the elements of its scope.
int Parser::add_anonymous(const Reference& one) {
    std::string prefix = one.token.is(Token::Kind::Identifier) ? std::string(one.token.text) : std::string();
    prefix += '@';
    size_t number = _scope->elements.size() - static_cast<size_t>(_scope->uncounted) + 1;
    std::string name = prefix + std::to_string(number);
    while (_scope->element_index.contains(name)) {
        name = prefix + std::to_string(++number);
    }
    return add_element({.name = std::move(name),
                        .element_class = one.element_class,
                        .config = one.config,
                        .landmark = one.token.landmark()});
}

int Parser::add_element(SyntaxElement element) {
    int index = static_cast<int>(_scope->elements.size());
    if (!element.name.empty()) {
        _scope->element_index.emplace(element.name, index);
    }
    _scope->elements.push_back(std::move(element));
    return index;
}

}  // namespace click::lang
