// SPDX-License-Identifier: Apache-2.0
//
// The engine as the only process of a Linux that is a Xen guest: everything that there is to do before routers run, and
// then what a ClickOS guest does.
#include <csignal>

#include "lib/format.hh"
#include "platform/linux_guest/interfaces.hh"
#include "platform/linux_guest/system.hh"
#include "platform/xen_control/control.hh"
#include "platform/xen_control/log.hh"
#include "platform/xen_control/xenstore.hh"

namespace click {

namespace {

/// What the kernel runs when the toolstack wants the domain shut down, and how we know then what we are run for.
constexpr char kPowerOff[] = "/init poweroff";
constexpr std::string_view kPowerOffWord = "poweroff";

[[noreturn]] void run_guest() {
    std::signal(SIGPIPE, SIG_IGN);
    system::start();
    system::set("kernel/poweroff_cmd", kPowerOff);
    xen::choose_log_level(system::read("/proc/cmdline"));
    xen::log(xen::LogLevel::Info, format("Click %s on %s", CLICK_VERSION, system::read("/proc/version").c_str()));
    xen::xenstore::start();
    interfaces::start();
    system::load_modules();
    interfaces::await();
    xen::run_control();
}

}  // namespace

}  // namespace click

int main(int argc, char** argv) {
    if (argc == 2 && argv[1] == click::kPowerOffWord) {
        click::system::power_off();
    }
    click::run_guest();
}
