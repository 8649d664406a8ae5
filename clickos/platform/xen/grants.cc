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

/// The pages that the table's frames are mapped over; of the first `frame_count` they are.
constinit grant_entry_v1_t* frames[kMostFrames] = {};
constinit unsigned frame_count = 0;
constinit std::vector<grant_ref_t>* free_references = nullptr;

grant_entry_v1_t& entry(grant_ref_t reference) {
    return frames[reference / kEntriesPerFrame][reference % kEntriesPerFrame];
}

/// Maps a machine's frame at the address of a page of ours (PV).
bool map_machine_frame(const void* page, uint64_t frame) {
    return hypercall<__HYPERVISOR_update_va_mapping>(
               address(page), frame * kPage | kPresent | kWritable | kUser | kNoExecute, UVMF_INVLPG) == 0;
}

/// Maps a frame of the table over a page of ours. False when there is none.
bool map_frame(unsigned number, void* page) {
    if (!machine.pv) {
        xen_add_to_physmap request{DOMID_SELF, 0, XENMAPSPACE_grant_table, number, address(page) / kPage};
        return memory_op(XENMEM_add_to_physmap, &request) == 0;
    }
    xen_pfn_t list[kMostFrames];
    gnttab_setup_table request{};
    request.dom = DOMID_SELF;
    request.nr_frames = number + 1;
    set_xen_guest_handle(request.frame_list, list);
    return grant_table_op(GNTTABOP_setup_table, &request, 1) == 0 && request.status == GNTST_okay &&
           map_machine_frame(page, list[number]);
}

bool grow() {
    if (frame_count == kMostFrames) {
        return false;
    }
    grant_entry_v1_t*& page = frames[frame_count];
    if (!page) {
        page = static_cast<grant_entry_v1_t*>(memory::allocate_pages(1));
    }
    if (!page || !map_frame(frame_count, page)) {
        return false;
    }
    grant_ref_t first = frame_count * kEntriesPerFrame;
    ++frame_count;
    for (grant_ref_t i = kEntriesPerFrame; i-- > 0 && first + i >= kReserved;) {
        free_references->push_back(first + i);
    }
    return true;
}

}  // namespace

void start() {
    delete free_references;
    free_references = new std::vector<grant_ref_t>;
    frame_count = 0;
}

void suspend() {
    for (unsigned i = 0; machine.pv && i < frame_count; ++i) {
        map_machine_frame(frames[i], frame_of(frames[i]));
    }
}

void resume() {
    for (unsigned i = 0; machine.pv && i < frame_count; ++i) {
        if (!map_frame(i, frames[i])) {
            platform::panic("Xen does not give back the grant table");
        }
    }
}

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
