// SPDX-License-Identifier: Apache-2.0
/*
=block task-handlers
=h scheduled read
Whether its task is about to run.
=h tickets read/write
Its task's share of turns, 1 to 32768.
=h home_thread read/write
Which thread runs its task (see StaticThreadSched). A running element stays on it.
*/
#pragma once
#include <click/worker.hh>

#include <atomic>
#include <cstdint>
#include <vector>

namespace click {

class Element;
class Scheduler;
class Turns;

/// An element's claim on the processor: while it is scheduled, the scheduler calls the element's `run_task` in turn.
/// A task is unscheduled while it runs and comes back only by `reschedule`.
class Task {
public:
    /// Calls `Element::run_task`, or `hook` when it is given.
    using Hook = bool (*)(Task& task, void* user);

    explicit Task(Element* element) : _element(element) {}
    Task(Hook hook, void* user) : _hook(hook), _user(user) {}
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    ~Task();

    /// Binds the task to the scheduler of `owner`'s home; `now` schedules it.
    void initialize(Element* owner, bool now);
    /// May be called by any worker.
    void reschedule();
    void unschedule();
    bool scheduled() const {
        return _heap_index >= 0 || (kSeveralWorkers && _is_posted.load(std::memory_order_relaxed));
    }
    bool initialized() const { return _scheduler != nullptr; }
    int tickets() const { return _tickets; }
    /// 1..32768: the share of turns relative to other tasks.
    void set_tickets(int tickets);
    Element* element() const { return _owner; }
    uint64_t runs() const { return _runs; }

    /// How many packets this turn may move, where the configuration says `burst` a turn and `left` until a LIMIT is
    /// reached: the smaller of both, or more than `burst` while nothing tells the difference (see Turns). To be asked
    /// once a turn, by every turn that moves packets, and answered with `turn_moved`.
    uint64_t turn_budget(uint64_t burst, uint64_t left = ~uint64_t{0});
    /// How many packets this turn did move: what it leaves of its budget is there for the next one.
    void turn_moved(uint64_t packets);
    /// Says that the turns of this task follow something outside of the router (a device), not those of other tasks.
    void follow_outside() { _follows_outside = true; }

private:
    friend class Scheduler;
    friend class Turns;
    bool fire();
    void forget_post();

    Element* _element = nullptr;
    Hook _hook = nullptr;
    void* _user = nullptr;
    Element* _owner = nullptr;
    Scheduler* _scheduler = nullptr;
    int _heap_index = -1;
    int _tickets = 1024;
    uint64_t _pass = 0;
    uint64_t _arrival = 0;
    uint64_t _runs = 0;
    std::atomic<bool> _is_posted{false};  ///< by another worker, and not yet taken in by its own
    Task* _next_posted = nullptr;

    Turns* _turns = nullptr;
    bool _counts_turns = false;
    bool _follows_outside = false;
    uint64_t _burst = 1;
    uint64_t _turns_left = ~uint64_t{0};  ///< until the LIMIT; 0 behind it
    uint64_t _rounds = 0;                 ///< in how many rounds it had its turn
    uint64_t _granted = 0;                ///< how many of them the running turn stands for
};

/// Calls `Element::run_timer`, or a hook, at a moment of the monotonic clock.
class Timer {
public:
    using Hook = void (*)(Timer& timer, void* user);

    explicit Timer(Element* element) : _element(element) {}
    Timer(Hook hook, void* user) : _hook(hook), _user(user) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer();

    void initialize(Element* owner);
    bool initialized() const { return _scheduler != nullptr; }
    bool scheduled() const { return _heap_index >= 0; }
    /// Monotonic nanoseconds of the next (or the running) expiry.
    int64_t expiry() const { return _expiry; }
    void schedule_at(int64_t steady);
    void schedule_after(int64_t nanoseconds);
    /// `nanoseconds` after the last expiry, so that a period does not drift.
    void reschedule_after(int64_t nanoseconds) { schedule_at(_expiry + nanoseconds); }
    void unschedule();

private:
    friend class Scheduler;
    void fire();

    Element* _element = nullptr;
    Hook _hook = nullptr;
    void* _user = nullptr;
    Scheduler* _scheduler = nullptr;
    int _heap_index = -1;
    int64_t _expiry = 0;
};

}  // namespace click
