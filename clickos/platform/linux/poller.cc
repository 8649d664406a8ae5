// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/poller.hh"

#include <sys/epoll.h>
#include <unistd.h>
#include <cerrno>

#include <algorithm>
#include <ctime>
#include <vector>

#include "platform/platform.hh"

namespace click {

namespace {

struct Entry {
    poller::Watcher* watcher = nullptr;
    uint32_t events = 0;
    uint32_t generation = 0;  ///< tells an event of this watcher from one of its predecessor on the same descriptor
};

constexpr int kEventsPerWait = 64;

constinit int epoll_fd = -1;
constinit size_t watched = 0;
constinit std::vector<Entry>* entries = nullptr;

uint32_t epoll_events(uint32_t events) {
    return ((events & poller::kReadable) ? uint32_t{EPOLLIN} : 0) |
           ((events & poller::kWritable) ? uint32_t{EPOLLOUT} : 0);
}

uint32_t ready_events(uint32_t events, uint32_t asked) {
    if (events & (EPOLLERR | EPOLLHUP)) {
        return asked;
    }
    return ((events & EPOLLIN) ? poller::kReadable : 0) | ((events & EPOLLOUT) ? poller::kWritable : 0);
}

void start() {
    if (!entries) {
        entries = new std::vector<Entry>;
        epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (epoll_fd < 0) {
            platform::panic("cannot create an epoll descriptor");
        }
    }
}

}  // namespace

namespace poller {

bool watch(int fd, uint32_t events, Watcher& watcher) {
    start();
    auto index = static_cast<size_t>(fd);
    if (index >= entries->size()) {
        entries->resize(index + 1);
    }
    Entry& entry = (*entries)[index];
    if (entry.watcher == &watcher && entry.events == events) {
        return true;
    }
    epoll_event event{};
    event.events = epoll_events(events);
    event.data.u64 = uint64_t{entry.generation + 1} << 32 | static_cast<uint32_t>(fd);
    if (epoll_ctl(epoll_fd, entry.watcher ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0) {
        return false;
    }
    watched += entry.watcher ? 0 : 1;
    entry = {&watcher, events, entry.generation + 1};
    return true;
}

void unwatch(int fd) {
    auto index = static_cast<size_t>(fd);
    if (!entries || index >= entries->size() || !(*entries)[index].watcher) {
        return;
    }
    Entry& entry = (*entries)[index];
    entry.watcher = nullptr;
    ++entry.generation;
    --watched;
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, nullptr);
}

}  // namespace poller

void platform::wait(int64_t deadline) {
    if (deadline == 0 && watched == 0) {
        return;
    }
    start();
    timespec timeout{};
    if (deadline > 0) {
        int64_t left = std::max<int64_t>(deadline - monotonic_clock(), 0);
        timeout.tv_sec = left / 1'000'000'000;
        timeout.tv_nsec = left % 1'000'000'000;
    }
    epoll_event events[kEventsPerWait];
    // A signal ends the wait: its handler has written to a watched descriptor.
    int count = epoll_pwait2(epoll_fd, events, kEventsPerWait, deadline < 0 ? nullptr : &timeout, nullptr);
    if (count < 0 && errno != EINTR) {
        panic("cannot wait for events");
    }
    for (int i = 0; i < count; ++i) {
        auto fd = static_cast<int>(events[i].data.u64 & 0xffffffffU);
        const Entry& entry = (*entries)[static_cast<size_t>(fd)];
        if (entry.watcher && entry.generation == static_cast<uint32_t>(events[i].data.u64 >> 32)) {
            entry.watcher->ready(fd, ready_events(events[i].events, entry.events));
        }
    }
}

}  // namespace click
