// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

/// The console of the domain: a ring of bytes to the console daemon (io/console.h).
namespace click::xen::console {

/// From the most important on. A configuration's own output (platform::print) has no level: it always comes.
enum class Level : uint8_t { Error, Warning, Info, Debug };

/// Also in the domain in which a suspended one goes on. The word `loglevel=LEVEL` of the domain's command line says up to
/// which level the guest speaks: `error`, `warning`, `info` (without such a word) or `debug`.
void start();
/// Writes text of that level, or not.
void log(Level level, std::string_view text);
/// Writes text; sleeps while the ring is full. A daemon that takes nothing for a second loses the rest.
void write(std::string_view text);

}  // namespace click::xen::console
