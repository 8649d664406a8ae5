// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elements/analysis/summaryfields.hh"

namespace click {

// The binary form of an IP summary: records of a length in four bytes, network order, which counts itself and whose
// first bit says that a line of text follows, not fields; then the fields one behind the other, numbers in network
// order, each with as many bytes as it can need; text and options behind their length.

inline constexpr size_t kSummaryRecordHead = 4;

/// How many bytes follow the head of a record; `text`, whether they are a line.
size_t summary_record_length(std::string_view head, bool& text);
/// A record of a line of text.
std::string pack_summary_text(std::string_view line);
/// A record of the words of a packet.
std::string pack_summary_record(std::span<const SummaryField* const> fields, const std::vector<std::string>& words);
/// The words of a packet: what there is of them.
std::vector<std::string> unpack_summary_record(std::span<const SummaryField* const> fields, std::string_view record);

}  // namespace click
