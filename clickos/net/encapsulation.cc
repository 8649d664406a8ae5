// SPDX-License-Identifier: Apache-2.0
#include "net/encapsulation.hh"

#include "net/ether.hh"
#include "net/ip.hh"

namespace click {

namespace {

struct Name {
    std::string_view name;
    uint32_t link_type;
};

constexpr Name kNames[] = {
    {"ETHER", Encapsulation::kEther},      {"IP", Encapsulation::kIp},
    {"FDDI", Encapsulation::kFddi},        {"ATM", Encapsulation::kAtm},
    {"802_11", Encapsulation::kIeee80211}, {"SLL", Encapsulation::kLinuxCooked},
    {"AIRONET", Encapsulation::kAironet},  {"HDLC", Encapsulation::kHdlc},
    {"PPP_HDLC", Encapsulation::kPppHdlc}, {"PPP", Encapsulation::kPpp},
    {"SUNATM", Encapsulation::kSunAtm},    {"PRISM", Encapsulation::kPrism},
    {"IP", Encapsulation::kIp4},           {"IP", Encapsulation::kIpOpenBsd},
    {"ATM", Encapsulation::kAtmAlso},      {"NULL", Encapsulation::kNull},
    {"IP", Encapsulation::kIpAlso},        {"SLL2", Encapsulation::kLinuxCooked2},
};

constexpr uint16_t kEtherTypeServiceVlan = 0x88a8;

uint16_t read16(const uint8_t* at) {
    uint16_t value;
    std::memcpy(&value, at, sizeof value);
    return net16(value);
}

/// The place of the IP header behind an Ethernet header with any number of VLAN tags; 0 if it is no IP.
uint32_t behind_ether(const Packet& packet) {
    uint32_t offset = sizeof(EtherHeader);
    while (packet.length() >= offset) {
        uint16_t type = read16(packet.data() + offset - 2);
        if (type == kEtherTypeIp) {
            return offset;
        }
        if (type != kEtherTypeVlan && type != kEtherTypeServiceVlan) {
            return 0;
        }
        offset += 4;
    }
    return 0;
}

/// The place of the IP header behind `header` bytes, of which the two at `type_at` hold an EtherType; 0 if it is no IP.
uint32_t behind_type(const Packet& packet, uint32_t header, uint32_t type_at) {
    return packet.length() >= header && read16(packet.data() + type_at) == kEtherTypeIp ? header : 0;
}

/// The same for PPP, with or without its HDLC framing (RFC 1662): protocol 0x0021 is IP.
uint32_t behind_ppp(const Packet& packet) {
    constexpr uint16_t kPppIp = 0x0021;
    uint32_t at = packet.length() >= 2 && packet.data()[0] == 0xff && packet.data()[1] == 0x03 ? 2 : 0;
    return packet.length() >= at + 2 && read16(packet.data() + at) == kPppIp ? at + 2 : 0;
}

/// Places of the IP header where it does not begin the frame; 0 if there is none.
uint32_t ip_offset(const Packet& packet, uint32_t link_type) {
    switch (link_type) {
        case Encapsulation::kEther:
            return behind_ether(packet);
        case Encapsulation::kFddi:
            return behind_type(packet, 21, 19);
        case Encapsulation::kAtm:
        case Encapsulation::kAtmAlso:
            return behind_type(packet, 8, 6);
        case Encapsulation::kSunAtm:
            return behind_type(packet, 12, 10);
        case Encapsulation::kLinuxCooked:
            return behind_type(packet, 16, 14);
        case Encapsulation::kLinuxCooked2:
            return behind_type(packet, 20, 0);
        case Encapsulation::kHdlc:
            return behind_type(packet, 4, 2);
        case Encapsulation::kPpp:
        case Encapsulation::kPppHdlc:
            return behind_ppp(packet);
        case Encapsulation::kNull:
            return packet.length() >= 4 && (packet.data()[0] == 2 || packet.data()[3] == 2) ? 4 : 0;
        default:
            return 0;
    }
}

bool begins_with_ip(uint32_t link_type) {
    return link_type == Encapsulation::kIp || link_type == Encapsulation::kIpAlso ||
           link_type == Encapsulation::kIpOpenBsd || link_type == Encapsulation::kIp4;
}

}  // namespace

std::string Encapsulation::unparse() const {
    for (const Name& one : kNames) {
        if (one.link_type == _link_type) {
            return std::string(one.name);
        }
    }
    return std::to_string(_link_type);
}

bool parse_encapsulation(std::string_view text, Encapsulation& encapsulation) {
    for (const Name& one : kNames) {
        if (one.name == text) {
            encapsulation = Encapsulation(one.link_type);
            return true;
        }
    }
    return false;
}

bool can_hold_ip(Encapsulation encapsulation) {
    switch (encapsulation.link_type()) {
        case Encapsulation::kIeee80211:
        case Encapsulation::kPrism:
        case Encapsulation::kAironet:
            return false;
        default:
            return encapsulation.unparse().find_first_not_of("0123456789") != std::string::npos;
    }
}

bool mark_ip_header(Packet& packet, Encapsulation encapsulation) {
    uint32_t offset = 0;
    if (!begins_with_ip(encapsulation.link_type())) {
        offset = ip_offset(packet, encapsulation.link_type());
        if (offset == 0) {
            return false;
        }
    }
    if (packet.length() < offset + sizeof(IpHeader)) {
        return false;
    }
    const auto* ip = reinterpret_cast<const IpHeader*>(packet.data() + offset);
    unsigned header_length = ip->header_length();
    if (ip->version() != 4 || header_length < sizeof(IpHeader) || ip->length() < header_length ||
        packet.length() < offset + header_length) {
        return false;
    }
    packet.set_network_header(packet.data() + offset, header_length);
    return true;
}

}  // namespace click
