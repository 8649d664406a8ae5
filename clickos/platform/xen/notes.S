// SPDX-License-Identifier: Apache-2.0
// What a domain builder reads of the image (xen/elfnote.h): one kernel, two entries. Virtual, pseudo-physical and link
// addresses are the same in both kinds of domain.
#include "platform/xen/elf_note.h"

note XEN_ELFNOTE_GUEST_OS, .asciz "clickos"
note XEN_ELFNOTE_GUEST_VERSION, .asciz CLICK_VERSION
note XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
note XEN_ELFNOTE_LOADER, .asciz "generic"
note XEN_ELFNOTE_PAE_MODE, .asciz "yes"
note XEN_ELFNOTE_VIRT_BASE, .quad 0
note XEN_ELFNOTE_PADDR_OFFSET, .quad 0
note XEN_ELFNOTE_ENTRY, .quad entry_pv
note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page
note XEN_ELFNOTE_SUSPEND_CANCEL, .long 1
note XEN_ELFNOTE_PHYS32_ENTRY, .long entry_pvh

    .section .note.GNU-stack, "", @progbits
