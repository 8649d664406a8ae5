// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/task.hh>

#include <cstdint>
#include <vector>

namespace click {

/// Shares one processor between the tasks (stride scheduling by tickets, Waldspurger and Weihl 1995) and timers of all
/// routers of a program, and sleeps in the platform when there is nothing to do.
class Scheduler {
public:
    Scheduler() = default;
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    /// Runs tasks, expired timers and the platform's events until `stop`.
    void run();
    /// One round; sleeps only if `may_sleep` and nothing is runnable.
    void run_once(bool may_sleep);
    void stop() { _stopped = true; }
    bool stopped() const { return _stopped; }
    void clear_stop() { _stopped = false; }
    bool idle() const { return _tasks.empty(); }
    uint64_t rounds() const { return _rounds; }
    /// When the first timer expires (monotonic nanoseconds); negative: there is none.
    int64_t next_timer() const { return _timers.empty() ? -1 : _timers.front()->expiry(); }

    /// Calls `hook` as soon as the running task or timer has returned.
    using Hook = void (*)(void* user);
    void call_soon(Hook hook, void* user) { _calls.push_back({hook, user}); }
    /// Forgets the calls for `user`, who is about to go.
    void cancel_calls(void* user);

private:
    struct Call {
        Hook hook;
        void* user;
    };

    friend class Task;
    friend class Timer;

    struct Earlier;
    struct Placed;

    void add(Task& task);
    void remove(Task& task);
    void add(Timer& timer);
    void remove(Timer& timer);
    void run_tasks();
    void run_timers();
    void run_calls();

    std::vector<Task*> _tasks;
    std::vector<Timer*> _timers;
    std::vector<Call> _calls;
    uint64_t _pass = 0;
    uint64_t _arrivals = 0;
    uint64_t _rounds = 0;
    bool _stopped = false;
};

}  // namespace click
