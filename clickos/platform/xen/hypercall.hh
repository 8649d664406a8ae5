// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "platform/xen/counters.hh"
#include "platform/xen/interface.hh"

/// Calls to Xen through the page that Xen fills (xen.h, arch-x86/xen-x86_64.h).
namespace click::xen {

template <unsigned number>
inline long hypercall(uint64_t a = 0, uint64_t b = 0, uint64_t c = 0, uint64_t d = 0) {
    ++counters.hypercalls;
    long result;
    register uint64_t fourth asm("r10") = d;
    asm volatile("call hypercall_page + %c[entry]"
                 : "=a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(fourth)
                 : [entry] "i"(number * 32)
                 : "rcx", "r8", "r11", "memory");
    return result;
}

inline uint64_t address(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

inline long event_channel_op(int command, void* argument) {
    return hypercall<__HYPERVISOR_event_channel_op>(static_cast<uint64_t>(command), address(argument));
}
inline long sched_op(int command, void* argument) {
    return hypercall<__HYPERVISOR_sched_op>(static_cast<uint64_t>(command), address(argument));
}
inline long memory_op(int command, void* argument) {
    return hypercall<__HYPERVISOR_memory_op>(static_cast<uint64_t>(command), address(argument));
}
inline long grant_table_op(int command, void* argument, unsigned count) {
    return hypercall<__HYPERVISOR_grant_table_op>(static_cast<uint64_t>(command), address(argument), count);
}
inline long hvm_op(int command, void* argument) {
    return hypercall<__HYPERVISOR_hvm_op>(static_cast<uint64_t>(command), address(argument));
}

}  // namespace click::xen
