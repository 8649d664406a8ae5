// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <vector>

namespace click {

class Element;
class Task;

/// Tells tasks that it pays to run again: a queue that is no longer empty wakes who pulls from it, one that is no longer
/// full wakes who pushes into it.
class Notifier {
public:
    bool active() const { return _active.load(std::memory_order_relaxed); }
    void wake();
    void sleep() { _active.store(false, std::memory_order_relaxed); }
    /// As `wake` and `sleep`, where another worker does the other one. Whoever sleeps looks afterwards once more whether
    /// there is reason to: then one of both sees what the other one did.
    void wake_others() {
        if (!_active.load()) {
            wake();
        }
    }
    void sleep_before_look() { _active.store(false); }
    void listen(Task& task) { _listeners.push_back(&task); }

private:
    std::atomic<bool> _active{true};
    std::vector<Task*> _listeners;
};

/// What a task knows about where its packets come from (or go to): whether any source says that there is work.
class NotifierSignal {
public:
    /// All empty-notifiers that input `port` of `element` can be fed by; `task` is woken by any of them.
    /// Where a source has none, the signal is always active.
    static NotifierSignal upstream_empty(Element& element, int port, Task* task);
    /// All full-notifiers that output `port` can push into; active when any of them is.
    static NotifierSignal downstream_full(Element& element, int port, Task* task);

    bool active() const;

private:
    bool passes(Notifier* offered);
    void wake(Task* task);

    bool _always = true;
    std::vector<Notifier*> _notifiers;
};

}  // namespace click
