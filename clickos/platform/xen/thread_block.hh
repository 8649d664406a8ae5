// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click::xen {

/// What compiled C library code expects at the address in the segment register fs: its own address, the compiler's
/// stack canary at byte 40, and zeros.
struct ThreadBlock {
    ThreadBlock* self;
    uint64_t unused[4];
    uint64_t canary;
    uint64_t zeros[58];
};
extern ThreadBlock thread_block;

}  // namespace click::xen
