// SPDX-License-Identifier: Apache-2.0
// The first instructions in both kinds of domain: a stack, and for PVH the way from 32-bit mode without paging (docs/misc/
// pvh.pandoc of Xen) to 64-bit mode with the first and the fourth GiB mapped where they are.

#define CR4_PAE (1 << 5)
#define CR4_OSFXSR (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_ET (1 << 4)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)
#define PTE_PRESENT_WRITABLE 3
#define PDE_LARGE 0x83

    .section .text.entry, "ax", @progbits
    .code64
    .globl entry_pv
entry_pv:
    cld
    mov %rsi, %rdi
    mov $stack_end, %rsp
    xor %ebp, %ebp
    call start_pv
    ud2

    .code32
    .globl entry_pvh
entry_pvh:
    cld
    mov %ebx, %esi
    movl $(pvh_pdpt + PTE_PRESENT_WRITABLE), pvh_pml4
    movl $(pvh_pd_first + PTE_PRESENT_WRITABLE), pvh_pdpt
    movl $(pvh_pd_fourth + PTE_PRESENT_WRITABLE), pvh_pdpt + 3 * 8
    xor %ecx, %ecx
    mov $PDE_LARGE, %eax
1:  mov %eax, pvh_pd_first(, %ecx, 8)
    lea 0xc0000000(%eax), %edx
    mov %edx, pvh_pd_fourth(, %ecx, 8)
    add $0x200000, %eax
    inc %ecx
    cmp $512, %ecx
    jne 1b

    mov %cr4, %eax
    or $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
    mov %eax, %cr4
    mov $pvh_pml4, %eax
    mov %eax, %cr3
    mov $MSR_EFER, %ecx
    rdmsr
    or $(EFER_LME | EFER_NXE), %eax
    wrmsr
    mov $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
    mov %eax, %cr0
    lgdt pvh_gdt_register
    ljmp $8, $1f

    .code64
1:  mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    mov $stack_end, %rsp
    xor %ebp, %ebp
    mov %esi, %edi
    call start_pvh
    ud2

    // Xen fills it: at creation of a PV domain, when a PVH domain asks for it.
    .section .text.hypercall_page, "ax", @progbits
    .balign 4096
    .globl hypercall_page
hypercall_page:
    .skip 4096

    .section .data.gdt, "aw", @progbits
    .balign 16
    .globl pvh_gdt
pvh_gdt:
    .quad 0
    .quad 0x00af9b000000ffff    // 8: 64-bit code
    .quad 0x00cf93000000ffff    // 16: data
    .quad 0, 0                  // 24: task state segment, filled by traps.cc
pvh_gdt_end:
pvh_gdt_register:
    .word pvh_gdt_end - pvh_gdt - 1
    .quad pvh_gdt

    .section .bss.page_tables, "aw", @nobits
    .balign 4096
    .globl pvh_pd_first, pvh_pd_fourth
pvh_pml4:
    .skip 4096
pvh_pdpt:
    .skip 4096
pvh_pd_first:
    .skip 4096
pvh_pd_fourth:
    .skip 4096

    .section .note.GNU-stack, "", @progbits
