// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "net/ether.hh"
#include "net/etheraddress.hh"
#include "net/icmp6.hh"

namespace click {

/// Who a message of neighbor discovery speaks of.
struct NeighborParty {
    EtherAddress ether;
    IP6Address ip;
};

/// A neighbor solicitation or advertisement in its Ethernet frame (RFC 4861 4.3, 4.4; RFC 2464).
struct [[gnu::packed, gnu::may_alias]] NeighborFrame {
    EtherHeader ether;
    Ip6Header ip;
    NeighborMessage message;
};
static_assert(sizeof(NeighborFrame) == 86);

/// Where every message of neighbor discovery comes from: no router has let it through.
inline constexpr uint8_t kNeighborHopLimit = 255;

/// What a valid message says; `link` only where the message has that option.
struct NeighborNews {
    IP6Address source;
    IP6Address destination;
    IP6Address target;
    EtherAddress link;
    EtherAddress sender;  ///< whose frame it was
    uint8_t flags = 0;
    bool has_link = false;
};

/// Reads a message of that type in the frame at the start of the data, and checks what RFC 4861 7.1.1 and 7.1.2 ask for;
/// false when it is none.
inline bool read_neighbor_message(const Packet& packet, uint8_t type, NeighborNews& news) {
    constexpr unsigned kHeaders = sizeof(EtherHeader) + sizeof(Ip6Header);
    if (packet.length() < kHeaders + NeighborMessage::kOptionless) {
        return false;
    }
    const auto& frame = *reinterpret_cast<const NeighborFrame*>(packet.data());
    unsigned length = frame.ip.length();
    if (frame.ether.type != net16(kEtherTypeIp6) || frame.ip.version() != 6 || frame.ip.next_header != kIp6Icmp ||
        frame.ip.hop_limit != kNeighborHopLimit || length < NeighborMessage::kOptionless ||
        length > packet.length() - kHeaders || frame.message.type != type || frame.message.code != 0 ||
        ip6_transport_checksum(&frame.message, length, frame.ip.source, frame.ip.destination, kIp6Icmp) != 0) {
        return false;
    }
    NeighborNews found;
    found.source = IP6Address::read(frame.ip.source);
    found.destination = IP6Address::read(frame.ip.destination);
    found.target = IP6Address::read(frame.message.target);
    found.sender = EtherAddress::read(frame.ether.source);
    found.flags = frame.message.flags;
    if (found.target.is_multicast() || found.source.is_multicast()) {
        return false;
    }
    uint8_t wanted = type == kIcmp6NeighborSolicitation ? NeighborMessage::kSourceLink : NeighborMessage::kTargetLink;
    const auto* bytes = reinterpret_cast<const uint8_t*>(&frame.message);
    for (unsigned at = NeighborMessage::kOptionless; at < length;) {
        unsigned size = at + 8 <= length ? bytes[at + 1] * 8U : 0;
        if (size == 0 || size > length - at) {
            return false;
        }
        if (bytes[at] == wanted && !found.has_link) {
            found.link = EtherAddress::read(bytes + at + 2);
            found.has_link = true;
        }
        at += size;
    }
    news = found;
    return true;
}

/// The group address that carries an IPv6 group on an Ethernet (RFC 2464 7).
inline EtherAddress ether_group(const IP6Address& group) {
    const uint8_t* bytes = group.data();
    return {{0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]}};
}

/// A new message of that type about `target`, with the link-layer address of `sender`; null when memory is exhausted.
inline PacketPtr make_neighbor_message(uint8_t type, uint8_t flags, const NeighborParty& sender,
                                       const NeighborParty& receiver, const IP6Address& target) {
    PacketPtr packet = Packet::make(nullptr, sizeof(NeighborFrame));
    if (!packet) {
        return packet;
    }
    auto& frame = *reinterpret_cast<NeighborFrame*>(packet->mutable_data());
    frame = {};
    receiver.ether.write(frame.ether.destination);
    sender.ether.write(frame.ether.source);
    frame.ether.type = net16(kEtherTypeIp6);
    frame.ip.version_class = 0x60;
    frame.ip.payload_length = net16(sizeof(NeighborMessage));
    frame.ip.next_header = kIp6Icmp;
    frame.ip.hop_limit = kNeighborHopLimit;
    sender.ip.write(frame.ip.source);
    receiver.ip.write(frame.ip.destination);
    frame.message.type = type;
    frame.message.flags = flags;
    target.write(frame.message.target);
    frame.message.option_type =
        type == kIcmp6NeighborSolicitation ? NeighborMessage::kSourceLink : NeighborMessage::kTargetLink;
    frame.message.option_length = 1;
    sender.ether.write(frame.message.option_ether);
    frame.message.checksum = ip6_transport_checksum(&frame.message, sizeof(NeighborMessage), frame.ip.source,
                                                    frame.ip.destination, kIp6Icmp);
    packet->set_mac_header(packet->data());
    packet->set_network_header(packet->data() + sizeof(EtherHeader), sizeof(Ip6Header));
    return packet;
}

}  // namespace click
