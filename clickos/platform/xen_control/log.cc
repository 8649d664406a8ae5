// SPDX-License-Identifier: Apache-2.0
#include "platform/xen_control/log.hh"

#include "platform/platform.hh"

namespace click::xen {

namespace {

constinit LogLevel most = LogLevel::Info;

LogLevel chosen_level(std::string_view command_line) {
    constexpr std::string_view kWord = "loglevel=";
    constexpr std::string_view kNames[] = {"error", "warning", "info", "debug"};
    size_t start = command_line.find(kWord);
    if (start != std::string_view::npos && (start == 0 || command_line[start - 1] == ' ')) {
        std::string_view rest = command_line.substr(start + kWord.size());
        std::string_view name = rest.substr(0, rest.find_first_of(" \n"));
        for (size_t level = 0; level < sizeof kNames / sizeof kNames[0]; ++level) {
            if (name == kNames[level]) {
                return static_cast<LogLevel>(level);
            }
        }
    }
    return LogLevel::Info;
}

}  // namespace

void choose_log_level(std::string_view command_line) { most = chosen_level(command_line); }

void log(LogLevel level, std::string_view text) {
    if (level <= most) {
        platform::log(text);
    }
}

}  // namespace click::xen
