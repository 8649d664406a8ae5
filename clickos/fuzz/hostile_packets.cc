// SPDX-License-Identifier: Apache-2.0
#include "fuzz/hostile_packets.hh"

#include <click/annotations.hh>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

#include "lib/checksum.hh"

namespace click {

namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t kIPHeader = 20;
constexpr uint8_t kICMP = 1;
constexpr uint8_t kTCP = 6;
constexpr uint8_t kUDP = 17;

void add16(Bytes& bytes, uint32_t value) {
    bytes.push_back(static_cast<uint8_t>(value >> 8));
    bytes.push_back(static_cast<uint8_t>(value));
}

void add32(Bytes& bytes, uint32_t value) {
    add16(bytes, value >> 16);
    add16(bytes, value & 0xFFFF);
}

/// A header of IPv4 without options (RFC 791, 3.1) before a payload of `length` bytes.
Bytes ip_header(uint8_t protocol, uint32_t source, uint32_t destination, size_t length, uint32_t fragment) {
    Bytes bytes{0x45, 0};
    add16(bytes, static_cast<uint32_t>(kIPHeader + length));
    add16(bytes, source ^ destination);
    add16(bytes, fragment);
    bytes.push_back(64);
    bytes.push_back(protocol);
    add16(bytes, 0);
    add32(bytes, source);
    add32(bytes, destination);
    uint16_t sum = internet_checksum(bytes.data(), bytes.size());
    std::memcpy(&bytes[10], &sum, sizeof sum);
    return bytes;
}

/// A header of TCP (RFC 9293, 3.1), UDP (RFC 768) or ICMP (RFC 792), its checksum left out.
Bytes transport_header(uint8_t protocol, uint32_t ports, uint32_t numbers, size_t payload) {
    Bytes bytes;
    if (protocol == kICMP) {
        add32(bytes, (ports % 20) << 24 | ((ports >> 8) % 16) << 16);
        add32(bytes, numbers);
        return bytes;
    }
    add32(bytes, ports);
    if (protocol == kUDP) {
        add16(bytes, static_cast<uint32_t>(8 + payload));
        add16(bytes, 0);
        return bytes;
    }
    add32(bytes, numbers);
    add32(bytes, ~numbers);
    bytes.push_back(0x50);
    bytes.push_back(static_cast<uint8_t>(numbers % 64));
    add16(bytes, 8192);
    add32(bytes, 0);
    return bytes;
}

void append(Bytes& bytes, const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

}  // namespace

PacketPtr HostilePackets::random_bytes() {
    uint32_t lengths[] = {0, below(20), below(64), below(256), below(2000), 65'000 + below(1000)};
    uint32_t length = lengths[below(8) == 0 ? below(std::size(lengths)) : below(4)];
    PacketPtr packet = Packet::make(below(2) * Packet::kDefaultHeadroom, nullptr, length, 0);
    for (uint32_t i = 0; packet && i < length; ++i) {
        packet->mutable_data()[i] = static_cast<uint8_t>(_random());
    }
    return packet;
}

PacketPtr HostilePackets::plausible() {
    static constexpr uint8_t kProtocols[] = {kICMP, kTCP, kUDP, 4, 41, 50, 58, 47};
    uint8_t protocol = kProtocols[below(std::size(kProtocols))];
    // Few addresses and ports, so that packets meet what earlier ones have left behind.
    uint32_t source = 0x0A000000 + below(4);
    uint32_t destination = below(8) == 0 ? number() : 0x0A000100 + below(4);
    size_t payload = below(4) == 0 ? below(1500) : below(40);
    Bytes bytes;
    if (below(2) == 0) {
        bytes = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
        if (below(8) == 0) {
            bytes.insert(bytes.begin() + 12, {0x81, 0, 0, static_cast<uint8_t>(below(8))});
        }
    }
    switch (below(8)) {
        case 0:  // ARP for IPv4 over Ethernet (RFC 826)
            append(bytes, {0, 1, 8, 0, 6, 4, 0, static_cast<uint8_t>(1 + below(2)), 2, 0, 0, 0, 0, 2});
            add32(bytes, source);
            append(bytes, {0, 0, 0, 0, 0, 0});
            add32(bytes, destination);
            break;
        case 1: {  // IPv6 (RFC 8200, 3)
            append(bytes, {0x60, 0, 0, 0});
            add16(bytes, static_cast<uint32_t>(payload + 20));
            append(bytes, {protocol, 64});
            for (int i = 0; i < 8; ++i) {
                add32(bytes, i % 4 == 3 ? below(4) : 0xFE800000);
            }
            append(bytes, transport_header(protocol, number(), number(), payload));
            break;
        }
        default: {
            Bytes transport = transport_header(protocol, below(4) << 16 | below(4), below(1000), payload);
            uint32_t fragment = below(4) == 0 ? below(0x10000) : below(4) == 0 ? 0x2000 | below(200) : 0;
            append(bytes, ip_header(protocol, source, destination, transport.size() + payload, fragment));
            append(bytes, transport);
            break;
        }
    }
    for (size_t i = 0; i < payload; ++i) {
        bytes.push_back(static_cast<uint8_t>(_random()));
    }
    return Packet::make(bytes.data(), static_cast<uint32_t>(bytes.size()));
}

void HostilePackets::damage(Packet& packet) {
    for (uint32_t count = below(4); count > 0 && packet.length() > 0; --count) {
        packet.mutable_data()[below(std::min(packet.length(), 80U))] = static_cast<uint8_t>(_random());
    }
    if (below(4) == 0) {
        packet.take(below(packet.length() + 1));
    }
}

void HostilePackets::place_headers(Packet& packet) {
    if (below(4) == 0) {
        packet.set_mac_header(packet.data());
    }
    uint32_t offset = below(4) == 0 ? below(packet.length() + 1) : below(2) * 14;
    if (offset <= packet.length() && below(4) != 0) {
        packet.set_network_header(packet.data() + offset,
                                  std::min(packet.length() - offset, below(4) == 0 ? below(61) : 20U));
    }
    if (below(16) == 0) {
        packet.pull(below(packet.length() + 1));
    }
    if (below(16) == 0) {
        packet.take(below(packet.length() + 1));
    }
    if (below(2) == 0) {
        for (size_t i = 0; i < Packet::kAnnoSize; ++i) {
            packet.set_anno_u8(i, static_cast<uint8_t>(_random()));
        }
    }
    packet.set_type(static_cast<Packet::Type>(below(7)));
    int64_t times[] = {0, -1, INT64_MAX, INT64_MIN, static_cast<int64_t>(_random()) * 1'000'000'000};
    packet.set_timestamp(times[below(std::size(times))]);
}

PacketPtr HostilePackets::next() {
    PacketPtr packet = below(4) == 0 ? random_bytes() : plausible();
    damage(*packet);
    place_headers(*packet);
    if (below(4) == 0) {
        _clone = packet->clone();
    }
    return packet;
}

PacketPtr HostilePackets::next_flow() {
    constexpr size_t kPayload = 20;
    uint8_t protocol = below(2) == 0 ? kTCP : kUDP;
    Bytes transport = transport_header(protocol, number(), number() & ~63U, kPayload);
    uint32_t destination = number();
    Bytes bytes = ip_header(protocol, number(), destination, transport.size() + kPayload, 0);
    append(bytes, transport);
    bytes.resize(bytes.size() + kPayload);
    PacketPtr packet = Packet::make(bytes.data(), static_cast<uint32_t>(bytes.size()));
    packet->set_network_header(packet->data(), kIPHeader);
    std::memcpy(packet->anno() + anno::kDstIp, packet->data() + 16, 4);
    return packet;
}

}  // namespace click
