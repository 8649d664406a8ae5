// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router.hh>

#include <memory>
#include <string_view>

#include "platform/linux/options.hh"
#include "platform/linux/workers.hh"

namespace click {

/// Runs one router after the other: reads a configuration, runs it until it is done or a signal comes, and replaces it
/// when its `hotconfig` handler is written.
class Driver {
public:
    Driver(const Options& options, ErrorHandler& errh)
        : _options(options), _errh(errh), _workers(options.workers(), options.affinity) {}
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    /// Reads a configuration. False after a report.
    bool load(std::string_view text, std::string_view file_name);
    /// Makes and configures its elements. False after a report.
    bool configure() { return _router->configure(_errh) >= 0; }
    /// Opens what it needs and makes it ready to run. False after a report.
    bool initialize();
    /// Runs it until it stops or SIGINT or SIGTERM comes; a second signal ends the program.
    void run();
    const Router& router() const { return *_router; }
    /// The configuration with its compound elements expanded, without what the command line adds.
    RouterDefinition flat_configuration() const;

private:
    std::unique_ptr<Router> read_router(std::string_view text, std::string_view file_name, ErrorHandler& errh);
    bool check_elements(const RouterDefinition& definition, ErrorHandler& errh) const;
    void add_control_sockets(RouterDefinition& definition) const;
    int prepare_successor(std::string_view text, ErrorHandler& errh);
    static int hot_swap(std::string_view text, ErrorHandler& errh);
    static void interrupted(int signal, void* driver);

    const Options& _options;
    ErrorHandler& _errh;
    Workers _workers;
    std::unique_ptr<Router> _router;
    std::unique_ptr<Router> _successor;
    bool _interrupted = false;
};

}  // namespace click
