// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/xen/interface.hh"

/// Event channels, by the FIFO interface where Xen offers it, else by the 2-level one (events_abi.hh). All ports stay
/// masked and no interrupt is ever taken: the guest looks at the pending bits when it asks for events, and sleeps in
/// SCHEDOP_poll, which a masked port wakes as well. That call takes 128 ports, so this is how many one can listen at.
namespace click::xen::events {

using Receiver = void (*)(void* user);

/// Chooses the interface; forgets all listeners, whose ports are not there in the domain in which this one goes on after
/// a suspend.
void start();
/// A new port that domain `remote` may bind to; 0 when Xen has none, or when one cannot wait for more.
evtchn_port_t allocate(domid_t remote);
/// `receiver` is called for each event at `port`. False when there are as many ports as one can wait for.
bool listen(evtchn_port_t port, Receiver receiver, void* user);
/// Closes a port that has a receiver, and forgets that; does nothing about another port.
void close(evtchn_port_t port);
void notify(evtchn_port_t port);
/// Calls the receivers of all events that are there. True when there were any.
bool deliver();
/// Sleeps until an event at any port, or the monotonic time `deadline`; negative: no deadline.
void sleep(int64_t deadline);
/// Sleeps until an event at this port and takes it, or until `deadline`. True for the event.
bool sleep_for(evtchn_port_t port, int64_t deadline);

}  // namespace click::xen::events
