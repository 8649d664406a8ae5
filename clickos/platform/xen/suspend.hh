// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace click::xen {

/// Lets the toolstack save the domain. True when it goes on in another domain: everything below works again, but XenStore
/// is another one, and who wants to watch something there has to say so. False when it goes on where it was.
bool suspend();

}  // namespace click::xen
