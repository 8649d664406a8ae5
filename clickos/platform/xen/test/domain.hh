// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "platform/xen/interface.hh"

/// A domain as the guest's drivers see it, played on Linux: XenStore, grants, event channels and memory.
namespace click::xen::domain {

/// XenStore: every path as the guest names it.
extern std::map<std::string, std::string> nodes;
/// The next so many commits of a transaction fail with EAGAIN.
extern unsigned conflicts;
/// Writes of the guest since the last `reset`.
extern unsigned writes;
extern std::map<grant_ref_t, uint8_t*> granted;
/// Every write fails with this error, unless it is empty; what is longer than `longest_value` with E2BIG.
extern std::string write_error;
extern size_t longest_value;
/// What the guest has said on its console.
extern std::string console;
/// The toolstack goes on with another domain when the guest suspends itself (else with the same one).
extern bool moves;
/// Pages that are taken.
extern std::set<void*> allocated;
/// Pages that there are, taken or not.
extern size_t pages;
/// Event channels that the guest listens at.
extern std::map<evtchn_port_t, std::function<void()>> ports;
/// How many more event channels the guest gets.
extern unsigned ports_left;
/// Events that the guest has sent.
extern unsigned notifications;

/// Forgets all nodes, watches and events.
void reset();
/// The module host writes a node: those who watch it hear of that.
void host_writes(const std::string& path, const std::string& value);

}  // namespace click::xen::domain
