// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bearssl.h>

#include <array>
#include <cstdint>
#include <span>

namespace click {

using Md5Digest = std::array<uint8_t, br_md5_SIZE>;

/// The checksum of RFC 1321: it tells contents apart, and protects from nobody.
inline Md5Digest md5(std::span<const uint8_t> data) {
    br_md5_context state;
    br_md5_init(&state);
    br_md5_update(&state, data.data(), data.size());
    Md5Digest digest;
    br_md5_out(&state, digest.data());
    return digest;
}

}  // namespace click
