// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

/// What the first process of a system does. Whatever fails ends the guest with a reason.
namespace click::system {

/// Mounts what the kernel shows of itself, and opens the console.
void start();
/// Loads the kernel modules of the image, in the order of their file names.
void load_modules();
/// Sets a variable of the kernel, a path below /proc/sys.
void set(const char* variable, std::string_view value);
/// All of a file; empty when there is none.
std::string read(const char* path);
/// Ends the domain as shut down.
[[noreturn]] void power_off();

}  // namespace click::system
