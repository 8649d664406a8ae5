// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstdint>

namespace click {

/// SipHash-2-4 (Aumasson and Bernstein 2012) of one 64-bit word: a number that nobody can tell from a random one who does
/// not know the key.
constexpr uint64_t siphash(uint64_t word, const std::array<uint64_t, 2>& key) {
    uint64_t a = key[0] ^ 0x736f6d6570736575;
    uint64_t b = key[1] ^ 0x646f72616e646f6d;
    uint64_t c = key[0] ^ 0x6c7967656e657261;
    uint64_t d = key[1] ^ 0x7465646279746573;
    auto rounds = [&](int count) {
        for (int i = 0; i < count; ++i) {
            a += b;
            c += d;
            b = std::rotl(b, 13) ^ a;
            d = std::rotl(d, 16) ^ c;
            a = std::rotl(a, 32) + d;
            c += b;
            b = std::rotl(b, 17) ^ c;
            d = std::rotl(d, 21) ^ a;
            c = std::rotl(c, 32);
        }
    };
    constexpr uint64_t kLength = uint64_t{8} << 56;
    for (uint64_t block : {word, kLength}) {
        d ^= block;
        rounds(2);
        a ^= block;
    }
    c ^= 0xff;
    rounds(4);
    return a ^ b ^ c ^ d;
}

}  // namespace click
