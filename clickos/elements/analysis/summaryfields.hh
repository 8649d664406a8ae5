// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <string>
#include <string_view>

namespace click {

/// A column of an IP summary: appends what it says of a packet. False, and nothing is appended, when the packet has no
/// such thing.
struct SummaryField {
    std::string_view name;
    bool (*append)(const Packet& packet, std::string& line);
};

/// The field of that name; blanks may stand for underscores. Null when there is none.
const SummaryField* find_summary_field(std::string_view name);

/// Appends bytes so that `unquote` gives them back, in quotes and without line ends.
void append_quoted_bytes(std::string_view bytes, std::string& line);

}  // namespace click
