// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace click {

class Router;
class Storage;
class Task;

/// How much a turn takes of what there is.
///
/// A configuration written for Click moves one packet a turn (BURST 1), which is the dear way through the graph. Tasks of
/// equal tickets take turns in rounds; while nothing tells the difference, several rounds are taken together: each task
/// moves in one turn what it would have moved in k (`Task::turn_budget`). Shares, rates, and the packets that are where
/// at the end of such a round are those of k rounds of Click. Rounds are taken one by one, as configured,
///
/// - in the first kQuietRounds, and again after a handler was written or a task that does not count its turns had one;
/// - while a LIMIT is near, so that what happens then finds everything as it would be in Click;
/// - while a queue is nearly full, so that nothing is dropped that Click would not drop;
/// - in a router in which several elements show the order in which packets pass (`Element::shows_order`), or one does
///   and ways of packets join, or several tasks pull from one queue.
///
/// What does tell are a queue's `highwater_length`, which grows to what a turn moves, and timestamps, of which a turn
/// has one.
class Turns {
public:
    /// What a turn moves when its burst is smaller and nothing speaks against it.
    static constexpr unsigned kPackets = 32;
    static constexpr unsigned kQuietRounds = 256;

    explicit Turns(const Router& router) : _router(router) {}

    /// Goes back to single rounds for a while: something happened whose place between the turns may be seen.
    void disturb() {
        _quiet = 0;
        _order_known = false;
    }

private:
    friend class Task;
    struct Use {
        Storage* storage;
        unsigned pushers;
    };

    void add(Task& task) { _tasks.push_back(&task); }
    void remove(Task& task);
    void start_round();
    uint64_t rounds_together();
    bool order_shows() const;
    void survey();

    const Router& _router;
    std::vector<Task*> _tasks;
    std::vector<Use> _storages;
    uint64_t _before = 0;  ///< rounds until the last ones that were started together
    uint64_t _now = 0;     ///< rounds with them
    unsigned _quiet = 0;
    bool _surveyed = false;
    bool _queue_shared = false;  ///< several tasks pull from one
    bool _order_known = false;
    bool _order_shows = true;
};

}  // namespace click
