// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <cstring>

#include "net/ether.hh"
#include "net/etheraddress.hh"
#include "net/ipaddress.hh"

namespace click {

/// An ARP packet for IPv4 in its Ethernet frame (RFC 826).
struct [[gnu::packed, gnu::may_alias]] ArpFrame {
    EtherHeader ether;
    ArpHeader arp;
};
static_assert(sizeof(ArpFrame) == 42);

inline constexpr uint16_t kArpHardwareEther = 1;

/// Whether an ARP header is one for IPv4 over Ethernet.
inline bool is_arp_for_ip(const ArpHeader& arp) {
    return arp.hardware_type == net16(kArpHardwareEther) && arp.protocol_type == net16(kEtherTypeIp) &&
           arp.hardware_length == sizeof arp.sender_ether && arp.protocol_length == sizeof arp.sender_ip;
}

/// The ARP packet at the start of the data if it is one of that operation, for Ethernet and IPv4; else null.
inline const ArpFrame* arp_frame(const Packet& packet, uint16_t operation) {
    if (packet.length() < sizeof(ArpFrame)) {
        return nullptr;
    }
    const auto* frame = reinterpret_cast<const ArpFrame*>(packet.data());
    bool right = frame->ether.type == net16(kEtherTypeArp) && is_arp_for_ip(frame->arp) &&
                 frame->arp.operation == net16(operation);
    return right ? frame : nullptr;
}

/// Who an ARP packet speaks of.
struct ArpParty {
    EtherAddress ether;
    IPAddress ip;
};

/// A new ARP packet from `sender` about `target`, sent to `destination`; null when memory is exhausted.
inline PacketPtr make_arp_packet(uint16_t operation, const ArpParty& sender, const ArpParty& target,
                                 const EtherAddress& destination) {
    PacketPtr packet = Packet::make(nullptr, sizeof(ArpFrame));
    if (!packet) {
        return packet;
    }
    auto* frame = reinterpret_cast<ArpFrame*>(packet->mutable_data());
    destination.write(frame->ether.destination);
    sender.ether.write(frame->ether.source);
    frame->ether.type = net16(kEtherTypeArp);
    frame->arp.hardware_type = net16(kArpHardwareEther);
    frame->arp.protocol_type = net16(kEtherTypeIp);
    frame->arp.hardware_length = 6;
    frame->arp.protocol_length = 4;
    frame->arp.operation = net16(operation);
    uint32_t sender_ip = sender.ip.network_order();
    uint32_t target_ip = target.ip.network_order();
    sender.ether.write(frame->arp.sender_ether);
    std::memcpy(frame->arp.sender_ip, &sender_ip, 4);
    target.ether.write(frame->arp.target_ether);
    std::memcpy(frame->arp.target_ip, &target_ip, 4);
    packet->set_mac_header(packet->data());
    return packet;
}

}  // namespace click
