// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <string>
#include <string_view>
#include <vector>

namespace click {

/// A flat router, as the language front end hands it to the engine: compounds expanded, names made unique.
struct RouterDefinition {
    struct Element {
        std::string name;
        std::string class_name;
        std::string config;
        Landmark landmark;
    };
    struct Connection {
        int from;
        int from_port;
        int to;
        int to_port;
        Landmark landmark;
    };

    std::vector<Element> elements;
    std::vector<Connection> connections;
    std::vector<std::string> requirements;
    /// The text that it was read from, for the router's `config` handler.
    std::string source;

    /// The same router as Click text: what the `flatconfig` handler shows.
    std::string unparse() const;
};

/// Global `define`s of the command line: NAME=VALUE.
using Defines = std::vector<std::pair<std::string, std::string>>;

/// Finds the text of `require(library NAME)` in the file `requiring`; false when there is no such library. `file_name`
/// is for landmarks and for what the library itself requires.
using LibraryReader = bool (*)(std::string_view name, std::string_view requiring, std::string& text,
                               std::string& file_name);

/// Reads a configuration in the Click language. Every error is reported with its line; false when there was one.
bool parse_router(std::string_view text, std::string_view file_name, const Defines& defines,
                  RouterDefinition& definition, ErrorHandler& errh, LibraryReader read_library = nullptr);

}  // namespace click
