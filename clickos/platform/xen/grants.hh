// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/xen/interface.hh"

/// Pages that other domains may use (grant_table.h, version 1).
namespace click::xen::grants {

/// Also in the domain in which a suspended one goes on: nothing is granted there.
void start();
/// Lets domain `to` read and write a page until `revoke`; 0 when the table is full.
grant_ref_t allow(domid_t to, const void* page);
/// False when the domain still uses the page: then the reference and the page must stay as they are.
bool revoke(grant_ref_t reference);

/// Before the domain is saved: the table is Xen's memory, and not to be found in ours.
void suspend();
/// When it goes on where it was.
void resume();

}  // namespace click::xen::grants
