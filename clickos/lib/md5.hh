// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace click {

using Md5Digest = std::array<uint8_t, 16>;

namespace detail {

/// The sines of RFC 1321, section 3.4.
inline constexpr std::array<uint32_t, 64> kMd5Sines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

constexpr size_t kMd5Block = 64;

inline void md5_block(std::array<uint32_t, 4>& state, const uint8_t* block) {
    constexpr int kTurns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    auto [a, b, c, d] = state;
    for (uint32_t i = 0; i < kMd5Sines.size(); ++i) {
        uint32_t round = i / 16;
        uint32_t mixed = round == 0   ? (b & c) | (~b & d)
                         : round == 1 ? (d & b) | (~d & c)
                         : round == 2 ? b ^ c ^ d
                                      : c ^ (b | ~d);
        uint32_t at = (round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i) % 16;
        const uint8_t* bytes = block + at * 4;
        uint32_t word =
            uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[3]} << 24;
        uint32_t next = b + std::rotl(a + mixed + kMd5Sines[i] + word, kTurns[round][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

}  // namespace detail

/// The checksum of RFC 1321: it tells contents apart, and protects from nobody.
inline Md5Digest md5(std::span<const uint8_t> data) {
    std::array<uint32_t, 4> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    uint64_t bits = uint64_t{data.size()} * 8;
    for (; data.size() >= detail::kMd5Block; data = data.subspan(detail::kMd5Block)) {
        detail::md5_block(state, data.data());
    }
    uint8_t last[2 * detail::kMd5Block] = {};
    if (!data.empty()) {
        std::memcpy(last, data.data(), data.size());
    }
    last[data.size()] = 0x80;
    size_t length = data.size() + 1 + sizeof bits <= detail::kMd5Block ? detail::kMd5Block : sizeof last;
    for (size_t i = 0; i < sizeof bits; ++i) {
        last[length - sizeof bits + i] = static_cast<uint8_t>(bits >> 8 * i);
    }
    for (size_t at = 0; at < length; at += detail::kMd5Block) {
        detail::md5_block(state, last + at);
    }
    Md5Digest digest{};
    for (size_t i = 0; i < digest.size(); ++i) {
        digest[i] = static_cast<uint8_t>(state[i / 4] >> 8 * (i % 4));
    }
    return digest;
}

}  // namespace click
