// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace click::signals {

/// Called from the scheduler's loop, not from the signal handler.
using Hook = void (*)(int signal, void* user);

/// Has `hook` called for each arrival of `signal` (arrivals that pile up may be merged), beside those of other users.
/// False, with errno set, when the signal cannot be caught.
bool watch(int signal, Hook hook, void* user);
/// The same for what happens as long as nobody watches the signal.
bool watch_otherwise(int signal, Hook hook, void* user);
/// Forgets the user's hooks; without any, the signal has its default action again.
void unwatch(int signal, void* user);

}  // namespace click::signals
