// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/workers.hh"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>

#include "platform/linux/poller.hh"
#include "platform/platform.hh"

namespace click {

namespace {

struct Thread {
    Scheduler* scheduler;
    int processor;
    pthread_t id;
};

}  // namespace

struct Workers::Crew {
    std::vector<Scheduler*> schedulers;
    std::vector<Thread> threads;

    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    bool ended = false;
    unsigned moving = 0;  ///< workers that may touch elements without having asked; at the end nobody may
    unsigned asking = 0;  ///< workers that want the others to stand still
    unsigned depth = 0;   ///< how often the one for whom they do has asked
    pthread_t holder{};

    void halt();
    void rest(bool until_start);
    void stand_still();
    void go_on();
};

namespace {

/// Whose workers `stand_still` stops: set while there are threads.
constinit Workers::Crew* running = nullptr;

}  // namespace

void Workers::Crew::halt() {
    moving -= ended ? 0 : 1;
    if (moving == 0) {
        pthread_cond_broadcast(&changed);
    }
}

/// Stands still as long as another worker asks for it, or, at a stop, until all go on.
void Workers::Crew::rest(bool until_start) {
    pthread_mutex_lock(&mutex);
    halt();
    while (asking > 0 || depth > 0 || (until_start && !ended && schedulers.front()->stopped())) {
        pthread_cond_wait(&changed, &mutex);
    }
    moving += ended ? 0 : 1;
    pthread_mutex_unlock(&mutex);
}

void Workers::Crew::stand_still() {
    pthread_mutex_lock(&mutex);
    if (depth > 0 && pthread_equal(holder, pthread_self())) {
        ++depth;
        pthread_mutex_unlock(&mutex);
        return;
    }
    ++asking;
    halt();
    for (Scheduler* one : schedulers) {
        one->call_attention();
    }
    while (moving > 0 || depth > 0) {
        pthread_cond_wait(&changed, &mutex);
    }
    --asking;
    depth = 1;
    holder = pthread_self();
    pthread_mutex_unlock(&mutex);
}

void Workers::Crew::go_on() {
    pthread_mutex_lock(&mutex);
    if (--depth == 0) {
        moving += ended ? 0 : 1;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&mutex);
}

bool stay_on_processor(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(processor) % static_cast<unsigned>(sysconf(_SC_NPROCESSORS_CONF)), &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

Workers::Workers(unsigned count, int processor) : _crew(std::make_unique<Crew>()) {
    _schedulers.push_back(std::make_unique<Scheduler>());
    for (unsigned worker = 1; worker < count; ++worker) {
        _schedulers.push_back(std::make_unique<Scheduler>(worker, first()));
        _crew->threads.push_back(
            {_schedulers.back().get(), processor < 0 ? -1 : processor + static_cast<int>(worker), {}});
    }
    for (const auto& one : _schedulers) {
        _crew->schedulers.push_back(one.get());
    }
}

Workers::~Workers() = default;

std::span<Scheduler* const> Workers::others() const { return std::span(_crew->schedulers).subspan(1); }

void* Workers::run_thread(void* thread) {
    const auto& self = *static_cast<Thread*>(thread);
    worker::number = self.scheduler->worker();
    if (self.processor >= 0) {
        // Worker 0 has said so when it could not.
        stay_on_processor(self.processor);
    }
    for (;;) {
        running->rest(true);
        if (running->ended) {
            return nullptr;
        }
        self.scheduler->run();
    }
}

void Workers::start() {
    if (_crew->threads.empty()) {
        return;
    }
    running = _crew.get();
    _crew->moving = static_cast<unsigned>(_schedulers.size());
    for (unsigned worker = 0; worker < _schedulers.size(); ++worker) {
        poller::let_be_woken(worker);
    }
    // Signals are for worker 0.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (Thread& thread : _crew->threads) {
        if (pthread_create(&thread.id, nullptr, run_thread, &thread) != 0) {
            platform::panic("cannot start a thread");
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Workers::end() {
    if (_crew->threads.empty()) {
        return;
    }
    _crew->stand_still();
    _crew->ended = true;
    _crew->go_on();
    for (const Thread& thread : _crew->threads) {
        pthread_join(thread.id, nullptr);
    }
    running = nullptr;
}

namespace platform {

void stand_still() {
    if (running) {
        running->stand_still();
    }
}

void go_on() {
    if (running) {
        running->go_on();
    }
}

void stand_by() {
    if (running) {
        running->rest(false);
    }
}

}  // namespace platform

}  // namespace click
