// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/xen/interface.hh"

namespace click::xen::events {

/// Where Xen says which ports have events: one of the two interfaces of event_channel.h. Under both, all ports stay
/// masked: Xen marks a masked port as pending, and wakes who polls for it, and does nothing else.
struct Abi {
    /// False when Xen does not offer it. Called again in the domain in which a suspended one goes on.
    bool (*start)();
    /// Whether there is, or now is, room for events at this port.
    bool (*reach)(evtchn_port_t port);
    /// Whether there is an event at this port, which is there no more.
    bool (*take)(evtchn_port_t port);
};

extern const Abi fifo;
extern const Abi two_level;

}  // namespace click::xen::events
