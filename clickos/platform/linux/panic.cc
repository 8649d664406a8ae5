// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "platform/platform.hh"

void click::platform::panic(const char* reason) {
    log("click: panic: ");
    log(reason);
    log("\n");
    abort();
}
