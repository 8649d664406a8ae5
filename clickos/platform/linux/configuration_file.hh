// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <string>
#include <string_view>

namespace click {

/// Reads a whole file, or standard input for "-". False after a report.
bool read_file(const std::string& path, std::string& text, ErrorHandler& errh);
/// Writes a whole file, or to standard output for "-". False after a report.
bool write_file(const std::string& path, std::string_view text, ErrorHandler& errh);

/// Where `read_library` looks for `require(library NAME)`: directories separated by colons, in a text that stays.
void set_library_path(std::string_view path);
/// A LibraryReader: NAME beside the file that requires it, then in each directory, then in its `share/click`; the ending
/// `.click` may be left out.
bool read_library(std::string_view name, std::string_view requiring, std::string& text, std::string& file_name);

/// The member `config` of an ar archive, which is what Click's programs make of a configuration that brings files
/// along; any other text is a configuration itself and comes back as it is.
std::string_view configuration_in(std::string_view text);

}  // namespace click
