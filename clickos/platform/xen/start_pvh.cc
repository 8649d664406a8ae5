// SPDX-License-Identifier: Apache-2.0
//
// Entry as a PVH domain: physical memory mapped where it is, everything else asked of Xen.
#include <cpuid.h>

#include <algorithm>

#include "platform/platform.hh"
#include "platform/xen/hvm.hh"
#include "platform/xen/hypercall.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"
#include "platform/xen/page_tables.hh"
#include "platform/xen/shared_page.hh"
#include "platform/xen/thread_block.hh"
#include "platform/xen/traps.hh"

namespace click::xen {

namespace {

constexpr uint32_t kFsBase = 0xc0000100;  // model-specific register
constexpr uint32_t kRam = 1;              // XEN_HVM_MEMMAP_TYPE_RAM

void write_register(uint32_t number, uint64_t value) {
    asm volatile("wrmsr" : : "c"(number), "a"(static_cast<uint32_t>(value)), "d"(static_cast<uint32_t>(value >> 32)));
}

void start_hypercalls() {
    uint32_t leaf = XEN_CPUID_FIRST_LEAF;
    uint32_t most, ebx, ecx, edx;
    for (; leaf < XEN_CPUID_FIRST_LEAF + 0x10000; leaf += 0x100) {
        __cpuid(leaf, most, ebx, ecx, edx);
        if (ebx == XEN_CPUID_SIGNATURE_EBX && ecx == XEN_CPUID_SIGNATURE_ECX && edx == XEN_CPUID_SIGNATURE_EDX) {
            break;
        }
    }
    uint32_t pages, base;
    __cpuid(leaf + 2, pages, base, ecx, edx);
    extern char page[] asm("hypercall_page");
    write_register(base, address(page));
}

uint64_t parameter(uint32_t index) {
    xen_hvm_param question{DOMID_SELF, 0, index, 0};
    return hvm_op(HVMOP_get_param, &question) == 0 ? question.value : 0;
}

/// Tells the toolstack that this guest understands requests to shut down (libxl looks at this parameter); the vector
/// itself is never raised, because all event channels stay masked.
void announce_drivers() {
    constexpr uint64_t kByVector = uint64_t{2} << 56;
    constexpr uint64_t kVector = 0xf0;
    xen_hvm_param announcement{DOMID_SELF, 0, HVM_PARAM_CALLBACK_IRQ, kByVector | kVector};
    hvm_op(HVMOP_set_param, &announcement);
}

/// Asks Xen for everything of the machine; again in the domain in which a suspended one goes on.
void attach() {
    start_hypercalls();
    xen_add_to_physmap shared{DOMID_SELF, 0, XENMAPSPACE_shared_info, 0, address(&shared_page) / kPage};
    memory_op(XENMEM_add_to_physmap, &shared);
    machine.shared = &shared_page.info;
    machine.console_ring = reinterpret_cast<void*>(parameter(HVM_PARAM_CONSOLE_PFN) * kPage);
    machine.console_port = static_cast<evtchn_port_t>(parameter(HVM_PARAM_CONSOLE_EVTCHN));
    machine.xenstore_ring = reinterpret_cast<void*>(parameter(HVM_PARAM_STORE_PFN) * kPage);
    machine.xenstore_port = static_cast<evtchn_port_t>(parameter(HVM_PARAM_STORE_EVTCHN));
    announce_drivers();
}

/// The first address behind the image and all that the domain builder put behind it.
uintptr_t builder_end(const hvm_start_info& info) {
    uintptr_t end = address(image_end);
    auto behind = [&](uint64_t start, uint64_t size) { end = std::max<uintptr_t>(end, start + size); };
    behind(address(&info), sizeof info);
    behind(info.modlist_paddr, info.nr_modules * sizeof(hvm_modlist_entry));
    const auto* modules = reinterpret_cast<const hvm_modlist_entry*>(info.modlist_paddr);
    for (uint32_t i = 0; i < info.nr_modules; ++i) {
        behind(modules[i].paddr, modules[i].size);
    }
    const auto* command_line = reinterpret_cast<const char*>(info.cmdline_paddr);
    behind(info.cmdline_paddr, command_line ? std::strlen(command_line) + 1 : 0);
    behind(info.memmap_paddr, info.memmap_entries * sizeof(hvm_memmap_table_entry));
    return (end + kPage - 1) / kPage * kPage;
}

}  // namespace

bool suspend_pvh() {
    sched_shutdown request{SHUTDOWN_suspend};
    if (sched_op(SCHEDOP_shutdown, &request) != 0) {
        return false;
    }
    attach();
    return true;
}

extern "C" [[noreturn]] void start_pvh(const hvm_start_info* info) {
    write_register(kFsBase, address(&thread_block));
    install_pvh_traps();
    attach();
    if (info->nr_modules > 0) {
        const auto* module = reinterpret_cast<const hvm_modlist_entry*>(info->modlist_paddr);
        machine.ramdisk = {reinterpret_cast<const char*>(module->paddr), module->size};
    }
    if (info->cmdline_paddr != 0) {
        machine.command_line = reinterpret_cast<const char*>(info->cmdline_paddr);
    }
    protect_pvh_memory();

    uintptr_t free = builder_end(*info);
    uintptr_t end = free;
    uintptr_t low_end = kPage;
    const auto* map = reinterpret_cast<const hvm_memmap_table_entry*>(info->memmap_paddr);
    for (uint32_t i = 0; i < info->memmap_entries; ++i) {
        uint64_t to = std::min<uint64_t>(map[i].addr + map[i].size, kMappedPages * kPage) / kPage * kPage;
        if (map[i].type != kRam) {
            continue;
        }
        if (map[i].addr == 0) {
            low_end = std::min<uintptr_t>(to, address(image_start));
        }
        if (map[i].addr <= address(image_start) || map[i].addr <= free) {
            end = std::max<uintptr_t>(end, to);
        }
    }
    machine.pages = end / kPage;
    memory::start(end, {free, end}, {kPage, low_end});
    run_guest();
}

}  // namespace click::xen
