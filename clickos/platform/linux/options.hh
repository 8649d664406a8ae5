// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router_definition.hh>
#include <click/worker.hh>

#include <algorithm>
#include <string>
#include <vector>

namespace click {

/// What the command line asks for.
struct Options {
    enum class Action : uint8_t { Run, Help, Version, ListElements, DocumentElement };

    Action action = Action::Run;
    std::string documented_element;

    bool has_expression = false;
    std::string expression;
    std::string file = "-";
    std::string class_path;        ///< CLICKPATH
    std::string allowed_elements;  ///< file with the classes that a configuration may use; empty: all
    Defines defines;

    std::vector<std::string> control_sockets;  ///< configurations of the ControlSockets to add
    int threads = 1;                           ///< that routers may use
    int affinity = -1;                         ///< the processor to stay on; -1: wherever there is room
    bool allow_reconfigure = false;
    bool simulated_time = false;
    bool no_warnings = false;

    bool check_only = false;
    bool quit = false;
    bool print_time = false;
    std::string output;  ///< where the flat configuration goes; empty: nowhere
    std::string graph;   ///< where it goes as JSON; empty: nowhere
    std::vector<std::string> handlers;
    std::string exit_handler;

    /// Simulated time is one: whoever runs in it takes turns.
    unsigned workers() const { return simulated_time ? 1 : std::min(static_cast<unsigned>(threads), kMostWorkers); }
};

/// Reads the command line. False after saying on standard error what is wrong with it.
bool parse_options(int argc, char** argv, Options& options);

extern const char kUsage[];

}  // namespace click
