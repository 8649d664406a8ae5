// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/grants.hh"

#include <atomic>
#include <vector>

#include "platform/platform.hh"
#include "platform/xen/hypercall.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"
#include "platform/xen/page_tables.hh"

namespace click::xen::grants {

namespace {

/// The first references are the toolstack's (console and XenStore).
constexpr grant_ref_t kReserved = GNTTAB_NR_RESERVED_ENTRIES;
constexpr unsigned kEntriesPerFrame = kPage / sizeof(grant_entry_v1_t);
constexpr unsigned kMostFrames = 32;

constinit grant_entry_v1_t* frames[kMostFrames] = {};
constinit unsigned frame_count = 0;
constinit std::vector<grant_ref_t>* free_references = nullptr;

grant_entry_v1_t& entry(grant_ref_t reference) {
    return frames[reference / kEntriesPerFrame][reference % kEntriesPerFrame];
}

/// Maps the table's next frame over a page of ours. False when there is none.
bool map_frame(void* page) {
    if (!machine.pv) {
        xen_add_to_physmap request{DOMID_SELF, 0, XENMAPSPACE_grant_table, frame_count, address(page) / kPage};
        return memory_op(XENMEM_add_to_physmap, &request) == 0;
    }
    xen_pfn_t list[kMostFrames];
    gnttab_setup_table request{};
    request.dom = DOMID_SELF;
    request.nr_frames = frame_count + 1;
    set_xen_guest_handle(request.frame_list, list);
    return grant_table_op(GNTTABOP_setup_table, &request, 1) == 0 && request.status == GNTST_okay &&
           hypercall<__HYPERVISOR_update_va_mapping>(
               address(page), list[frame_count] * kPage | kPresent | kWritable | kUser | kNoExecute, UVMF_INVLPG) == 0;
}

bool grow() {
    if (frame_count == kMostFrames) {
        return false;
    }
    void* page = memory::allocate_pages(1);
    if (!page || !map_frame(page)) {
        return false;
    }
    frames[frame_count] = static_cast<grant_entry_v1_t*>(page);
    grant_ref_t first = frame_count * kEntriesPerFrame;
    ++frame_count;
    for (grant_ref_t i = kEntriesPerFrame; i-- > 0 && first + i >= kReserved;) {
        free_references->push_back(first + i);
    }
    return true;
}

}  // namespace

void start() { free_references = new std::vector<grant_ref_t>; }

grant_ref_t allow(domid_t to, const void* page) {
    if (free_references->empty() && !grow()) {
        return 0;
    }
    grant_ref_t reference = free_references->back();
    free_references->pop_back();
    grant_entry_v1_t& one = entry(reference);
    one.domid = to;
    one.frame = static_cast<uint32_t>(frame_of(page));
    std::atomic_ref(one.flags).store(GTF_permit_access, std::memory_order_release);
    return reference;
}

bool revoke(grant_ref_t reference) {
    std::atomic_ref flags(entry(reference).flags);
    uint16_t seen = flags.load();
    do {
        if (seen & (GTF_reading | GTF_writing)) {
            return false;
        }
    } while (!flags.compare_exchange_weak(seen, 0));
    free_references->push_back(reference);
    return true;
}

}  // namespace click::xen::grants
