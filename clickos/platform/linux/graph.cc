// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/graph.hh"

#include <cstdio>

#include "lang/confparse.hh"

namespace click {

namespace {

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte > 0x7e || c == '"' || c == '\\') {
            char escape[7];
            std::snprintf(escape, sizeof escape, "\\u%04x", byte);
            result += escape;
        } else {
            result += c;
        }
    }
    return result += '"';
}

std::string arguments_text(std::string_view config) {
    std::string result = "[";
    for (const std::string& argument : split_arguments(config)) {
        result += (result.size() > 1 ? ", " : "") + quoted(unquote(argument));
    }
    return result += ']';
}

}  // namespace

std::string graph_text(const RouterDefinition& definition) {
    std::string text = "{\"elements\": [";
    const char* separator = "\n";
    for (const RouterDefinition::Element& element : definition.elements) {
        text += separator;
        text += R"(  {"name": )" + quoted(element.name) + R"(, "class": )" + quoted(element.class_name) +
                R"(, "arguments": )" + arguments_text(element.config) + R"(, "landmark": )" + quoted(element.landmark) +
                "}";
        separator = ",\n";
    }
    text += "],\n \"connections\": [";
    separator = "\n";
    for (const RouterDefinition::Connection& one : definition.connections) {
        text += separator;
        text += "  [" + std::to_string(one.from) + ", " + std::to_string(one.from_port) + ", " +
                std::to_string(one.to) + ", " + std::to_string(one.to_port) + "]";
        separator = ",\n";
    }
    return text += "]}\n";
}

}  // namespace click
