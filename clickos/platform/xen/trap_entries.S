// SPDX-License-Identifier: Apache-2.0
// Exceptions end the guest; all that is left to do is to show the registers. Both kinds of domain bring the same frame
// to `report_trap`: general registers, vector, error code, and what the processor or Xen pushed.

.macro save_registers
    push %rax
    push %rcx
    push %rdx
    push %rbx
    push %rbp
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
.endm

    .text
report:
    save_registers
    mov %rsp, %rdi
    and $-16, %rsp
    cld
    call report_trap
    ud2

// Which exceptions have an error code (AMD64 Architecture Programmer's Manual 2, 8.2).
#define HAS_ERROR_CODE(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)

.macro trap_entry vector
    .balign 16
    .if !HAS_ERROR_CODE(\vector)
    push $0
    .endif
    push $\vector
    jmp report
.endm

// Xen pushes rcx and r11, which its way out clobbers, on top of the frame.
.macro pv_trap_entry vector
    .balign 16
    pop %rcx
    pop %r11
    .if !HAS_ERROR_CODE(\vector)
    push $0
    .endif
    push $\vector
    jmp report
.endm

.altmacro
.macro entries kind
    .set number, 0
    .rept 32
    one_entry \kind, %number
    .set number, number + 1
    .endr
.endm
.macro one_entry kind, vector
    \kind \vector
.endm

    .balign 16
    .globl trap_entries
trap_entries:
    entries trap_entry
    .balign 16
    .globl pv_trap_entries
pv_trap_entries:
    entries pv_trap_entry

    .section .note.GNU-stack, "", @progbits
