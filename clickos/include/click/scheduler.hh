// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/task.hh>
#include <click/worker.hh>

#include <atomic>
#include <cstdint>
#include <vector>

namespace click {

/// Shares one worker between the tasks (stride scheduling by tickets, Waldspurger and Weihl 1995) and timers of all
/// routers that have their home there, and sleeps in the platform when there is nothing to do.
///
/// Other workers reach it by `post` and `stop` only; all else is for its own worker, or for one for whom it stands still.
class Scheduler {
public:
    /// Of worker 0, by whose scheduler all of them stop.
    Scheduler() = default;
    Scheduler(unsigned worker, Scheduler& first) : _first(&first), _worker(worker) {}
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    /// Runs tasks, expired timers and the platform's events until `stop`.
    void run();
    /// One round; sleeps only if `may_sleep` and nothing is runnable.
    void run_once(bool may_sleep);
    void stop();
    bool stopped() const { return first()._stopped.load(std::memory_order_relaxed); }
    void clear_stop() { first()._stopped.store(false, std::memory_order_relaxed); }
    bool idle() const { return _tasks.empty(); }
    uint64_t rounds() const { return _rounds; }
    unsigned worker() const { return kSeveralWorkers ? _worker : 0; }
    /// When the first timer expires (monotonic nanoseconds); negative: there is none.
    int64_t next_timer() const { return _timers.empty() ? -1 : _timers.front()->expiry(); }

    /// Calls `hook` as soon as the running task or timer has returned.
    using Hook = void (*)(void* user);
    void call_soon(Hook hook, void* user) { _calls.push_back({hook, user}); }
    /// Forgets the calls for `user`, who is about to go.
    void cancel_calls(void* user);

    /// Has this scheduler's worker look, before its next round, what others want of it.
    void call_attention();

private:
    struct Call {
        Hook hook;
        void* user;
    };

    friend class Task;
    friend class Timer;

    struct Earlier;
    struct Placed;

    bool mine() const { return worker() == worker::current(); }
    const Scheduler& first() const { return kSeveralWorkers ? *_first : *this; }
    Scheduler& first() { return kSeveralWorkers ? *_first : *this; }

    void add(Task& task);
    void remove(Task& task);
    void add(Timer& timer);
    void remove(Timer& timer);
    void post(Task& task);
    void take_posted();
    void wait(int64_t deadline);
    void run_tasks();
    void run_timers();
    void run_calls();
    void pass_time();

    std::vector<Task*> _tasks;
    std::vector<Timer*> _timers;
    std::vector<Call> _calls;
    uint64_t _pass = 0;
    uint64_t _arrivals = 0;
    uint64_t _rounds = 0;
    size_t _fruitless = 0;  ///< turns in a row that did nothing useful
    Scheduler* _first = this;
    unsigned _worker = 0;
    std::atomic<bool> _stopped{false};
    std::atomic<bool> _attention{false};
    std::atomic<bool> _asleep{false};
    std::atomic<Task*> _posted{nullptr};  ///< woken by other workers, the last one first
};

}  // namespace click
