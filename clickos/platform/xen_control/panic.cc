// SPDX-License-Identifier: Apache-2.0
#include "platform/platform.hh"
#include "platform/xen_control/guest.hh"
#include "platform/xen_control/xenstore.hh"

void click::platform::panic(const char* reason) {
    // Saying the words may itself fail: then the guest ends without them.
    static constinit bool again = false;
    if (!again) {
        again = true;
        log("panic: ");
        log(reason);
        log("\n");
        xen::xenstore::write_last_words("data/clickos/panic", reason);
    }
    xen::guest::crash();
}
