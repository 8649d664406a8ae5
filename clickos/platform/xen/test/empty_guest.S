// SPDX-License-Identifier: Apache-2.0
// A guest that does nothing, PV and PVH: what a domain costs without what runs in it.
#include "platform/xen/elf_note.h"
#define __ASSEMBLY__
#include <xen/xen.h>

#define SCHEDOP_block 1  // sched.h, which is not for assemblers

note XEN_ELFNOTE_GUEST_OS, .asciz "empty"
note XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
note XEN_ELFNOTE_LOADER, .asciz "generic"
note XEN_ELFNOTE_PAE_MODE, .asciz "yes"
note XEN_ELFNOTE_VIRT_BASE, .quad 0
note XEN_ELFNOTE_PADDR_OFFSET, .quad 0
note XEN_ELFNOTE_ENTRY, .quad entry_pv
note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page
note XEN_ELFNOTE_PHYS32_ENTRY, .long entry_pvh

    .section .text.entry, "ax", @progbits
    .code64
    .globl entry_pv
entry_pv:
    mov $SCHEDOP_block, %edi
    xor %esi, %esi
    call hypercall_page + __HYPERVISOR_sched_op * 32
    jmp entry_pv

    .code32
    .globl entry_pvh
entry_pvh:
    // With interrupts off Xen would take hlt for the end of the processor; none is ever sent.
    sti
    hlt
    jmp entry_pvh

    .section .text.hypercall_page, "ax", @progbits
    .balign 4096
    .globl hypercall_page
hypercall_page:
    .skip 4096
