// SPDX-License-Identifier: Apache-2.0
//
// Entry as a PV domain: Xen has built page tables and mapped the image, the ramdisk and a first piece of memory.
#include <algorithm>

#include "platform/xen/hypercall.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"
#include "platform/xen/page_tables.hh"
#include "platform/xen/shared_page.hh"
#include "platform/xen/thread_block.hh"
#include "platform/xen/traps.hh"

namespace click::xen {

namespace {

const unsigned long* const machine_to_page = machine_to_phys_mapping;

void* page_of_machine(unsigned long frame) { return reinterpret_cast<void*>(machine_to_page[frame] * kPage); }

/// The first address that the domain builder left to us: behind the image, the ramdisk, the list of our pages, the
/// rings, the page tables and the first stack.
uintptr_t builder_end(const start_info& info) {
    uintptr_t end = address(image_end);
    auto behind = [&](uintptr_t start, size_t size) { end = std::max(end, start + size); };
    behind(info.mfn_list, info.nr_pages * sizeof(unsigned long));
    behind(address(&info), kPage);
    behind(address(machine.console_ring), kPage);
    behind(address(machine.xenstore_ring), kPage);
    behind(info.mod_start, info.mod_len);
    constexpr size_t kFirstStack = kPage;
    behind(info.pt_base, info.nr_pt_frames * kPage + kFirstStack);
    return (end + kPage - 1) / kPage * kPage;
}

}  // namespace

extern "C" [[noreturn]] void start_pv(const start_info* info) {
    hypercall<__HYPERVISOR_set_segment_base>(SEGBASE_FS, address(&thread_block));
    machine.pv = true;
    machine.p2m = reinterpret_cast<const unsigned long*>(info->mfn_list);
    hypercall<__HYPERVISOR_update_va_mapping>(
        address(&shared_page), info->shared_info | kPresent | kWritable | kUser | kNoExecute, UVMF_INVLPG);
    machine.shared = &shared_page.info;
    machine.console_ring = page_of_machine(info->console.domU.mfn);
    machine.console_port = info->console.domU.evtchn;
    machine.xenstore_ring = page_of_machine(info->store_mfn);
    machine.xenstore_port = info->store_evtchn;
    if (info->mod_len != 0) {
        machine.ramdisk = {reinterpret_cast<const char*>(info->mod_start), info->mod_len};
    }
    install_pv_traps();
    machine.pages = std::min<size_t>(info->nr_pages, kMappedPages);
    uintptr_t mapped = protect_pv_memory(info->pt_base);
    uintptr_t free = builder_end(*info);
    uintptr_t end = machine.pages * kPage;
    memory::start(end, {free, std::min(mapped, end)}, {kPage, address(image_start)});
    map_pv_memory(info->pt_base, mapped, end);
    run_guest();
}

}  // namespace click::xen
