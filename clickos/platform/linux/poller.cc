// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/poller.hh"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <click/worker.hh>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <vector>

#include "platform/platform.hh"

namespace click {

namespace {

struct Entry {
    poller::Watcher* watcher = nullptr;
    uint32_t events = 0;
    uint32_t generation = 0;  ///< tells an event of this watcher from one of its predecessor on the same descriptor
    unsigned worker = 0;
};

/// Where a worker waits.
struct Waiting {
    int epoll_fd = -1;
    int wake_fd = -1;
    std::atomic<size_t> watched{0};
};

constexpr int kEventsPerWait = 64;
/// An event of this says only that another worker wants something.
constexpr uint64_t kWoken = ~uint64_t{0};

constinit Waiting waiting[kMostWorkers];
constinit std::vector<Entry>* entries = nullptr;

/// Workers share the table of descriptors.
class Table {
public:
    Table() {
        pthread_mutex_lock(&mutex);
        if (!entries) {
            entries = new std::vector<Entry>;
        }
    }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    ~Table() { pthread_mutex_unlock(&mutex); }
    Entry& at(int fd) const {
        auto index = static_cast<size_t>(fd);
        if (index >= entries->size()) {
            entries->resize(index + 1);
        }
        return (*entries)[index];
    }

private:
    static constinit pthread_mutex_t mutex;
};

constinit pthread_mutex_t Table::mutex = PTHREAD_MUTEX_INITIALIZER;

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

Waiting& started(unsigned worker) {
    Waiting& one = waiting[worker];
    if (one.epoll_fd < 0) {
        one.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (one.epoll_fd < 0) {
            platform::panic("cannot create an epoll descriptor");
        }
    }
    return one;
}

void forget(int fd, Entry& entry) {
    Waiting& place = waiting[entry.worker];
    entry.watcher = nullptr;
    ++entry.generation;
    --place.watched;
    epoll_ctl(place.epoll_fd, EPOLL_CTL_DEL, fd, nullptr);
}

/// Waits for at most `timeout`, or as long as it takes if that is null. Linux before 5.11 counts in milliseconds; there a wait
/// ends late rather than early, for a worker that is woken too early would only wait again.
int wait_for_events(int epoll_fd, epoll_event* events, const timespec* timeout) {
    int count = epoll_pwait2(epoll_fd, events, kEventsPerWait, timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) {
        return count;
    }
    constexpr int64_t kLongest = 3'600'000;
    int64_t left = timeout ? int64_t{timeout->tv_sec} * 1000 + (timeout->tv_nsec + 999'999) / 1'000'000 : -1;
    return epoll_wait(epoll_fd, events, kEventsPerWait, static_cast<int>(std::min(left, kLongest)));
}

}  // namespace

namespace poller {

bool watch(int fd, uint32_t events, Watcher& watcher) {
    unsigned worker = worker::current_of_thread();
    Table table;
    Entry& entry = table.at(fd);
    if (entry.watcher == &watcher && entry.events == events && entry.worker == worker) {
        return true;
    }
    if (entry.watcher && entry.worker != worker) {
        forget(fd, entry);
    }
    Waiting& place = started(worker);
    epoll_event event{};
    event.events = epoll_events(events);
    event.data.u64 = uint64_t{entry.generation + 1} << 32 | static_cast<uint32_t>(fd);
    if (epoll_ctl(place.epoll_fd, entry.watcher ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0) {
        return false;
    }
    place.watched += entry.watcher ? 0 : 1;
    entry = {&watcher, events, entry.generation + 1, worker};
    return true;
}

void unwatch(int fd) {
    Table table;
    if (fd >= 0 && table.at(fd).watcher) {
        forget(fd, table.at(fd));
    }
}

void let_be_woken(unsigned worker) {
    Table table;
    Waiting& place = started(worker);
    if (place.wake_fd >= 0) {
        return;
    }
    place.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kWoken;
    if (place.wake_fd < 0 || epoll_ctl(place.epoll_fd, EPOLL_CTL_ADD, place.wake_fd, &event) < 0) {
        platform::panic("cannot create an event descriptor");
    }
}

}  // namespace poller

void platform::wake(unsigned worker) {
    uint64_t one = 1;
    // The counter cannot overflow in practice, and a full one wakes as well.
    [[maybe_unused]] ssize_t written = write(waiting[worker].wake_fd, &one, sizeof one);
}

void platform::wait(int64_t deadline) {
    Waiting& place = waiting[worker::current_of_thread()];
    if (deadline == 0 && place.watched.load(std::memory_order_relaxed) == 0) {
        return;
    }
    if (place.epoll_fd < 0) {
        Table table;
        started(worker::current_of_thread());
    }
    timespec timeout{};
    if (deadline > 0) {
        int64_t left = std::max<int64_t>(deadline - monotonic_clock(), 0);
        timeout.tv_sec = left / 1'000'000'000;
        timeout.tv_nsec = left % 1'000'000'000;
    }
    epoll_event events[kEventsPerWait];
    // A signal ends the wait: its handler has written to a watched descriptor.
    int count = wait_for_events(place.epoll_fd, events, deadline < 0 ? nullptr : &timeout);
    if (count < 0 && errno != EINTR) {
        panic("cannot wait for events");
    }
    for (int i = 0; i < count; ++i) {
        if (events[i].data.u64 == kWoken) {
            uint64_t times;
            [[maybe_unused]] ssize_t got = read(place.wake_fd, &times, sizeof times);
            continue;
        }
        auto fd = static_cast<int>(events[i].data.u64 & 0xffffffffU);
        Entry entry;
        {
            Table table;
            entry = table.at(fd);
        }
        if (entry.watcher && entry.generation == static_cast<uint32_t>(events[i].data.u64 >> 32)) {
            entry.watcher->ready(fd, ready_events(events[i].events, entry.events));
        }
    }
}

}  // namespace click
