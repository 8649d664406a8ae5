// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace click {

namespace detail {

inline constexpr std::array<uint32_t, 256> kCrc32Table = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < table.size(); ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = value >> 1 ^ ((value & 1) != 0 ? 0xedb88320 : 0);
        }
        table[i] = value;
    }
    return table;
}();

}  // namespace detail

/// The frame check sequence of IEEE 802.3; on the wire its least significant byte goes first.
constexpr uint32_t crc32(const uint8_t* data, size_t length) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < length; ++i) {
        crc = crc >> 8 ^ detail::kCrc32Table[(crc ^ data[i]) & 0xff];
    }
    return ~crc;
}

}  // namespace click
