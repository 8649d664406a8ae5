// SPDX-License-Identifier: Apache-2.0
//
// Page tables of a PV domain: ours to read, and changed by Xen, which checks every entry (xen.h, "MMU_UPDATE").
#include "platform/platform.hh"
#include "platform/xen/hypercall.hh"
#include "platform/xen/memory.hh"
#include "platform/xen/page_tables.hh"

namespace click::xen {

namespace {

constexpr uint64_t kFrame = 0x000ffffffffff000;
constexpr uint64_t kAccessedDirty = 0x60;
constexpr size_t kEntries = 512;
constexpr uintptr_t kTableReach = kEntries * kPage;  ///< what one last-level table maps

uint64_t* table_of(uint64_t entry) {
    return reinterpret_cast<uint64_t*>(machine_to_phys_mapping[(entry & kFrame) / kPage] * kPage);
}

/// The entry of level 2 (the table of a last-level table) for an address below 1 GiB.
uint64_t* level2_entry(uintptr_t root, uintptr_t address) {
    auto* level4 = reinterpret_cast<uint64_t*>(root);
    uint64_t* level3 = table_of(level4[0]);
    return table_of(level3[0]) + address / kTableReach;
}

uint64_t machine_address(const void* entry) {
    return frame_of(entry) * kPage + reinterpret_cast<uintptr_t>(entry) % kPage;
}

/// Changes to page tables, handed to Xen many at a time.
class Updates {
public:
    void add(const uint64_t* entry, uint64_t value) {
        _updates[_count++] = {machine_address(entry) | MMU_NORMAL_PT_UPDATE, value};
        if (_count == kMost) {
            flush();
        }
    }
    void flush() {
        if (_count > 0 && hypercall<__HYPERVISOR_mmu_update>(address(_updates), _count, 0, DOMID_SELF) < 0) {
            platform::panic("Xen refuses page table entries");
        }
        _count = 0;
    }

private:
    static constexpr unsigned kMost = 64;
    mmu_update _updates[kMost];
    unsigned _count = 0;
};

uint64_t with_rights(uint64_t entry, uintptr_t page) {
    if (page == 0 || page == address(stack_guard)) {
        return 0;
    }
    if (page >= address(image_start) && page < address(text_end)) {
        return entry & ~kWritable;
    }
    if (page >= address(text_end) && page < address(rodata_end)) {
        return (entry & ~kWritable) | kNoExecute;
    }
    return entry | kNoExecute;
}

}  // namespace

uintptr_t protect_pv_memory(uintptr_t root) {
    Updates updates;
    uintptr_t page = 0;
    uint64_t level2 = *level2_entry(root, page);
    while (level2 & kPresent) {
        uint64_t* table = table_of(level2);
        for (size_t i = 0; i < kEntries; ++i, page += kPage) {
            if (!(table[i] & kPresent)) {
                updates.flush();
                return page;
            }
            updates.add(&table[i], with_rights(table[i], page));
        }
        level2 = *level2_entry(root, page);
    }
    updates.flush();
    return page;
}

void map_pv_memory(uintptr_t root, uintptr_t from, uintptr_t to) {
    constexpr uint64_t kRights = kPresent | kWritable | kUser | kAccessedDirty | kNoExecute;
    while (from < to) {
        uintptr_t start = from;
        uintptr_t end = (from / kTableReach + 1) * kTableReach;
        end = end < to ? end : to;
        uint64_t* level2 = level2_entry(root, from);
        Updates updates;
        if (*level2 & kPresent) {
            uint64_t* table = table_of(*level2);
            for (; from < end; from += kPage) {
                updates.add(&table[from / kPage % kEntries], machine.p2m[from / kPage] * kPage | kRights);
            }
        } else {
            auto* table = static_cast<uint64_t*>(memory::allocate_pages(1));
            if (!table) {
                return;  // memory that cannot be mapped is not used
            }
            std::memset(table, 0, kPage);
            for (; from < end; from += kPage) {
                table[from / kPage % kEntries] = machine.p2m[from / kPage] * kPage | kRights;
            }
            uint64_t frame = frame_of(table) * kPage;
            if (hypercall<__HYPERVISOR_update_va_mapping>(
                    address(table), frame | kPresent | kUser | kAccessedDirty | kNoExecute, UVMF_INVLPG) < 0) {
                platform::panic("Xen refuses a read-only page table");
            }
            updates.add(level2, frame | kPresent | kWritable | kUser | kAccessedDirty);
        }
        updates.flush();
        memory::add({start, end});
    }
}

}  // namespace click::xen
