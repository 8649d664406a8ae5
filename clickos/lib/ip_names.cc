// SPDX-License-Identifier: Apache-2.0
#include "lib/ip_names.hh"

#include <algorithm>
#include <charconv>

namespace click {

namespace {

// IANA Protocol Numbers.
constexpr NumberName kProtocols[] = {
    {"icmp", 1},   {"igmp", 2},  {"ipip", 4},  {"tcp", 6},    {"egp", 8},    {"udp", 17},
    {"dccp", 33},  {"ip6", 41},  {"rsvp", 46}, {"gre", 47},   {"esp", 50},   {"ah", 51},
    {"icmp6", 58}, {"ospf", 89}, {"pim", 103}, {"vrrp", 112}, {"sctp", 132},
};

// IANA Service Name and Port Number Registry.
constexpr NumberName kPorts[] = {
    {"tcpmux", 1},        {"echo", 7},          {"discard", 9},   {"daytime", 13}, {"chargen", 19},
    {"ftp-data", 20},     {"ftp", 21},          {"ssh", 22},      {"telnet", 23},  {"smtp", 25},
    {"time", 37},         {"whois", 43},        {"tacacs", 49},   {"domain", 53},  {"dns", 53},
    {"bootps", 67},       {"bootpc", 68},       {"tftp", 69},     {"gopher", 70},  {"finger", 79},
    {"www", 80},          {"http", 80},         {"kerberos", 88}, {"pop3", 110},   {"sunrpc", 111},
    {"auth", 113},        {"ident", 113},       {"nntp", 119},    {"ntp", 123},    {"netbios-ns", 137},
    {"netbios-dgm", 138}, {"netbios-ssn", 139}, {"imap", 143},    {"imap2", 143},  {"snmp", 161},
    {"snmp-trap", 162},   {"snmptrap", 162},    {"bgp", 179},     {"irc", 194},    {"imap3", 220},
    {"ldap", 389},        {"https", 443},       {"isakmp", 500},  {"exec", 512},   {"login", 513},
    {"shell", 514},       {"syslog", 514},      {"printer", 515}, {"route", 520},  {"rip", 520},
    {"submission", 587},  {"ldaps", 636},       {"imaps", 993},   {"pop3s", 995},  {"socks", 1080},
    {"openvpn", 1194},    {"nfs", 2049},        {"mysql", 3306},  {"sip", 5060},   {"openflow", 6653},
};

// RFC 792, RFC 950, RFC 1256.
constexpr NumberName kIcmpTypes[] = {
    {"echo-reply", 0},
    {"unreachable", 3},
    {"sourcequench", 4},
    {"redirect", 5},
    {"echo", 8},
    {"routeradvert", 9},
    {"routersolicit", 10},
    {"timeexceeded", 11},
    {"parameterproblem", 12},
    {"timestamp", 13},
    {"timestamp-reply", 14},
    {"inforeq", 15},
    {"inforeq-reply", 16},
    {"maskreq", 17},
    {"maskreq-reply", 18},
};

// RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1: type * 256 + code.
constexpr NumberName kIcmpCodes[] = {
    {"net", 0x300},
    {"host", 0x301},
    {"protocol", 0x302},
    {"port", 0x303},
    {"needfrag", 0x304},
    {"srcroutefail", 0x305},
    {"netunknown", 0x306},
    {"hostunknown", 0x307},
    {"isolated", 0x308},
    {"netprohibited", 0x309},
    {"hostprohibited", 0x30a},
    {"tosnet", 0x30b},
    {"toshost", 0x30c},
    {"filterprohibited", 0x30d},
    {"hostprecedence", 0x30e},
    {"precedencecutoff", 0x30f},
    {"net", 0x500},
    {"host", 0x501},
    {"tosnet", 0x502},
    {"toshost", 0x503},
    {"transit", 0xb00},
    {"reassembly", 0xb01},
    {"erroratptr", 0xc00},
    {"missingopt", 0xc01},
    {"length", 0xc02},
};

// RFC 9293, RFC 3168.
constexpr NumberName kTcpFlags[] = {
    {"fin", 1}, {"syn", 2}, {"rst", 4}, {"psh", 8}, {"ack", 16}, {"urg", 32}, {"ece", 64}, {"cwr", 128},
};

}  // namespace

std::span<const NumberName> ip_protocol_names() { return kProtocols; }

std::span<const NumberName> port_names() { return kPorts; }

std::span<const NumberName> icmp_type_names() { return kIcmpTypes; }

std::span<const NumberName> tcp_flag_names() { return kTcpFlags; }

std::string_view name_of(std::span<const NumberName> names, uint16_t number) {
    auto found = std::find_if(names.begin(), names.end(), [&](const NumberName& one) { return one.number == number; });
    return found == names.end() ? std::string_view() : found->name;
}

std::string_view icmp_code_name(uint8_t type, uint8_t code) {
    return name_of(kIcmpCodes, static_cast<uint16_t>(type << 8 | code));
}

namespace {

int parse_byte(std::string_view text) {
    int number = -1;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= 0 && number <= UINT8_MAX ? number : -1;
}

}  // namespace

int parse_icmp_type(std::string_view text) {
    int named = number_named(kIcmpTypes, text);
    return named >= 0 ? named : parse_byte(text);
}

int parse_icmp_code(std::string_view text, uint8_t type) {
    auto found = std::find_if(std::begin(kIcmpCodes), std::end(kIcmpCodes),
                              [&](const NumberName& one) { return one.number >> 8 == type && one.name == text; });
    return found != std::end(kIcmpCodes) ? found->number & 0xff : parse_byte(text);
}

int number_named(std::span<const NumberName> names, std::string_view name) {
    auto found = std::find_if(names.begin(), names.end(), [&](const NumberName& one) { return one.name == name; });
    return found == names.end() ? -1 : found->number;
}

}  // namespace click
