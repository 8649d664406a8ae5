// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/traps.hh"

#include <cstdio>

#include "platform/platform.hh"
#include "platform/xen/hypercall.hh"
#include "platform/xen/machine.hh"

extern "C" char trap_entries[], pv_trap_entries[];
extern "C" uint64_t pvh_gdt[];

namespace click::xen {

namespace {

constexpr unsigned kExceptions = 32;
constexpr size_t kEntrySize = 16;  ///< trap_entries.S aligns its entries to this
constexpr unsigned kPageFault = 14;

/// What trap_entries.S leaves on the stack.
struct Frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

struct [[gnu::packed]] Gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t stack;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};

struct [[gnu::packed]] TaskState {
    uint32_t reserved;
    uint64_t stacks[3];
    uint64_t reserved2;
    uint64_t interrupt_stacks[7];
    uint64_t reserved3;
    uint16_t reserved4;
    uint16_t io_map;
};

struct [[gnu::packed]] TableRegister {
    uint16_t limit;
    uint64_t base;
};

constinit Gate gates[kExceptions] = {};
constinit TaskState task_state = {};
/// Room for snprintf, which keeps the digits of a long double.
alignas(16) constinit uint8_t trap_stack[4 * kPage] = {};
constinit bool reporting = false;

uint64_t fault_address() {
    if (machine.pv) {
        return machine.shared->vcpu_info[0].arch.cr2;
    }
    uint64_t value;
    asm volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

/// The entry that Xen's frame needs; page fault and the like differ only in their error code.
extern "C" [[noreturn]] void report_trap(const Frame* frame) {
    if (reporting) {
        shut_down(SHUTDOWN_crash);
    }
    reporting = true;
    static constinit char text[1024];
    int length = std::snprintf(
        text, sizeof text,
        "exception %llu error %llx at %llx rflags %llx rsp %llx address %llx\n"
        "rax %016llx rbx %016llx rcx %016llx rdx %016llx\nrsi %016llx rdi %016llx rbp %016llx r8  %016llx\n"
        "r9  %016llx r10 %016llx r11 %016llx r12 %016llx\nr13 %016llx r14 %016llx r15 %016llx\n",
        static_cast<unsigned long long>(frame->vector), static_cast<unsigned long long>(frame->error),
        static_cast<unsigned long long>(frame->rip), static_cast<unsigned long long>(frame->rflags),
        static_cast<unsigned long long>(frame->rsp),
        static_cast<unsigned long long>(frame->vector == kPageFault ? fault_address() : 0),
        static_cast<unsigned long long>(frame->rax), static_cast<unsigned long long>(frame->rbx),
        static_cast<unsigned long long>(frame->rcx), static_cast<unsigned long long>(frame->rdx),
        static_cast<unsigned long long>(frame->rsi), static_cast<unsigned long long>(frame->rdi),
        static_cast<unsigned long long>(frame->rbp), static_cast<unsigned long long>(frame->r8),
        static_cast<unsigned long long>(frame->r9), static_cast<unsigned long long>(frame->r10),
        static_cast<unsigned long long>(frame->r11), static_cast<unsigned long long>(frame->r12),
        static_cast<unsigned long long>(frame->r13), static_cast<unsigned long long>(frame->r14),
        static_cast<unsigned long long>(frame->r15));
    platform::log({text, static_cast<size_t>(length)});
    std::snprintf(text, sizeof text, "exception %llu at %llx", static_cast<unsigned long long>(frame->vector),
                  static_cast<unsigned long long>(frame->rip));
    platform::panic(text);
}

}  // namespace

void install_pv_traps() {
    static constinit trap_info traps[kExceptions + 1] = {};
    for (unsigned vector = 0; vector < kExceptions; ++vector) {
        traps[vector].vector = static_cast<uint8_t>(vector);
        traps[vector].cs = FLAT_KERNEL_CS;
        traps[vector].address = address(pv_trap_entries) + vector * kEntrySize;
    }
    hypercall<__HYPERVISOR_set_trap_table>(address(traps));
}

void install_pvh_traps() {
    constexpr uint16_t kCode = 8;
    constexpr uint16_t kTask = 24;
    constexpr uint8_t kInterruptGate = 0x8e;
    constexpr uint64_t kAvailableTask = uint64_t{0x89} << 40;
    uint64_t base = address(&task_state);
    task_state.interrupt_stacks[0] = address(trap_stack) + sizeof trap_stack;
    task_state.io_map = sizeof task_state;
    // A descriptor keeps its base in pieces (AMD64 Architecture Programmer's Manual 2, 4.8.3).
    pvh_gdt[3] = (sizeof task_state - 1) | (base & 0xffffff) << 16 | kAvailableTask | (base >> 24 & 0xff) << 56;
    pvh_gdt[4] = base >> 32;
    for (unsigned vector = 0; vector < kExceptions; ++vector) {
        uint64_t entry = address(trap_entries) + vector * kEntrySize;
        gates[vector] = {
            static_cast<uint16_t>(entry),       kCode, 1, kInterruptGate, static_cast<uint16_t>(entry >> 16),
            static_cast<uint32_t>(entry >> 32), 0};
    }
    TableRegister table{sizeof gates - 1, address(gates)};
    asm volatile("lidt %0" : : "m"(table));
    asm volatile("ltr %0" : : "r"(kTask));
}

}  // namespace click::xen
