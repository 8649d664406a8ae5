// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/xen/machine.hh"

namespace click::xen {

/// The page over which Xen's page of shared information is mapped.
union alignas(kPage) SharedPage {
    shared_info info;
    uint8_t bytes[kPage];
};
extern SharedPage shared_page;

}  // namespace click::xen
