// SPDX-License-Identifier: Apache-2.0
//
// The guest: what every domain has is started, and then routers run whose configurations come by XenStore.
#include "lib/format.hh"
#include "platform/platform.hh"
#include "platform/xen/console.hh"
#include "platform/xen/counters.hh"
#include "platform/xen/events.hh"
#include "platform/xen/grants.hh"
#include "platform/xen/hypercall.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"
#include "platform/xen/netfront.hh"
#include "platform/xen/shared_page.hh"
#include "platform/xen/thread_block.hh"
#include "platform/xen_control/control.hh"
#include "platform/xen_control/log.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

constinit Machine machine;
constinit Counters counters;
constinit SharedPage shared_page{};
constinit ThreadBlock thread_block{&thread_block, {}, 0, {}};

void shut_down(unsigned reason) {
    sched_shutdown request{reason};
    for (;;) {
        sched_op(SCHEDOP_shutdown, &request);
    }
}

void run_guest() {
    machine.entered = platform::monotonic_clock();
    thread_block.canary = platform::entropy();
    events::start();
    console::start();
    choose_log_level(machine.command_line);
    xenstore::start();
    grants::start();
    log(LogLevel::Info,
        format("ClickOS %s (%s), %zu KiB of memory, %zu KiB free\n", CLICK_VERSION, machine.pv ? "PV" : "PVH",
               machine.pages * kPage / 1024, memory::free_page_count() * kPage / 1024));
    interfaces::start();
    run_control();
}

}  // namespace click::xen

/// Called by a function that finds its canary changed.
extern "C" [[noreturn, gnu::used]] void __stack_chk_fail() { click::platform::panic("stack overwritten"); }
