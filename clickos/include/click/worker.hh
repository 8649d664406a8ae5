// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>

namespace click {

/// A worker is a thread with a scheduler, a poller and a cache of the packet pool of its own. A program may have several; a
/// ClickOS guest has one, and its image is compiled without what several would need.
#ifdef CLICK_ONE_WORKER
inline constexpr bool kSeveralWorkers = false;
#define CLICK_PER_WORKER
#else
inline constexpr bool kSeveralWorkers = true;
#define CLICK_PER_WORKER thread_local
#endif

inline constexpr unsigned kMostWorkers = 64;

namespace platform {

/// Has all other workers stand still, each between two turns, until `go_on`. Calls may be nested, and two workers may ask at
/// once: then each stands still for the other.
void stand_still();
void go_on();
/// Called by a worker between two turns: waits while another one wants it to stand still.
void stand_by();
/// Ends the wait of another worker.
void wake(unsigned worker);
/// Leaves the processor to others, while another worker holds what is waited for.
void give_way();

}  // namespace platform

namespace worker {

extern CLICK_PER_WORKER constinit unsigned number;

/// Which worker this is: 0 is the one that a program starts as.
inline unsigned current() { return kSeveralWorkers ? number : 0; }
/// The same, for code that is compiled for programs and linked with a guest's.
unsigned current_of_thread();

/// Does what belongs to another worker, which stands still.
class As {
public:
    explicit As(unsigned other) {
        if constexpr (kSeveralWorkers) {
            _self = number;
            number = other;
        }
    }
    As(const As&) = delete;
    As& operator=(const As&) = delete;
    ~As() {
        if constexpr (kSeveralWorkers) {
            number = _self;
        }
    }

private:
    unsigned _self = 0;
};

}  // namespace worker

/// While it lives, no other worker moves, if that is `needed`.
class Standstill {
public:
    explicit Standstill(bool needed = true) : _needed(kSeveralWorkers && needed) {
        if (_needed) {
            platform::stand_still();
        }
    }
    Standstill(const Standstill&) = delete;
    Standstill& operator=(const Standstill&) = delete;
    ~Standstill() {
        if (_needed) {
            platform::go_on();
        }
    }

private:
    bool _needed;
};

/// Keeps workers apart for a few instructions.
class SpinLock {
public:
    void lock() {
        while (_taken.exchange(true, std::memory_order_acquire)) {
            for (unsigned turn = 0; _taken.load(std::memory_order_relaxed); ++turn) {
                if (turn < kTurns) {
                    __builtin_ia32_pause();
                } else {
                    platform::give_way();
                }
            }
        }
    }
    void unlock() { _taken.store(false, std::memory_order_release); }

    /// Holds the lock while it lives, if there is one.
    class Hold {
    public:
        explicit Hold(SpinLock* lock) : _lock(kSeveralWorkers ? lock : nullptr) {
            if constexpr (kSeveralWorkers) {
                if (_lock) {
                    _lock->lock();
                }
            }
        }
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold() {
            if constexpr (kSeveralWorkers) {
                if (_lock) {
                    _lock->unlock();
                }
            }
        }

    private:
        SpinLock* _lock;
    };

private:
    static constexpr unsigned kTurns = 100;
    std::atomic<bool> _taken{false};
};

}  // namespace click
