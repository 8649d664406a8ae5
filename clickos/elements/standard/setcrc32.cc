// SPDX-License-Identifier: Apache-2.0
/*
=c
SetCRC32
=s crc
appends a CRC to packets
=d
Appends the 32-bit CRC of IEEE 802.3 over the whole packet, four bytes as a frame check sequence has them.
=e
  InfiniteSource(LIMIT 1, STOP true) -> SetCRC32 -> CheckCRC32 -> Discard;
=a CheckCRC32
*/
/*
=c
CheckCRC32
=s crc
checks the CRC of packets and takes it off
=d
Expects packets that end with a CRC as SetCRC32 appends it. Takes it off the good ones; others leave by output 1 if it is
connected, else they are dropped.
=h drops read
How many packets had no good CRC.
=e
  InfiniteSource(LIMIT 1, STOP true) -> SetCRC32 -> CheckCRC32 -> Discard;
=a SetCRC32
*/
#include <array>
#include <cstring>

#include "elements/standard/packetfilter.hh"
#include "lib/crc32.hh"

namespace click {

namespace {

constexpr uint32_t kCrcLength = 4;

std::array<uint8_t, kCrcLength> frame_check_sequence(const uint8_t* data, uint32_t length) {
    uint32_t crc = crc32(data, length);
    return {static_cast<uint8_t>(crc), static_cast<uint8_t>(crc >> 8), static_cast<uint8_t>(crc >> 16),
            static_cast<uint8_t>(crc >> 24)};
}

class SetCRC32 final : public PacketAction<SetCRC32> {
public:
    const char* class_name() const override { return "SetCRC32"; }
    PacketPtr simple_action(PacketPtr packet) {
        uint32_t length = packet->length();
        auto check = frame_check_sequence(packet->data(), length);
        packet = extend(std::move(packet), kCrcLength);
        if (packet) {
            std::memcpy(packet->mutable_data() + length, check.data(), kCrcLength);
        }
        return packet;
    }
};

class CheckCRC32 final : public PacketFilter<CheckCRC32> {
public:
    const char* class_name() const override { return "CheckCRC32"; }
    void add_handlers() override { add_data_handler("drops", _drops); }
    bool passes(Packet& packet) {
        if (packet.length() >= kCrcLength) {
            auto check = frame_check_sequence(packet.data(), packet.length() - kCrcLength);
            if (std::memcmp(packet.end_data() - kCrcLength, check.data(), kCrcLength) == 0) {
                packet.take(kCrcLength);
                return true;
            }
        }
        ++_drops;
        return false;
    }

private:
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(SetCRC32)
CLICK_ELEMENT(CheckCRC32)

}  // namespace click
