// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router.hh>

#include <string>
#include <vector>

namespace click {

/// Prints the read handlers that `-h` names; the element may be a name, a pattern of the shell, or a class. Each value
/// has its handler's name above it unless it is the only one. False after reporting what could not be read.
bool print_handlers(const Router& router, const std::vector<std::string>& paths, ErrorHandler& errh);

/// The exit status that the handler of `-x` stands for: its number, or 0 for true and 1 for false; 255 after a report.
int exit_status(const Router& router, const std::string& path, ErrorHandler& errh);

}  // namespace click
