// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/signals.hh"

#include <sys/eventfd.h>
#include <unistd.h>

#include <click/worker.hh>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <vector>

#include "lang/confparse.hh"
#include "platform/linux/poller.hh"
#include "platform/platform.hh"

namespace click::signals {

namespace {

constexpr int kSignals = 64;

struct Watch {
    int signal;
    Hook hook;
    void* user;
    bool otherwise;
};

struct Receiver final : poller::Watcher {
    void ready(int fd, uint32_t events) override;
    void call(int signal);
    bool watches(int signal, bool otherwise) const {
        return std::any_of(watched.begin(), watched.end(),
                           [&](const Watch& one) { return one.signal == signal && one.otherwise == otherwise; });
    }

    std::vector<Watch> watched;
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
    Standstill standstill;
    uint64_t arrived = pending.exchange(0, std::memory_order_relaxed);
    for (int signal = 1; signal < kSignals; ++signal) {
        if (arrived >> signal & 1) {
            call(signal);
        }
    }
}

void Receiver::call(int signal) {
    // A hook may unwatch, also for others.
    std::vector<Watch> all = watched;
    bool otherwise = !watches(signal, false);
    for (const Watch& one : all) {
        auto still = [&](const Watch& other) { return other.signal == signal && other.user == one.user; };
        if (one.signal == signal && one.otherwise == otherwise && std::any_of(watched.begin(), watched.end(), still)) {
            one.hook(signal, one.user);
        }
    }
}

bool add(const Watch& watch) {
    if (watch.signal <= 0 || watch.signal >= kSignals) {
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
    struct sigaction action {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    if (sigaction(watch.signal, &action, nullptr) != 0) {
        return false;
    }
    receiver->watched.push_back(watch);
    return true;
}

}  // namespace

bool watch(int signal, Hook hook, void* user) { return add({signal, hook, user, false}); }

bool watch_otherwise(int signal, Hook hook, void* user) { return add({signal, hook, user, true}); }

void unwatch(int signal, void* user) {
    if (!receiver) {
        return;
    }
    std::erase_if(receiver->watched, [&](const Watch& one) { return one.signal == signal && one.user == user; });
    if (!receiver->watches(signal, false) && !receiver->watches(signal, true)) {
        std::signal(signal, SIG_DFL);
    }
}

}  // namespace click::signals

namespace click::platform {

int signal_number(std::string_view name) {
    uint64_t number;
    if (parse_unsigned(name, number)) {
        return number < signals::kSignals ? static_cast<int>(number) : 0;
    }
    if (name.starts_with("SIG")) {
        name.remove_prefix(3);
    }
    for (int signal = 1; signal < NSIG; ++signal) {
        const char* known = sigabbrev_np(signal);
        if (known && name == known) {
            return signal;
        }
    }
    return 0;
}

bool watch_signal(int number, void (*hook)(int number, void* user), void* user) {
    return signals::watch(number, hook, user);
}

void unwatch_signal(int number, void* user) { signals::unwatch(number, user); }

bool send_signal(int number, int64_t process, std::string& cause) {
    if (process != static_cast<pid_t>(process) || kill(static_cast<pid_t>(process), number) != 0) {
        cause = std::strerror(process == static_cast<pid_t>(process) ? errno : ESRCH);
        return false;
    }
    return true;
}

}  // namespace click::platform
