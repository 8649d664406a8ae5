// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/pcapng.hh"

#include <algorithm>
#include <cstring>

namespace click {

namespace {

constexpr uint32_t kInterface = 1;
constexpr uint32_t kObsoletePacket = 2;
constexpr uint32_t kSimplePacket = 3;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint32_t kByteOrder = 0x1a2b3c4d;
constexpr uint32_t kLongestBlock = 1 << 20;
constexpr size_t kMostInterfaces = 1024;
constexpr size_t kTrailer = 4;
constexpr int64_t kSecond = 1'000'000'000;

uint16_t swap(uint16_t value) { return __builtin_bswap16(value); }
uint32_t swap(uint32_t value) { return __builtin_bswap32(value); }
uint64_t swap(uint64_t value) { return __builtin_bswap64(value); }

}  // namespace

template <typename T>
T PcapngBlocks::read(std::string_view block, size_t at) const {
    T value;
    std::memcpy(&value, block.data() + at, sizeof value);
    return _swapped ? swap(value) : value;
}

uint32_t PcapngBlocks::length(const char* head) {
    std::string_view block(head, kHead);
    if (read<uint32_t>(block, 0) == kSectionHeader) {
        // The type reads the same from both ends; each section says its byte order.
        _swapped = _swapped != (read<uint32_t>(block, 8) != kByteOrder);
        if (read<uint32_t>(block, 8) != kByteOrder) {
            return 0;
        }
    }
    auto length = read<uint32_t>(block, 4);
    return length >= kHead && length % 4 == 0 && length <= kLongestBlock ? length : 0;
}

PcapngBlocks::Kind PcapngBlocks::take(std::string_view block, PacketBlock& packet) {
    constexpr size_t kInterfaceHeader = 16;
    constexpr size_t kPacketHeader = 28;
    constexpr size_t kSimpleHeader = 12;
    switch (read<uint32_t>(block, 0)) {
        case kSectionHeader:
            _interfaces.clear();
            return Kind::Other;
        case kInterface:
            return block.size() >= kInterfaceHeader + kTrailer ? take_interface(block) : Kind::Broken;
        case kObsoletePacket:
        case kEnhancedPacket:
            return block.size() >= kPacketHeader + kTrailer ? take_packet(block, kPacketHeader, packet) : Kind::Broken;
        case kSimplePacket:
            return block.size() >= kSimpleHeader + kTrailer ? take_packet(block, kSimpleHeader, packet) : Kind::Broken;
        default:
            return Kind::Other;
    }
}

PcapngBlocks::Kind PcapngBlocks::take_interface(std::string_view block) {
    if (_interfaces.size() == kMostInterfaces) {
        return Kind::Broken;
    }
    Interface interface;
    interface.link_type = read<uint16_t>(block, 8);
    interface.snap_length = read<uint32_t>(block, 12);
    constexpr size_t kOptionHead = 4;
    size_t end = block.size() - kTrailer;
    for (size_t at = 16; at + kOptionHead <= end;) {
        auto code = read<uint16_t>(block, at);
        size_t length = read<uint16_t>(block, at + 2);
        if (code == 0 || at + kOptionHead + length > end) {
            break;
        }
        take_option(interface, code, block.substr(at + kOptionHead, length));
        at += kOptionHead + (length + 3) / 4 * 4;
    }
    _interfaces.push_back(interface);
    return Kind::Interface;
}

void PcapngBlocks::take_option(Interface& interface, uint16_t code, std::string_view value) const {
    constexpr uint16_t kResolution = 9;
    constexpr uint16_t kOffset = 14;
    constexpr uint8_t kOfTwo = 0x80;
    if (code == kResolution && value.size() == 1) {
        auto resolution = static_cast<uint8_t>(value[0]);
        auto exponent = static_cast<unsigned>(resolution & ~kOfTwo);
        interface.ticks = 1;
        // Finer than a 64-bit clock could count is taken as the finest that it can.
        if (resolution & kOfTwo) {
            interface.ticks <<= std::min(exponent, 62U);
        } else {
            for (unsigned i = std::min(exponent, 18U); i > 0; --i) {
                interface.ticks *= 10;
            }
        }
    } else if (code == kOffset && value.size() == sizeof(int64_t)) {
        interface.offset = static_cast<int64_t>(read<uint64_t>(value, 0));
    }
}

PcapngBlocks::Kind PcapngBlocks::take_packet(std::string_view block, size_t data, PacketBlock& packet) const {
    bool simple = read<uint32_t>(block, 0) == kSimplePacket;
    bool obsolete = read<uint32_t>(block, 0) == kObsoletePacket;
    size_t room = block.size() - data - kTrailer;
    uint32_t number = simple ? 0 : obsolete ? read<uint16_t>(block, 8) : read<uint32_t>(block, 8);
    if (number >= _interfaces.size()) {
        return Kind::Broken;
    }
    const Interface& interface = _interfaces[number];
    uint32_t captured;
    if (simple) {
        packet.length = captured = read<uint32_t>(block, 8);
        captured = interface.snap_length != 0 ? std::min(captured, interface.snap_length) : captured;
        captured = static_cast<uint32_t>(std::min<size_t>(captured, room));
        packet.timestamp = 0;
    } else {
        captured = read<uint32_t>(block, 20);
        packet.length = read<uint32_t>(block, 24);
        uint64_t ticks = uint64_t{read<uint32_t>(block, 12)} << 32 | read<uint32_t>(block, 16);
        __extension__ using Wide = unsigned __int128;
        auto fraction = static_cast<int64_t>(Wide{ticks % interface.ticks} * kSecond / interface.ticks);
        auto seconds = static_cast<uint64_t>(interface.offset) + ticks / interface.ticks;
        packet.timestamp = static_cast<int64_t>(seconds * uint64_t{kSecond}) + fraction;
    }
    if (captured > room) {
        return Kind::Broken;
    }
    packet.data = block.substr(data, captured);
    packet.link_type = interface.link_type;
    return Kind::Packet;
}

}  // namespace click
