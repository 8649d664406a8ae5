// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

/// What the guest says on its console of itself. A configuration's own output (platform::print) has no level: it always
/// comes.
namespace click::xen {

/// From the most important on.
enum class LogLevel : uint8_t { Error, Warning, Info, Debug };

/// The word `loglevel=LEVEL` of the domain's command line says up to which level the guest speaks: `error`, `warning`,
/// `info` (without such a word) or `debug`.
void choose_log_level(std::string_view command_line);
/// Writes text of that level, or not.
void log(LogLevel level, std::string_view text);

}  // namespace click::xen
