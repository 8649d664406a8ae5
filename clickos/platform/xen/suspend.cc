// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/suspend.hh"

#include "platform/platform.hh"
#include "platform/xen/console.hh"
#include "platform/xen/events.hh"
#include "platform/xen/grants.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/netfront.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

bool suspend() {
    int64_t before = platform::monotonic_clock();
    grants::suspend();
    if (!(machine.pv ? suspend_pv() : suspend_pvh())) {
        grants::resume();
        return false;
    }
    machine.clock_offset += before - platform::monotonic_clock();
    events::start();
    console::start();
    xenstore::start();
    grants::start();
    interfaces::resume();
    return true;
}

}  // namespace click::xen
