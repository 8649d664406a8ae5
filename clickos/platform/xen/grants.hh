// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/xen/interface.hh"

/// Pages that other domains may use (grant_table.h, version 1).
namespace click::xen::grants {

void start();
/// Lets domain `to` read and write a page until `revoke`; 0 when the table is full.
grant_ref_t allow(domid_t to, const void* page);
/// False when the domain still uses the page: then the reference and the page must stay as they are.
bool revoke(grant_ref_t reference);

}  // namespace click::xen::grants
