// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

/// The console of the domain: a ring of bytes to the console daemon (io/console.h).
namespace click::xen::console {

/// Also in the domain in which a suspended one goes on.
void start();
/// Writes text; sleeps while the ring is full. A daemon that takes nothing for a second loses the rest.
void write(std::string_view text);

}  // namespace click::xen::console
