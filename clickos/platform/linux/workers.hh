// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/scheduler.hh>

#include <memory>
#include <span>
#include <vector>

namespace click {

/// The workers of this program: who makes them is worker 0, and each other one has a thread of its own.
///
/// Workers run until one of them stops, and go on together. A program has one such crew at a time.
class Workers {
public:
    /// `count` workers. With a `processor` that is not negative, each stays on one of its own, counted from there.
    explicit Workers(unsigned count, int processor = -1);
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers();

    Scheduler& first() { return *_schedulers.front(); }
    /// Those of workers 1 and following.
    std::span<Scheduler* const> others() const;

    /// Begins to run all but the first.
    void start();
    /// Ends their threads, once they have stopped.
    void end();

    /// Their threads, and which of them move.
    struct Crew;

private:
    static void* run_thread(void* thread);

    std::vector<std::unique_ptr<Scheduler>> _schedulers;
    std::unique_ptr<Crew> _crew;
};

/// Keeps the calling thread on one processor, of which the first comes after the last. False, with errno set, when it
/// cannot.
bool stay_on_processor(int processor);

}  // namespace click
