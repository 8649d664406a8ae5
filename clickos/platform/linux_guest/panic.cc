// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>

#include "platform/platform.hh"
#include "platform/xen_control/xenstore.hh"

void click::platform::panic(const char* reason) {
    static constinit bool again = false;
    if (!again) {
        again = true;
        log("panic: ");
        log(reason);
        log("\n");
        xen::xenstore::write_last_words("data/clickos/panic", reason);
    }
    // The kernel does not live without its first process: it ends the domain as crashed.
    _exit(EXIT_FAILURE);
}
