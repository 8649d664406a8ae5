// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/xen/interface.hh"
// After the types that they use:
#include <xen/arch-x86/cpuid.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
