// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/xen/interface.hh"

/// What the first moments of the guest found out about the domain that it runs in.
namespace click::xen {

inline constexpr size_t kPage = 4096;

struct Machine {
    bool pv = false;
    const unsigned long* p2m = nullptr;  ///< PV: machine frame of each of our pages
    shared_info* shared = nullptr;
    void* console_ring = nullptr;
    evtchn_port_t console_port = 0;
    void* xenstore_ring = nullptr;
    evtchn_port_t xenstore_port = 0;
    std::string_view ramdisk;
    std::string_view command_line;
    size_t pages = 0;          ///< of memory
    int64_t entered = 0;       ///< monotonic clock when the first line of ours ran
    int64_t clock_offset = 0;  ///< from Xen's system time to the monotonic clock, which goes on in another domain
};
extern Machine machine;

/// Marks where the linker script put what.
extern "C" char image_start[], text_end[], rodata_end[], stack_guard[], stack_start[], stack_end[], image_end[];

/// The frame number by which Xen and other domains know one of our pages.
inline uint64_t frame_of(const void* page) {
    uint64_t number = reinterpret_cast<uint64_t>(page) / kPage;
    return machine.pv ? machine.p2m[number] : number;
}

/// Runs the guest on the machine that the entry code described.
[[noreturn]] void run_guest();

/// Lets the toolstack save the domain, which may take any time. True in the domain in which it goes on: a new machine,
/// that has neither event channels nor grants. False when the old one goes on as it was.
bool suspend_pv();
bool suspend_pvh();

/// Ends the domain: SHUTDOWN_poweroff, _reboot or _crash (sched.h).
[[noreturn]] void shut_down(unsigned reason);

}  // namespace click::xen
