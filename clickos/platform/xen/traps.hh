// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace click::xen {

/// From here on an exception shows the registers on the console and ends the domain as crashed.
void install_pv_traps();
void install_pvh_traps();

}  // namespace click::xen
