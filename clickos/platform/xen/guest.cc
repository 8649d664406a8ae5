// SPDX-License-Identifier: Apache-2.0
#include "platform/xen_control/guest.hh"

#include "platform/platform.hh"
#include "platform/xen/counters.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"
#include "platform/xen/netfront.hh"
#include "platform/xen/suspend.hh"
#include "platform/xen_control/log.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen::guest {

std::string_view own_configuration() { return machine.ramdisk.substr(0, machine.ramdisk.find('\0')); }

int64_t age() { return platform::monotonic_clock() - machine.entered; }

bool read_figure(std::string_view name, std::string& value) {
    if (name == "hypercalls") {
        value = std::to_string(counters.hypercalls);
    } else if (name == "events") {
        value = std::to_string(counters.events);
    } else if (name == "free_pages") {
        value = std::to_string(memory::free_page_count());
    } else {
        return false;
    }
    return true;
}

void follow_device(const std::string& path, const std::string& token) { interfaces::follow(path, token); }

bool follow_shutdown(const std::string& request) {
    // The toolstack waits until its request is gone.
    xenstore::write("control/shutdown", "");
    log(LogLevel::Info, "shutdown: " + request + "\n");
    if (request == "suspend") {
        return suspend();
    }
    shut_down(request == "reboot" ? SHUTDOWN_reboot : request == "crash" ? SHUTDOWN_crash : SHUTDOWN_poweroff);
}

void crash() { shut_down(SHUTDOWN_crash); }

}  // namespace click::xen::guest
