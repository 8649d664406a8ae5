// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Readiness of file descriptors. `platform::wait` sleeps here and calls the watchers back. Each worker has its own, and a
/// descriptor is watched for the worker that asks.
namespace click::poller {

inline constexpr uint32_t kReadable = 1;
inline constexpr uint32_t kWritable = 2;

/// Someone who waits for a descriptor.
class Watcher {
public:
    /// The descriptor is ready for `events`; hang-ups and errors count as all events that were asked for.
    virtual void ready(int fd, uint32_t events) = 0;

protected:
    ~Watcher() = default;
};

/// Calls `watcher` back for as long as `fd` is ready for any of `events` (level-triggered); a second call for the same
/// descriptor replaces the first. False, with errno set, when the descriptor cannot be waited for (a regular file).
bool watch(int fd, uint32_t events, Watcher& watcher);
/// Stops watching; to be called before the descriptor is closed.
void unwatch(int fd);

/// Lets `platform::wake` reach the worker of that number.
void let_be_woken(unsigned worker);

}  // namespace click::poller
