// SPDX-License-Identifier: Apache-2.0
#include <click/router_definition.hh>

#include "lang/expand.hh"
#include "lang/parser.hh"

namespace click {

namespace {

void append_element(const RouterDefinition::Element& element, std::string& text) {
    text += element.name + " :: " + element.class_name;
    if (!element.config.empty()) {
        text += "(" + element.config;
        // A comment up to the end of the line would swallow the parenthesis.
        size_t last_line = element.config.rfind('\n') + 1;
        text += element.config.find("//", last_line) == std::string::npos ? ")" : "\n)";
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
