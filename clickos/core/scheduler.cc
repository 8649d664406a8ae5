// SPDX-License-Identifier: Apache-2.0
#include <click/clock.hh>
#include <click/element.hh>
#include <click/router.hh>
#include <click/scheduler.hh>

#include <algorithm>

#include "platform/platform.hh"

namespace click {

constinit CLICK_PER_WORKER unsigned worker::number = 0;

unsigned worker::current_of_thread() { return current(); }

namespace {

/// One turn of a task with one ticket, in pass units (Waldspurger and Weihl's stride1).
constexpr uint64_t kStrideOne = 1U << 16;
/// Turns between two looks at timers and the platform's events.
constexpr int kTurnsPerRound = 128;

/// Binary min-heap of pointers whose elements know their place (`_heap_index`).
template <typename T, typename Before, typename Place>
void sift_up(std::vector<T*>& heap, size_t hole, Before before, Place place) {
    T* item = heap[hole];
    while (hole > 0) {
        size_t parent = (hole - 1) / 2;
        if (!before(item, heap[parent])) {
            break;
        }
        heap[hole] = heap[parent];
        place(heap[hole], hole);
        hole = parent;
    }
    heap[hole] = item;
    place(item, hole);
}

template <typename T, typename Before, typename Place>
void sift_down(std::vector<T*>& heap, size_t hole, Before before, Place place) {
    T* item = heap[hole];
    for (;;) {
        size_t child = 2 * hole + 1;
        if (child >= heap.size()) {
            break;
        }
        if (child + 1 < heap.size() && before(heap[child + 1], heap[child])) {
            ++child;
        }
        if (!before(heap[child], item)) {
            break;
        }
        heap[hole] = heap[child];
        place(heap[hole], hole);
        hole = child;
    }
    heap[hole] = item;
    place(item, hole);
}

template <typename T, typename Before, typename Place>
void heap_insert(std::vector<T*>& heap, T* item, Before before, Place place) {
    heap.push_back(item);
    sift_up(heap, heap.size() - 1, before, place);
}

template <typename T, typename Before, typename Place>
void heap_erase(std::vector<T*>& heap, size_t index, Before before, Place place) {
    T* last = heap.back();
    heap.pop_back();
    if (index < heap.size()) {
        heap[index] = last;
        place(last, index);
        sift_up(heap, index, before, place);
        if (heap[index] == last) {
            sift_down(heap, index, before, place);
        }
    }
}

}  // namespace

struct Scheduler::Earlier {
    bool operator()(const Task* a, const Task* b) const {
        return a->_pass != b->_pass ? a->_pass < b->_pass : a->_arrival < b->_arrival;
    }
    bool operator()(const Timer* a, const Timer* b) const { return a->_expiry < b->_expiry; }
};

struct Scheduler::Placed {
    template <typename T>
    void operator()(T* item, size_t index) const {
        item->_heap_index = static_cast<int>(index);
    }
};

Task::~Task() {
    unschedule();
    if (_turns) {
        _turns->remove(*this);
    }
}

void Task::initialize(Element* owner, bool now) {
    _owner = owner;
    _scheduler = &owner->home();
    if (!_turns) {
        _turns = &owner->router().turns(_scheduler->worker());
        _turns->add(*this);
    }
    if (now) {
        reschedule();
    }
}

void Task::reschedule() {
    if (!_scheduler) {
        return;
    }
    if (!_scheduler->mine()) {
        _scheduler->post(*this);
    } else if (_heap_index < 0) {
        _scheduler->add(*this);
    }
}

/// Whoever unschedules or destroys a task may do so before its worker has heard of all wake-ups.
void Task::forget_post() {
    if constexpr (kSeveralWorkers) {
        if (_is_posted.load(std::memory_order_relaxed)) {
            _scheduler->take_posted();
        }
    }
}

void Task::unschedule() {
    forget_post();
    if (_heap_index >= 0) {
        _scheduler->remove(*this);
    }
}

void Task::set_tickets(int tickets) { _tickets = std::clamp(tickets, 1, 32768); }

bool Task::fire() {
    if (++_runs > 1 && !_counts_turns && !_follows_outside) {
        _turns->disturb();
    }
    return _hook ? _hook(*this, _user) : _element->run_task();
}

Timer::~Timer() { unschedule(); }

void Timer::initialize(Element* owner) { _scheduler = &owner->home(); }

void Timer::schedule_at(int64_t steady) {
    unschedule();
    _expiry = steady;
    _scheduler->add(*this);
}

void Timer::schedule_after(int64_t nanoseconds) { schedule_at(clock::steady() + nanoseconds); }

void Timer::unschedule() {
    if (scheduled()) {
        _scheduler->remove(*this);
    }
}

void Timer::fire() {
    if (_hook) {
        _hook(*this, _user);
    } else {
        _element->run_timer();
    }
}

void Scheduler::add(Task& task) {
    // Who had the least share of turns runs next; equals run in the order in which they came.
    task._pass = std::max(task._pass, _pass) + kStrideOne / static_cast<uint64_t>(task._tickets);
    task._arrival = ++_arrivals;
    heap_insert(_tasks, &task, Earlier{}, Placed{});
}

void Scheduler::remove(Task& task) {
    heap_erase(_tasks, static_cast<size_t>(task._heap_index), Earlier{}, Placed{});
    task._heap_index = -1;
}

void Scheduler::add(Timer& timer) { heap_insert(_timers, &timer, Earlier{}, Placed{}); }

void Scheduler::remove(Timer& timer) {
    heap_erase(_timers, static_cast<size_t>(timer._heap_index), Earlier{}, Placed{});
    timer._heap_index = -1;
}

/// Keeps a task that another worker wakes until this one looks.
void Scheduler::post(Task& task) {
    if (task._is_posted.exchange(true)) {
        return;
    }
    Task* last = _posted.load(std::memory_order_relaxed);
    do {
        task._next_posted = last;
    } while (!_posted.compare_exchange_weak(last, &task));
    call_attention();
}

void Scheduler::take_posted() {
    Task* first = nullptr;
    for (Task* task = _posted.exchange(nullptr); task;) {
        Task* next = task->_next_posted;
        task->_next_posted = first;
        first = task;
        task = next;
    }
    while (first) {
        Task& task = *first;
        first = task._next_posted;
        // From here on it may be posted again, for what this turn does not see any more.
        task._is_posted.store(false);
        if (task._heap_index < 0) {
            add(task);
        }
    }
}

void Scheduler::call_attention() {
    if constexpr (kSeveralWorkers) {
        _attention.store(true);
        if (_asleep.load()) {
            platform::wake(_worker);
        }
    }
}

void Scheduler::stop() {
    first()._stopped.store(true, std::memory_order_relaxed);
    if constexpr (kSeveralWorkers) {
        if (!first().mine()) {
            first().call_attention();
        }
    }
}

void Scheduler::run_tasks() {
    for (int turn = 0; turn < kTurnsPerRound && !_tasks.empty() && !stopped(); ++turn) {
        Task* task = _tasks.front();
        remove(*task);
        _pass = task->_pass;
        _fruitless = task->fire() ? 0 : _fruitless + 1;
        if (!_calls.empty()) [[unlikely]] {
            run_calls();
        }
    }
}

void Scheduler::run_timers() {
    if (_timers.empty()) {
        return;
    }
    int64_t now = clock::steady();
    // Timers that expired timers set to "now" wait for the next round, so that they cannot starve the tasks.
    for (size_t most = _timers.size(); most > 0 && !_timers.empty() && _timers.front()->expiry() <= now && !stopped();
         --most) {
        Timer* timer = _timers.front();
        remove(*timer);
        _fruitless = 0;
        timer->fire();
        if (!_calls.empty()) {
            run_calls();
        }
    }
}

void Scheduler::run_calls() {
    // A call may ask for another one, which is made after this round of them; it may also cancel those that follow.
    for (size_t count = _calls.size(); count > 0 && !_calls.empty(); --count) {
        Call call = _calls.front();
        _calls.erase(_calls.begin());
        call.hook(call.user);
    }
}

void Scheduler::cancel_calls(void* user) {
    std::erase_if(_calls, [&](const Call& call) { return call.user == user; });
}

/// Simulated time goes on when tasks ask over and over for what only time brings: each of them had two turns in vain, the
/// second one behind whatever the first turn of another may have brought about.
void Scheduler::pass_time() {
    constexpr int64_t kMicrosecond = 1000;
    if (_fruitless >= 2 * _tasks.size()) {
        clock::advance_to(_timers.empty() ? clock::steady() + kMicrosecond : next_timer());
    }
}

/// Waits in the platform, unless another worker has called for attention before it can see that this one sleeps.
void Scheduler::wait(int64_t deadline) {
    if constexpr (kSeveralWorkers) {
        _asleep.store(true);
        platform::wait(_attention.load() ? 0 : deadline);
        _asleep.store(false, std::memory_order_relaxed);
    } else {
        platform::wait(deadline);
    }
}

void Scheduler::run_once(bool may_sleep) {
    ++_rounds;
    if constexpr (kSeveralWorkers) {
        if (_attention.load(std::memory_order_relaxed)) {
            _attention.exchange(false);
            platform::stand_by();
            take_posted();
            if (stopped()) {
                return;
            }
        }
    }
    run_calls();
    run_tasks();
    if (stopped()) {
        return;
    }
    run_timers();
    if (stopped()) {
        return;
    }
    if (!_tasks.empty() && clock::simulated()) {
        pass_time();
        platform::wait(0);
    } else if (!_tasks.empty() || !may_sleep) {
        platform::wait(0);
    } else if (_timers.empty()) {
        wait(-1);
    } else if (clock::simulated()) {
        clock::advance_to(_timers.front()->expiry());
        platform::wait(0);
    } else {
        wait(_timers.front()->expiry());
    }
}

void Scheduler::run() {
    while (!stopped()) {
        run_once(true);
    }
}

}  // namespace click
