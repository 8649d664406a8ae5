// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/xen/interface.hh"
// After the types that they use:
#include <xen/io/netif.h>
#include <xen/io/xenbus.h>

namespace click::xen {

/// What the other side of a ring did that the protocol does not allow; null: nothing.
using Fault = const char*;

}  // namespace click::xen
