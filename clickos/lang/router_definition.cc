// SPDX-License-Identifier: Apache-2.0
#include <click/router_definition.hh>

#include "lang/expand.hh"
#include "lang/parser.hh"

namespace click {

namespace {

/// Where quotes and comments of a configuration string begin and end.
class ConfigurationScanner {
public:
    /// Takes the next character in; true when it is a parenthesis that counts.
    bool is_parenthesis(std::string_view rest) {
        char c = rest[0];
        if (_escaped || (_within == '"' && c == '\\')) {
            _escaped = !_escaped;
        } else if (_within == '\0') {
            if (c == '"' || c == '\'') {
                _within = c;
            } else if (rest.starts_with("//") || rest.starts_with("/*")) {
                _within = rest[1];
                _opening = true;
                return false;
            } else if (rest.starts_with("\\<")) {
                _within = '>';
            }
            return c == '(' || c == ')';
        } else if (_opening) {
            _opening = false;  // the star of /*, which is none of */
        } else if (c == (_within == '/' ? '\n' : _within)) {
            if (_within != '*') {
                _within = '\0';
            } else if (rest.starts_with("*/")) {
                _within = '!';
            }
        } else if (_within == '!') {
            _within = '\0';
        }
        return false;
    }
    /// What ends the quotes or the comment that is open.
    std::string_view closing() const {
        switch (_within) {
            case '"':
                return _escaped ? "\\\"" : "\"";
            case '\'':
                return "'";
            case '>':
                return ">";
            case '/':
                return "\n";
            case '*':
                return "*/";
            case '!':
                return "/";
            default:
                return "";
        }
    }

private:
    char _within =
        '\0';  ///< ", ', > (bytes in hexadecimal), / (to the end of the line), * (up to its end), ! (its last character)
    bool _escaped = false;
    bool _opening = false;
};

/// The configuration string as it can stand between parentheses: parameters can leave it with parentheses that do not
/// match, or with quotes or a comment that do not end.
std::string enclosable(std::string_view config) {
    int depth = 0;
    bool balanced = true;
    ConfigurationScanner scanner;
    for (size_t i = 0; i < config.size(); ++i) {
        if (scanner.is_parenthesis(config.substr(i))) {
            depth += config[i] == '(' ? 1 : -1;
            balanced = balanced && depth >= 0;
        }
    }
    balanced = balanced && depth == 0;
    std::string text;
    ConfigurationScanner again;
    for (size_t i = 0; i < config.size(); ++i) {
        bool quote = again.is_parenthesis(config.substr(i)) && !balanced;
        text += quote ? "\"" : "";
        text += config[i];
        text += quote ? "\"" : "";
    }
    return text.append(again.closing());
}

void append_element(const RouterDefinition::Element& element, std::string& text) {
    text += element.name + " :: " + element.class_name;
    if (!element.config.empty()) {
        text += "(" + enclosable(element.config) + ")";
    }
    text += ";\n";
}

std::string port(int number) { return "[" + std::to_string(number) + "]"; }

}  // namespace

std::string RouterDefinition::unparse() const {
    std::string text;
    if (!requirements.empty()) {
        const char* separator = "require(";
        for (const std::string& one : requirements) {
            text += separator + one;
            separator = ", ";
        }
        text += ");\n\n";
    }
    for (const Element& element : elements) {
        append_element(element, text);
    }
    if (!connections.empty() && !elements.empty()) {
        text += '\n';
    }
    // Chains: each goes on with the first connection from the element that it came to.
    std::vector<std::vector<const Connection*>> from(elements.size());
    for (size_t i = connections.size(); i-- > 0;) {
        from[static_cast<size_t>(connections[i].from)].push_back(&connections[i]);
    }
    for (const Connection& start : connections) {
        auto* waiting = &from[static_cast<size_t>(start.from)];
        if (waiting->empty() || waiting->back() != &start) {
            continue;  // part of an earlier chain
        }
        text += elements[static_cast<size_t>(start.from)].name;
        const char* arrow = " -> ";
        while (!waiting->empty()) {
            const Connection& one = *waiting->back();
            waiting->pop_back();
            text += one.from_port ? " " + port(one.from_port) : "";
            text += std::exchange(arrow, "\n    -> ");
            text += one.to_port ? port(one.to_port) + " " : "";
            text += elements[static_cast<size_t>(one.to)].name;
            waiting = &from[static_cast<size_t>(one.to)];
        }
        text += ";\n";
    }
    return text;
}

bool parse_router(std::string_view text, std::string_view file_name, const Defines& defines,
                  RouterDefinition& definition, ErrorHandler& errh, LibraryReader read_library) {
    int before = errh.error_count();
    lang::Syntax syntax;
    bool grammatical = lang::Parser(syntax, errh, read_library).parse(text, file_name);
    definition.source = text;
    definition.requirements = syntax.requirements;
    // What comes after a syntax error was left out, so that more checks would find errors that there are not.
    return grammatical && lang::expand_router(syntax, defines, definition, errh) && errh.error_count() == before;
}

}  // namespace click
