// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <string_view>

#include "lib/classifier_program.hh"

namespace click {

/// The windows of programs made from IP patterns.
enum IpWindow : uint8_t { kMacWindow, kNetworkWindow, kTransportWindow };

/// Reads a pattern of the language that IPClassifier documents, such as `src net 10.0.0.0/8 and (tcp port 80 or www)`,
/// for packets that have at least an IP header. False after a report.
bool parse_ip_pattern(std::string_view text, Condition& condition, ErrorHandler& errh);

}  // namespace click
