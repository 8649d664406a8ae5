// SPDX-License-Identifier: Apache-2.0
//
// The part of the parser that reads what a configuration defines, requires and provides.
#include <algorithm>

#include "lang/confparse.hh"
#include "lang/parser.hh"

namespace click::lang {

namespace {

/// Packages that are part of every program of this engine.
constexpr std::string_view kBuiltInPackages[] = {"aggregates", "compact_config", "int64", "userlevel"};

}  // namespace

bool Parser::optional_configuration(std::string& config) {
    if (!_lexer->peek().is('(')) {
        return false;
    }
    Token open = _lexer->next();
    config = _lexer->configuration(open);
    return true;
}

bool Parser::configuration_arguments(std::vector<std::string>& arguments) {
    std::string config;
    if (!optional_configuration(config)) {
        return fail(_lexer->peek());
    }
    arguments = split_arguments(config);
    return true;
}

bool Parser::define_statement() {
    Token keyword = _lexer->next();
    std::vector<std::string> arguments;
    if (!configuration_arguments(arguments)) {
        return false;
    }
    for (const std::string& argument : arguments) {
        std::string_view value = argument;
        std::string_view variable = take_word(value);
        bool named = variable.size() > 1 && variable[0] == '$';
        for (char c : variable.substr(named ? 1 : 0)) {
            named = named && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_');
        }
        if (!named) {
            _errh.error_at(keyword.landmark(), "define: expected '$VARIABLE VALUE', got '%s'", argument.c_str());
            continue;
        }
        variable.remove_prefix(1);
        bool is_formal = std::any_of(_scope->formals.begin(), _scope->formals.end(),
                                     [&](const Formal& formal) { return formal.variable == variable; });
        if (is_formal || !_scope->definitions.emplace(variable, value).second) {
            _errh.error_at(keyword.landmark(), "parameter '$%s' multiply defined", std::string(variable).c_str());
        }
    }
    return true;
}

bool Parser::package_statement() {
    Token keyword = _lexer->next();
    std::vector<std::string> arguments;
    if (!configuration_arguments(arguments)) {
        return false;
    }
    for (const std::string& argument : arguments) {
        std::string_view name = argument;
        std::string_view kind = take_word(name);
        if (name.empty()) {
            std::swap(kind, name);
        }
        std::string unquoted = unquote(name);
        if (!kind.empty() && kind != "package" && kind != "library") {
            _errh.error_at(keyword.landmark(), "%s: unknown kind of requirement '%s'",
                           std::string(keyword.text).c_str(), argument.c_str());
        } else if (keyword.is(Token::Kind::Provide)) {
            _provided.push_back(unquoted);
        } else if (kind == "library") {
            require_library(unquoted, keyword);
        } else {
            _requirements.push_back({unquoted, keyword.landmark()});
        }
    }
    return true;
}

void Parser::require_library(std::string_view name, const Token& where) {
    std::string library(name);
    if (_scope != &_syntax.top() || !_groups.empty()) {
        _errh.error_at(where.landmark(), "'require(library %s)' must be used at file scope", library.c_str());
        return;
    }
    auto text = std::make_unique<std::string>();
    std::string file_name = library;
    if (!_read_library || !_read_library(library, _file_name, *text, file_name)) {
        _errh.error_at(where.landmark(), "cannot find library '%s'", library.c_str());
        return;
    }
    if (std::find(_libraries.begin(), _libraries.end(), file_name) != _libraries.end()) {
        return;
    }
    _libraries.push_back(file_name);
    _syntax.library_texts.push_back(std::move(text));
    if (enter(where)) {
        parse(*_syntax.library_texts.back(), file_name);
    }
    --_depth;
}

/// What a configuration provides itself is no requirement any more.
void Parser::check_requirements() {
    for (const Requirement& requirement : _requirements) {
        if (std::find(_provided.begin(), _provided.end(), requirement.text) != _provided.end()) {
            continue;
        }
        _syntax.requirements.push_back("package " + quote(requirement.text));
        if (std::find(std::begin(kBuiltInPackages), std::end(kBuiltInPackages), requirement.text) ==
            std::end(kBuiltInPackages)) {
            _errh.error_at(requirement.landmark, "unsatisfied requirement '%s'", requirement.text.c_str());
        }
    }
}

}  // namespace click::lang
