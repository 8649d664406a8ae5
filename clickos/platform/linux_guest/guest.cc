// SPDX-License-Identifier: Apache-2.0
#include "platform/xen_control/guest.hh"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <cstdlib>

#include "platform/linux_guest/system.hh"
#include "platform/platform.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen::guest {

std::string_view own_configuration() {
    // The toolkit puts it behind the image's files; the kernel unpacks both.
    static const std::string* text = new std::string(system::read("/router.click"));
    return *text;
}

int64_t age() { return platform::monotonic_clock(); }

bool read_figure(std::string_view name, std::string& value) {
    constexpr uint64_t kPage = 4096;
    struct sysinfo info {};
    if (name != "free_pages" || ::sysinfo(&info) < 0) {
        return false;
    }
    value = std::to_string(info.freeram * info.mem_unit / kPage);
    return true;
}

void follow_device(const std::string&, const std::string&) {}  // the kernel follows its devices itself

bool follow_shutdown(const std::string& request) {
    // The kernel does all the others, a suspend too, and keeps our watches.
    if (request == "crash") {
        xenstore::write("control/shutdown", "");
        platform::panic("the toolstack asks for a crash");
    }
    return false;
}

void crash() {
    // The kernel does not live without its first process: it ends the domain as crashed.
    _exit(EXIT_FAILURE);
}

}  // namespace click::xen::guest
