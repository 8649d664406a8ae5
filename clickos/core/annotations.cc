// SPDX-License-Identifier: Apache-2.0
#include <click/annotations.hh>

#include <charconv>

namespace click::anno {

namespace {

struct Name {
    std::string_view name;
    uint8_t offset;
    uint8_t size;
};

constexpr Name kNames[] = {
    {"DST_IP", kDstIp, 4},
    {"DST_IP6", kDstIp, 16},
    {"PAINT", kPaint, 1},
    {"ICMP_PARAMPROB", kIcmpParamProb, 1},
    {"FIX_IP_SRC", kFixIpSrc, 1},
    {"VLAN_TCI", kVlanTci, 2},
    {"MISC_IP", kMiscIp, 4},
    {"EXTRA_PACKETS", kExtraPackets, 4},
    {"AGGREGATE", kAggregate, 4},
    {"EXTRA_LENGTH", kExtraLength, 4},
    {"FWD_RATE", kFwdRate, 4},
    {"REV_RATE", kRevRate, 4},
    {"PACKET_NUMBER", kPacketNumber, 4},
    {"SEQUENCE_NUMBER", kSequenceNumber, 4},
};

}  // namespace

int offset_of(std::string_view name, size_t& size) {
    for (const Name& known : kNames) {
        if (known.name == name) {
            size = known.size;
            return known.offset;
        }
    }
    unsigned offset;
    const char* end = name.data() + name.size();
    auto [rest, error] = std::from_chars(name.data(), end, offset);
    return error == std::errc{} && rest == end && offset < Packet::kAnnoSize ? static_cast<int>(offset) : -1;
}

}  // namespace click::anno
