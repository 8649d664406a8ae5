// SPDX-License-Identifier: Apache-2.0
// A note for the domain builder (xen/elfnote.h): its type, and the value as an assembler directive.
#pragma once
#include <xen/elfnote.h>

.macro note type, value:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  \value
2:  .balign 4
    .popsection
.endm
