// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/xen/interface.hh"

/// Event channels, by the 2-level interface: a guest has a handful of ports, so the FIFO one would cost memory and give
/// nothing. All ports stay masked and no interrupt is ever taken: the guest looks at the pending bits when it asks for
/// events, and sleeps in SCHEDOP_poll, which a masked port wakes as well.
namespace click::xen::events {

using Receiver = void (*)(void* user);

void start();
/// A new port that domain `remote` may bind to; 0 when Xen has none.
evtchn_port_t allocate(domid_t remote);
/// `receiver` is called for each event at `port`. False when there are as many ports as one can wait for.
bool listen(evtchn_port_t port, Receiver receiver, void* user);
/// Closes the port and forgets its receiver.
void close(evtchn_port_t port);
void notify(evtchn_port_t port);
/// Calls the receivers of all events that are there. True when there were any.
bool deliver();
/// Sleeps until an event at any port, or the monotonic time `deadline`; negative: no deadline.
void sleep(int64_t deadline);
/// Sleeps until an event at this port and takes it, or until `deadline`. True for the event.
bool sleep_for(evtchn_port_t port, int64_t deadline);

}  // namespace click::xen::events
