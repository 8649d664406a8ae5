// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <string_view>

#include "lib/classifier_program.hh"

namespace click {

/// The windows of programs made from IP patterns.
enum IpWindow : uint8_t { kMacWindow, kNetworkWindow, kTransportWindow };

/// Which packets a pattern is for: IPv4 ones alone, whose version then is not looked at, or IPv6 ones too.
enum class IpVersions : uint8_t { Four, Both };

/// Whether a pattern speaks of IPv6: by `ip6`, `icmp6`, a field that only IPv6 has, or an address.
bool names_ip6(std::string_view text);

/// Reads a pattern of the language that IPClassifier documents, such as `src net 10.0.0.0/8 and (tcp port 80 or www)`,
/// for packets that have at least an IP header. False after a report.
bool parse_ip_pattern(std::string_view text, Condition& condition, ErrorHandler& errh,
                      IpVersions versions = IpVersions::Four);

}  // namespace click
