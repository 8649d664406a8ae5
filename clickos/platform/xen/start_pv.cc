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

/// Stays where Xen put it: a domain that goes on after a suspend finds its new machine there.
constinit start_info* boot = nullptr;
/// And what is only there at the very start.
constinit unsigned long root_table = 0;
constinit unsigned long page_list_length = 0;

bool map_shared_page(uint64_t machine_address) {
    return hypercall<__HYPERVISOR_update_va_mapping>(
               address(&shared_page), machine_address | kPresent | kWritable | kUser | kNoExecute, UVMF_INVLPG) == 0;
}

/// Takes what `boot` says of the machine, and tells the toolstack where the list of our pages is, which it needs to save
/// the domain.
void attach() {
    map_shared_page(boot->shared_info);
    machine.shared = &shared_page.info;
    machine.shared->arch.p2m_generation = 0;
    machine.shared->arch.p2m_vaddr = address(machine.p2m);
    machine.shared->arch.p2m_cr3 = frame_of(reinterpret_cast<const void*>(root_table)) * kPage;
    machine.shared->arch.max_pfn = page_list_length;
    machine.console_ring = page_of_machine(boot->console.domU.mfn);
    machine.console_port = boot->console.domU.evtchn;
    machine.xenstore_ring = page_of_machine(boot->store_mfn);
    machine.xenstore_port = boot->store_evtchn;
}

}  // namespace

bool suspend_pv() {
    xen_pfn_t store = boot->store_mfn;
    xen_pfn_t console = boot->console.domU.mfn;
    // What is saved names pages by their place in the domain; the toolstack translates all but these two. A page of Xen's
    // has no such place.
    boot->store_mfn = machine_to_page[store];
    boot->console.domU.mfn = machine_to_page[console];
    map_shared_page(frame_of(&shared_page) * kPage);
    sched_shutdown request{SHUTDOWN_suspend};
    bool moved = hypercall<__HYPERVISOR_sched_op>(SCHEDOP_shutdown, address(&request), frame_of(boot)) == 0;
    if (!moved) {
        boot->store_mfn = store;
        boot->console.domU.mfn = console;
    }
    attach();
    return moved;
}

extern "C" [[noreturn]] void start_pv(start_info* info) {
    hypercall<__HYPERVISOR_set_segment_base>(SEGBASE_FS, address(&thread_block));
    machine.pv = true;
    machine.p2m = reinterpret_cast<const unsigned long*>(info->mfn_list);
    boot = info;
    root_table = info->pt_base;
    page_list_length = info->nr_pages;
    attach();
    machine.command_line = reinterpret_cast<const char*>(info->cmd_line);
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
