// SPDX-License-Identifier: Apache-2.0
#include "elements/analysis/summaryheaders.hh"
#include "lib/ip_names.hh"
#include "net/icmp.hh"

namespace click {

namespace {

template <auto Append>
constexpr auto of_icmp = of_transport<IcmpHeader, kIpProtoIcmp, Append>;
template <auto Append>
constexpr auto of_echo = of_transport<IcmpEchoHeader, kIpProtoIcmp, Append>;

bool put_name(std::string& line, std::string_view name, uint8_t number) {
    line += name.empty() ? std::to_string(number) : std::string(name);
    return true;
}

/// Echo, timestamp, information and mask messages and their replies tell flows apart (RFC 792, RFC 950).
bool has_identifier(uint8_t type) {
    constexpr uint8_t kTimestamp = 13;
    constexpr uint8_t kMaskReply = 18;
    return type == kIcmpEcho || type == kIcmpEchoReply || (type >= kTimestamp && type <= kMaskReply);
}

bool put_flow(const IcmpEchoHeader& icmp, std::string& line) {
    return has_identifier(icmp.type) && put_number(line, net16(icmp.identifier));
}

bool put_sequence(const IcmpEchoHeader& icmp, std::string& line) {
    return has_identifier(icmp.type) && put_number(line, net16(icmp.sequence));
}

/// RFC 1191: it lies where messages with identifiers have their sequence number.
bool put_next_mtu(const IcmpEchoHeader& icmp, std::string& line) {
    constexpr uint8_t kUnreachable = 3;
    constexpr uint8_t kNeedFragmentation = 4;
    return icmp.type == kUnreachable && icmp.code == kNeedFragmentation && put_number(line, net16(icmp.sequence));
}

constexpr SummaryField kFields[] = {
    {"icmp_type", of_icmp<[](const IcmpHeader& icmp) { return icmp.type; }>},
    {"icmp_code", of_icmp<[](const IcmpHeader& icmp) { return icmp.code; }>},
    {"icmp_type_name", of_icmp<[](const IcmpHeader& icmp, std::string& line) {
         return put_name(line, name_of(icmp_type_names(), icmp.type), icmp.type);
     }>},
    {"icmp_code_name", of_icmp<[](const IcmpHeader& icmp, std::string& line) {
         return put_name(line, icmp_code_name(icmp.type, icmp.code), icmp.code);
     }>},
    {"icmp_flowid", of_echo<put_flow>},
    {"icmp_seqno", of_echo<put_sequence>},
    {"icmp_nextmtu", of_echo<put_next_mtu>},
};

}  // namespace

std::span<const SummaryField> icmp_summary_fields() { return kFields; }

}  // namespace click
