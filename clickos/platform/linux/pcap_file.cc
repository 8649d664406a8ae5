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
    PcapHeader header;
    if (!fill(sizeof header, errh)) {
        return errh.error("%s: not a tcpdump file (too short)", _name.c_str());
    }
    std::memcpy(&header, _buffer.data() + _next, sizeof header);
    _next += sizeof header;
    for (_swapped = false;; _swapped = true) {
        uint32_t magic = order(header.magic);
        _nanoseconds = magic == PcapHeader::kNanoseconds;
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
    // The upper bits say whether frames end with their check sequence.
    constexpr uint32_t kLinkTypeMask = 0xffff;
    _encapsulation = Encapsulation(order(header.link_type) & kLinkTypeMask);
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

PacketPtr PcapReader::next(ErrorHandler& errh) {
    if (_fd < 0) {
        return {};
    }
    PcapRecord record;
    if (!fill(sizeof record, errh)) {
        if (_filled != _next) {
            errh.warning("%s: truncated packet header", _name.c_str());
        }
        return {};
    }
    std::memcpy(&record, _buffer.data() + _next, sizeof record);
    uint32_t captured = order(record.captured);
    uint32_t length = order(record.length);
    // Some old programs wrote the two lengths in the other order.
    if (captured > length) {
        std::swap(captured, length);
    }
    if (captured > kLongestPacket) {
        errh.error("%s: bad packet header; giving up", _name.c_str());
        return {};
    }
    if (!fill(sizeof record + captured, errh)) {
        errh.warning("%s: truncated packet", _name.c_str());
        captured = static_cast<uint32_t>(_filled - _next - sizeof record);
    }
    PacketPtr packet = Packet::make(_buffer.data() + _next + sizeof record, captured);
    _next += sizeof record + captured;
    if (!packet) {
        errh.error("out of memory");
        return {};
    }
    int64_t fraction = order(record.fraction);
    packet->set_timestamp(int64_t{order(record.seconds)} * 1'000'000'000 + (_nanoseconds ? fraction : fraction * 1000));
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
