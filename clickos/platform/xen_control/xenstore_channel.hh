// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

/// The bytes of messages to and from XenStore. platform/xen has them go through the ring that the domain shares with the
/// daemon, platform/linux_guest through the kernel; the linker chooses.
namespace click::xen::xenstore::channel {

/// Also in the domain in which a suspended one goes on. From now on xenstore::receive_events is called whenever something
/// comes while the guest waits. False when the domain has no XenStore.
bool open();
bool something_there();
/// Sends all bytes, however long the daemon takes; false when the monotonic time `deadline` has passed (negative: never).
bool send(const void* bytes, size_t size, int64_t deadline);
/// Receives so many bytes, likewise.
bool receive(void* bytes, size_t size, int64_t deadline);

}  // namespace click::xen::xenstore::channel
