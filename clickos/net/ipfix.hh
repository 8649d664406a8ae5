// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click::ipfix {

inline constexpr uint16_t kVersion = 10;
inline constexpr uint16_t kTemplateSet = 2;
inline constexpr uint16_t kFirstTemplate = 256;  ///< the least number of a template, and of the sets that follow it

/// Message header (RFC 7011 3.1); multi-byte fields in network order, as in all headers of net/.
struct [[gnu::packed, gnu::may_alias]] MessageHeader {
    uint16_t version;
    uint16_t length;
    uint32_t export_time;
    uint32_t sequence;
    uint32_t domain;
};
static_assert(sizeof(MessageHeader) == 16);

struct [[gnu::packed, gnu::may_alias]] SetHeader {
    uint16_t id;
    uint16_t length;
};

/// A field of a template: an information element and how many bytes it takes (RFC 7011 3.2).
struct [[gnu::packed, gnu::may_alias]] Field {
    uint16_t element;
    uint16_t length;
};

// Information elements (IANA's registry, RFC 7012).
inline constexpr uint16_t kOctetDeltaCount = 1, kPacketDeltaCount = 2, kProtocolIdentifier = 4, kTcpControlBits = 6,
                          kSourceTransportPort = 7, kSourceIPv4Address = 8, kDestinationTransportPort = 11,
                          kDestinationIPv4Address = 12, kFlowEndReason = 136, kFlowStartMilliseconds = 152,
                          kFlowEndMilliseconds = 153;

/// Why a flow's record was made: values of flowEndReason.
enum class EndReason : uint8_t { Idle = 1, Active = 2, End = 3, Forced = 4, LackOfResources = 5 };

}  // namespace click::ipfix
