// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace click {

/// Who talks to whom; addresses and ports in network order.
struct FlowEnds {
    uint32_t source = 0;
    uint32_t destination = 0;
    uint16_t source_port = 0;
    uint16_t destination_port = 0;
    bool tcp = false;
};

/// The file name that a pattern of ToIPFlowDumps makes for a flow; nothing if it is no pattern, and `bad` is where.
std::optional<std::string> expand_flow_file_name(std::string_view pattern, const FlowEnds& ends, uint32_t aggregate,
                                                 size_t& bad);

}  // namespace click
