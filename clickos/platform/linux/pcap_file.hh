// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>
#include <click/packet.hh>

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "net/encapsulation.hh"
#include "platform/linux/input_file.hh"
#include "platform/linux/pcapng.hh"

namespace click {

/// The pcap file format (draft-ietf-opsawg-pcap), of either byte order, with micro- or nanoseconds, and the variant
/// with longer records that some Linux distributions wrote.
struct PcapHeader {
    static constexpr uint32_t kMicroseconds = 0xa1b2c3d4;
    static constexpr uint32_t kNanoseconds = 0xa1b23c4d;
    static constexpr uint32_t kLongRecords = 0xa1b2cd34;

    uint32_t magic;
    uint16_t major_version;
    uint16_t minor_version;
    uint32_t zone;
    uint32_t accuracy;
    uint32_t snap_length;
    uint32_t link_type;
};
static_assert(sizeof(PcapHeader) == 24);

struct PcapRecord {
    uint32_t seconds;
    uint32_t fraction;
    uint32_t captured;
    uint32_t length;
};
static_assert(sizeof(PcapRecord) == 16);

/// Reads packets from a pcap or pcapng file.
class PcapReader : public InputFile {
public:
    /// Opens a file and reads its header. Negative after a report.
    int open(const std::string& name, ErrorHandler& errh);

    /// The next packet, with its timestamp, extra length and MAC header annotations; null at the end, and after a
    /// report where the file is broken.
    PacketPtr next(ErrorHandler& errh);

    /// That of the next packet, or of the last one.
    Encapsulation encapsulation() const { return _encapsulation; }

private:
    static constexpr uint32_t kLongestPacket = 262144;

    int open_classic(ErrorHandler& errh);
    int open_ng(ErrorHandler& errh);
    /// Reads the next block. Broken after a report or at the end.
    PcapngBlocks::Kind next_block(PcapngBlocks::PacketBlock& packet, ErrorHandler& errh);
    PacketPtr next_ng(ErrorHandler& errh);
    PacketPtr next_classic(ErrorHandler& errh);
    PacketPtr make(const char* data, uint32_t captured, uint32_t length, int64_t timestamp, ErrorHandler& errh) const;
    uint32_t order(uint32_t value) const { return _swapped ? __builtin_bswap32(value) : value; }
    uint16_t order(uint16_t value) const { return _swapped ? __builtin_bswap16(value) : value; }

    bool _swapped = false;
    bool _nanoseconds = false;
    int _minor_version = 4;
    size_t _record_size = sizeof(PcapRecord);
    bool _ng = false;
    PcapngBlocks _blocks;
    Encapsulation _encapsulation;
};

}  // namespace click
