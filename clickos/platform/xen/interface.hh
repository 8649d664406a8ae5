// SPDX-License-Identifier: Apache-2.0
#pragma once
/// Xen's public interface (Debian: libxen-dev), and the barriers that its ring macros ask for.
#include <cstddef>
#include <cstdint>
#include <cstring>

/// The interface as of Xen 4.13, which is in all that we run on.
#define __XEN_INTERFACE_VERSION__ 0x00040d00

#define xen_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)

#include <xen/xen.h>
// The headers below use what xen.h defines.
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
