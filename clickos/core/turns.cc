// SPDX-License-Identifier: Apache-2.0
#include <click/packet_walk.hh>
#include <click/router.hh>
#include <click/storage.hh>
#include <click/task.hh>
#include <click/turns.hh>

#include <algorithm>

namespace click {

namespace {

/// A burst beyond this means "all that there is", which a queue's room cannot be measured by.
constexpr uint64_t kLargestBurst = 1U << 16;

}  // namespace

uint64_t Task::turn_budget(uint64_t burst, uint64_t left) {
    burst = std::max<uint64_t>(burst, 1);
    if (!_turns) {
        return std::min(burst, left);
    }
    _counts_turns = true;
    _burst = burst;
    _turns_left = left / burst;
    if (_rounds == _turns->_now) {
        _turns->start_round();
    }
    // Who slept has no claim to the rounds that it slept through.
    _granted = _turns->_now - std::max(_rounds, _turns->_before);
    _rounds = _turns->_now;
    return burst > left / _granted ? left : burst * _granted;
}

void Task::turn_moved(uint64_t packets) {
    uint64_t used = packets / _burst + (packets % _burst != 0 ? 1 : 0);
    _rounds -= used < _granted ? _granted - used : 0;
    _turns_left -= std::min(used, _turns_left);
    _granted = 0;
}

void Turns::remove(Task& task) { std::erase(_tasks, &task); }

void Turns::start_round() {
    _before = _now;
    _now += rounds_together();
}

uint64_t Turns::rounds_together() {
    if (_quiet < kQuietRounds) {
        ++_quiet;
        return 1;
    }
    if (!_surveyed) {
        survey();
    }
    if (!_order_known) {
        _order_shows = order_shows();
        _order_known = true;
    }
    if (_order_shows || _queue_shared) {
        return 1;
    }
    uint64_t least = kPackets;
    uint64_t most = 1;
    uint64_t turns_left = ~uint64_t{0};
    int tickets = 0;
    for (const Task* task : _tasks) {
        if (!task->_counts_turns) {
            continue;
        }
        if (tickets != 0 && task->tickets() != tickets) {
            return 1;
        }
        tickets = task->tickets();
        least = std::min(least, task->_burst);
        if (task->_burst <= kLargestBurst && task->element()->noutputs() > 0) {
            most = std::max(most, task->_burst);
        }
        if (task->_turns_left != 0) {
            turns_left = std::min(turns_left, task->_turns_left);
        }
    }
    uint64_t together = kPackets / least;
    // Twice as much as is started now: a task may have such a round's turn yet to come.
    bool near_end = turns_left < 4 * together;
    bool near_full = std::any_of(_storages.begin(), _storages.end(), [&](const Use& use) {
        return use.storage->room() < 2 * together * most * use.pushers;
    });
    return near_end || near_full ? 1 : together;
}

bool Turns::order_shows() const {
    unsigned shows = 0;
    bool joins = false;
    for (const auto& element : _router.elements()) {
        shows += element->shows_order() ? 1 : 0;
        joins |= element->ninputs() > 1;
    }
    if (shows == 1 && !joins) {
        std::vector<bool> fed(_router.elements().size(), false);
        for (const RouterDefinition::Connection& one : _router.definition().connections) {
            auto to = static_cast<size_t>(one.to);
            joins |= fed[to];
            fed[to] = true;
        }
    }
    return shows > 1 || (shows == 1 && joins);
}

/// Finds who pushes into and who pulls from each storage.
void Turns::survey() {
    _surveyed = true;
    std::vector<unsigned> pushers(_router.elements().size(), 0);
    std::vector<unsigned> pullers(_router.elements().size(), 0);
    auto count = [](std::vector<unsigned>& counts) {
        return [&counts](Element& peer, int) {
            bool stores = peer.as<Storage>() != nullptr;
            counts[static_cast<size_t>(peer.index())] += stores ? 1 : 0;
            return !stores;
        };
    };
    for (const Task* task : _tasks) {
        const Element& owner = *task->element();
        PacketWalk down(_router, PacketWalk::Way::Downstream);
        for (int port = 0; port < owner.noutputs(); ++port) {
            if (owner.output_is_push(port)) {
                down.from(owner, port, count(pushers));
            }
        }
        PacketWalk up(_router, PacketWalk::Way::Upstream);
        for (int port = 0; port < owner.ninputs(); ++port) {
            if (owner.input_is_pull(port)) {
                up.from(owner, port, count(pullers));
            }
        }
    }
    for (const auto& element : _router.elements()) {
        auto index = static_cast<size_t>(element->index());
        _queue_shared |= pullers[index] > 1;
        if (pushers[index] > 0) {
            _storages.push_back({element->as<Storage>(), pushers[index]});
        }
    }
}

}  // namespace click
