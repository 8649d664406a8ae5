// SPDX-License-Identifier: Apache-2.0
//
// The kernel passes messages on between us and the daemon, and keeps our watches across a suspend.
#include "platform/xen_control/xenstore_channel.hh"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "platform/linux/poller.hh"
#include "platform/platform.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen::xenstore::channel {

namespace {

struct Events final : poller::Watcher {
    void ready(int, uint32_t) override { receive_events(); }
};

constinit int bus = -1;
constinit Events events;

/// Waits until the kernel takes or gives bytes; false when the deadline passed.
bool wait_for(short what, int64_t deadline) {
    constexpr int64_t kMillisecond = 1'000'000;
    int64_t left = deadline < 0 ? -1 : std::max<int64_t>((deadline - platform::monotonic_clock()) / kMillisecond, 0);
    pollfd waiting{bus, what, 0};
    return poll(&waiting, 1, static_cast<int>(left)) != 0;
}

bool may_go_on() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

bool open() {
    bus = ::open("/dev/xen/xenbus", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return bus >= 0 && poller::watch(bus, poller::kReadable, events);
}

bool something_there() {
    pollfd waiting{bus, POLLIN, 0};
    return poll(&waiting, 1, 0) > 0;
}

bool send(const void* bytes, size_t size, int64_t deadline) {
    const auto* from = static_cast<const char*>(bytes);
    while (size > 0) {
        ssize_t part = ::write(bus, from, size);
        if (part < 0 && (!may_go_on() || !wait_for(POLLOUT, deadline))) {
            return false;
        }
        from += std::max<ssize_t>(part, 0);
        size -= static_cast<size_t>(std::max<ssize_t>(part, 0));
    }
    return true;
}

bool receive(void* bytes, size_t size, int64_t deadline) {
    auto* to = static_cast<char*>(bytes);
    while (size > 0) {
        ssize_t part = ::read(bus, to, size);
        if (part < 0 && (!may_go_on() || !wait_for(POLLIN, deadline))) {
            return false;
        }
        to += std::max<ssize_t>(part, 0);
        size -= static_cast<size_t>(std::max<ssize_t>(part, 0));
    }
    return true;
}

}  // namespace click::xen::xenstore::channel
