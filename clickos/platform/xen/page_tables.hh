// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "platform/xen/machine.hh"

/// The guest's page tables: addresses are physical (PVH) or pseudo-physical (PV) addresses. Code is never writable, and
/// nothing but code can be executed; address 0 and the page below the stack are not mapped.
namespace click::xen {

inline constexpr uint64_t kPresent = 1;
inline constexpr uint64_t kWritable = 2;
inline constexpr uint64_t kUser = 4;
inline constexpr uint64_t kLarge = 0x80;
inline constexpr uint64_t kNoExecute = uint64_t{1} << 63;

/// Memory behind this is not used (512 MiB).
inline constexpr size_t kMappedPages = (size_t{512} << 20) / kPage;

/// PVH: gives the image's pages their rights, and makes the rest not executable.
void protect_pvh_memory();

/// PV: the same for what the builder mapped; returns the end of that.
uintptr_t protect_pv_memory(uintptr_t root);
/// PV: maps the memory [from, to) and hands it to the free pages.
void map_pv_memory(uintptr_t root, uintptr_t from, uintptr_t to);

}  // namespace click::xen
