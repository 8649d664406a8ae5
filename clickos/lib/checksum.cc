// SPDX-License-Identifier: Apache-2.0
#include "lib/checksum.hh"

#include "net/ipaddress.hh"

namespace click {

namespace {

template <typename T>
T load(const uint8_t* data) {
    T value;
    std::memcpy(&value, data, sizeof value);
    return value;
}

}  // namespace

uint32_t checksum_add(const void* data, size_t length, uint32_t sum) {
    // 2^16 is 1 in ones' complement arithmetic of 16 bits, so words of any size may be added, wherever carries go, as
    // long as none is lost: a 128-bit accumulator loses none and costs an add and an add-with-carry for 8 bytes.
    __extension__ using Accumulator = unsigned __int128;
    auto* bytes = static_cast<const uint8_t*>(data);
    Accumulator total = sum;
    for (; length >= 32; bytes += 32, length -= 32) {
        total += load<uint64_t>(bytes);
        total += load<uint64_t>(bytes + 8);
        total += load<uint64_t>(bytes + 16);
        total += load<uint64_t>(bytes + 24);
    }
    for (; length >= 8; bytes += 8, length -= 8) {
        total += load<uint64_t>(bytes);
    }
    if (length >= 4) {
        total += load<uint32_t>(bytes);
        bytes += 4;
        length -= 4;
    }
    if (length >= 2) {
        total += load<uint16_t>(bytes);
        bytes += 2;
        length -= 2;
    }
    if (length != 0) {
        uint8_t last[2] = {*bytes, 0};
        total += load<uint16_t>(last);
    }
    auto low = static_cast<uint64_t>(total);
    auto high = static_cast<uint64_t>(total >> 64);
    return checksum_fold((low & 0xffffffff) + (low >> 32) + high);
}

uint16_t internet_checksum(const void* data, size_t length, uint32_t seed) {
    return static_cast<uint16_t>(~checksum_add(data, length, seed));
}

uint16_t transport_checksum(const void* segment, size_t length, uint32_t source, uint32_t destination,
                            uint8_t protocol) {
    const uint32_t pseudo[3] = {source, destination, net32(uint32_t{protocol} << 16 | static_cast<uint16_t>(length))};
    return internet_checksum(segment, length, checksum_add(pseudo, sizeof pseudo));
}

}  // namespace click
