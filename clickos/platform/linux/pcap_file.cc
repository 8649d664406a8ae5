// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/pcap_file.hh"

#include <click/annotations.hh>

#include <algorithm>
#include <cstring>

namespace click {

int PcapReader::open(const std::string& name, ErrorHandler& errh) {
    if (open_input(name, errh) < 0) {
        return -1;
    }
    if (!fill(sizeof(uint32_t), errh)) {
        return _filled == 0 ? errh.error("%s: empty file", _name.c_str())
                            : errh.error("%s: not a tcpdump file (too short)", _name.c_str());
    }
    uint32_t magic;
    std::memcpy(&magic, _buffer.data() + _next, sizeof magic);
    _ng = magic == PcapngBlocks::kSectionHeader;
    return _ng ? open_ng(errh) : open_classic(errh);
}

int PcapReader::open_classic(ErrorHandler& errh) {
    PcapHeader header;
    if (!fill(sizeof header, errh)) {
        return errh.error("%s: not a tcpdump file (too short)", _name.c_str());
    }
    std::memcpy(&header, _buffer.data() + _next, sizeof header);
    _next += sizeof header;
    for (_swapped = false;; _swapped = true) {
        uint32_t magic = order(header.magic);
        _nanoseconds = magic == PcapHeader::kNanoseconds;
        _record_size = sizeof(PcapRecord);
        if (magic == PcapHeader::kLongRecords) {
            _record_size += 8;  // the interface's number, the protocol, the packet's type, padding
            break;
        }
        if (_nanoseconds || magic == PcapHeader::kMicroseconds) {
            break;
        }
        if (_swapped) {
            return errh.error("%s: not a tcpdump file (bad magic number)", _name.c_str());
        }
    }
    if (order(header.major_version) != 2) {
        return errh.error("%s: unknown major version number %d", _name.c_str(), order(header.major_version));
    }
    _minor_version = order(header.minor_version);
    // The upper bits say whether frames end with their check sequence.
    constexpr uint32_t kLinkTypeMask = 0xffff;
    _encapsulation = Encapsulation(order(header.link_type) & kLinkTypeMask);
    return 0;
}

int PcapReader::open_ng(ErrorHandler& errh) {
    PcapngBlocks::PacketBlock packet;
    PcapngBlocks::Kind kind;
    _blocks = {};
    do {
        kind = next_block(packet, errh);
    } while (kind == PcapngBlocks::Kind::Other);
    if (kind != PcapngBlocks::Kind::Interface) {
        return errh.error("%s: not a tcpdump file (no interface before its packets)", _name.c_str());
    }
    _encapsulation = Encapsulation(_blocks.link_type());
    return 0;
}

PcapngBlocks::Kind PcapReader::next_block(PcapngBlocks::PacketBlock& packet, ErrorHandler& errh) {
    if (!fill(PcapngBlocks::kHead, errh)) {
        if (_filled != _next) {
            errh.warning("%s: truncated packet header", _name.c_str());
        }
        return PcapngBlocks::Kind::Broken;
    }
    uint32_t length = _blocks.length(_buffer.data() + _next);
    if (length == 0) {
        errh.error("%s: bad block header; giving up", _name.c_str());
        return PcapngBlocks::Kind::Broken;
    }
    if (!fill(length, errh)) {
        errh.warning("%s: truncated packet", _name.c_str());
        return PcapngBlocks::Kind::Broken;
    }
    PcapngBlocks::Kind kind = _blocks.take(std::string_view(_buffer).substr(_next, length), packet);
    if (kind == PcapngBlocks::Kind::Broken) {
        errh.error("%s: bad block; giving up", _name.c_str());
    }
    _next += length;
    return kind;
}

PacketPtr PcapReader::next(ErrorHandler& errh) {
    if (!is_open()) {
        return {};
    }
    return _ng ? next_ng(errh) : next_classic(errh);
}

PacketPtr PcapReader::next_ng(ErrorHandler& errh) {
    for (;;) {
        PcapngBlocks::PacketBlock packet;
        PcapngBlocks::Kind kind = next_block(packet, errh);
        if (kind == PcapngBlocks::Kind::Packet) {
            _encapsulation = Encapsulation(packet.link_type);
            return make(packet.data.data(), static_cast<uint32_t>(packet.data.size()), packet.length, packet.timestamp,
                        errh);
        }
        if (kind == PcapngBlocks::Kind::Broken) {
            return {};
        }
    }
}

PacketPtr PcapReader::next_classic(ErrorHandler& errh) {
    PcapRecord record;
    if (!fill(_record_size, errh)) {
        if (_filled != _next) {
            errh.warning("%s: truncated packet header", _name.c_str());
        }
        return {};
    }
    std::memcpy(&record, _buffer.data() + _next, sizeof record);
    uint32_t captured = order(record.captured);
    uint32_t length = order(record.length);
    // Programs before version 2.3 wrote the two lengths in the other order, and some with it.
    if (_minor_version < 3 || (_minor_version == 3 && captured > length)) {
        std::swap(captured, length);
    }
    if (captured > kLongestPacket) {
        errh.error("%s: bad packet header; giving up", _name.c_str());
        return {};
    }
    if (!fill(_record_size + captured, errh)) {
        errh.warning("%s: truncated packet", _name.c_str());
        captured = static_cast<uint32_t>(_filled - _next - _record_size);
    }
    int64_t fraction = order(record.fraction);
    int64_t timestamp = int64_t{order(record.seconds)} * 1'000'000'000 + (_nanoseconds ? fraction : fraction * 1000);
    PacketPtr packet = make(_buffer.data() + _next + _record_size, captured, length, timestamp, errh);
    _next += _record_size + captured;
    return packet;
}

/// A packet of what was captured; a record that holds more than was on the wire ends with what is no part of it.
PacketPtr PcapReader::make(const char* data, uint32_t captured, uint32_t length, int64_t timestamp,
                           ErrorHandler& errh) const {
    PacketPtr packet = Packet::make(data, std::min(captured, length));
    if (!packet) {
        errh.error("%s: out of memory", _name.c_str());
        return {};
    }
    packet->set_timestamp(timestamp);
    if (length > captured) {
        packet->set_anno_u32(anno::kExtraLength, length - captured);
    }
    packet->set_mac_header(packet->data());
    return packet;
}

}  // namespace click
