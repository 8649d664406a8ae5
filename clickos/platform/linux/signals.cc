// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/signals.hh"

#include <sys/eventfd.h>
#include <unistd.h>
#include <csignal>

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "platform/linux/poller.hh"
#include "platform/platform.hh"

namespace click::signals {

namespace {

constexpr int kSignals = 64;

struct Receiver final : poller::Watcher {
    void ready(int fd, uint32_t events) override;

    Hook hooks[kSignals] = {};
    void* users[kSignals] = {};
};

constinit Receiver* receiver = nullptr;
constinit int event_fd = -1;
constinit std::atomic<uint64_t> pending{0};

/// Runs as a signal handler: only notes the signal and wakes the poller.
void note(int signal) {
    int saved = errno;
    pending.fetch_or(uint64_t{1} << signal, std::memory_order_relaxed);
    uint64_t one = 1;
    // The counter cannot overflow in practice, and a full one wakes the poller as well.
    [[maybe_unused]] ssize_t written = write(event_fd, &one, sizeof one);
    errno = saved;
}

void Receiver::ready(int fd, uint32_t) {
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0) {
        return;  // nothing arrived after all
    }
    uint64_t arrived = pending.exchange(0, std::memory_order_relaxed);
    for (int signal = 1; signal < kSignals; ++signal) {
        if ((arrived >> signal & 1) && hooks[signal]) {
            hooks[signal](signal, users[signal]);
        }
    }
}

}  // namespace

bool watch(int signal, Hook hook, void* user) {
    if (signal <= 0 || signal >= kSignals) {
        errno = EINVAL;
        return false;
    }
    if (!receiver) {
        receiver = new Receiver;
        event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (event_fd < 0 || !poller::watch(event_fd, poller::kReadable, *receiver)) {
            platform::panic("cannot watch for signals");
        }
    }
    receiver->hooks[signal] = hook;
    receiver->users[signal] = user;
    struct sigaction action {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    return sigaction(signal, &action, nullptr) == 0;
}

void unwatch(int signal) {
    if (receiver && signal > 0 && signal < kSignals) {
        std::signal(signal, SIG_DFL);
        receiver->hooks[signal] = nullptr;
    }
}

}  // namespace click::signals
