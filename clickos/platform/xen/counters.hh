// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click::xen {

/// What the guest has done so far, for the `platform` handlers (docs/xenstore.md).
struct Counters {
    uint64_t hypercalls = 0;
    uint64_t events = 0;  ///< taken from event channels
};
extern Counters counters;

}  // namespace click::xen
