// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/pcap_file.hh"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <click/annotations.hh>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace click {

int PcapReader::open(const std::string& name, ErrorHandler& errh) {
    close();
    _name = name == "-" ? "<stdin>" : name;
    _fd = name == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (_fd < 0) {
        return errh.error("%s: %s", _name.c_str(), std::strerror(errno));
    }
    struct stat status;
    _size = fstat(_fd, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
    _buffer.resize(kBufferSize);
    if (!fill(4, errh)) {
        return _filled == 0 ? errh.error("%s: empty file", _name.c_str())
                            : errh.error("%s: not a tcpdump file (too short)", _name.c_str());
    }
    std::string_view start(_buffer.data(), 4);
    const char* program = start.starts_with("\x1f\x8b") ? "gzip" : start.starts_with("BZh") ? "bzip2" : nullptr;
    if (program && (open_compressed(program, errh) < 0 || !fill(4, errh))) {
        return -1;
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

int PcapReader::open_compressed(const char* program, ErrorHandler& errh) {
    int ends[2];
    if (_size < 0 || lseek(_fd, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        return errh.error("%s: cannot decompress %s", _name.c_str(), _size < 0 ? "a pipe" : std::strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, _fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string argument = program;
    std::string option = "-dc";
    char* arguments[] = {argument.data(), option.data(), nullptr};
    int error = posix_spawnp(&_child, program, &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    ::close(_fd);
    _fd = ends[0];
    _size = -1;
    _next = _filled = 0;
    if (error != 0) {
        _child = -1;
        return errh.error("%s: cannot run %s: %s", _name.c_str(), program, std::strerror(error));
    }
    return 0;
}

void PcapReader::close() {
    if (_fd >= 0) {
        ::close(_fd);
        _fd = -1;
    }
    if (_child > 0) {
        waitpid(_child, nullptr, 0);
        _child = -1;
    }
    _next = _filled = 0;
    _buffer_position = 0;
}

bool PcapReader::fill(size_t count, ErrorHandler& errh) {
    if (_filled - _next >= count) {
        return true;
    }
    std::memmove(_buffer.data(), _buffer.data() + _next, _filled - _next);
    _buffer_position += _next;
    _filled -= _next;
    _next = 0;
    if (_buffer.size() < count) {
        _buffer.resize(count);
    }
    while (_filled < count) {
        ssize_t got = read(_fd, _buffer.data() + _filled, _buffer.size() - _filled);
        if (got > 0) {
            _filled += static_cast<size_t>(got);
        } else if (got == 0) {
            return false;
        } else if (errno != EINTR) {
            errh.error("%s: %s", _name.c_str(), std::strerror(errno));
            return false;
        }
    }
    return true;
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
    if (_fd < 0) {
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

int PcapReader::seek(uint64_t position, ErrorHandler& errh) {
    if (_size < 0 || lseek(_fd, static_cast<off_t>(position), SEEK_SET) < 0) {
        return errh.error("%s: cannot seek in %s", _name.c_str(), _size < 0 ? "a pipe" : "this file");
    }
    _buffer_position = position;
    _next = _filled = 0;
    return 0;
}

}  // namespace click
