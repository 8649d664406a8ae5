// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace click::signals {

/// Called from the scheduler's loop, not from the signal handler.
using Hook = void (*)(int signal, void* user);

/// Has `hook` called for each arrival of `signal` (arrivals that pile up may be merged); the last hook counts.
/// False, with errno set, when the signal cannot be caught.
bool watch(int signal, Hook hook, void* user);
/// Gives the signal back to its default action.
void unwatch(int signal);

}  // namespace click::signals
