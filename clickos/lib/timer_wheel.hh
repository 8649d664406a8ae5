// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lib/table.hh"

namespace click {

/// Deadlines of a fixed number of things, each named by a number below the capacity (a FlowTable's handle), in memory that
/// is taken once: 12 bytes each. Setting, moving and cancelling one are a few instructions whatever the number, and a
/// deadline that only moves away (the usual case: a flow is used again) costs one write.
///
/// Time goes in ticks of a length of choice: a deadline is due at most one tick late, never early. Deadlines further
/// away than 2^31 ticks are not to be set.
class TimerWheel {
public:
    static constexpr uint32_t kNone = 0xffffffff;

    TimerWheel() = default;
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    /// Takes memory for `capacity` deadlines (`what` has them is for the error) and forgets all. `tick` is in nanoseconds,
    /// as are all times. -1 after a report, and nothing has changed.
    [[nodiscard]] int allocate(uint32_t capacity, int64_t tick, int64_t now, const char* what, ErrorHandler& errh);

    uint32_t capacity() const { return static_cast<uint32_t>(_links.size() - (_links.size() != 0 ? kSlots : 0)); }

    /// Sets or moves the deadline of `handle`; one that has passed is due within a tick.
    void schedule(uint32_t handle, int64_t deadline);
    void cancel(uint32_t handle);
    bool scheduled(uint32_t handle) const { return _links[handle].next != kUnlinked; }
    /// When `handle`, which must be scheduled, is due: its deadline, rounded up to a tick.
    int64_t deadline(uint32_t handle) const { return time_of(_links[handle].due); }

    /// Takes one that is due at `now` off the wheel: its handle, or kNone when no more is. To take one, or to move one to
    /// its next place, counts `work` down: 0 left means that there may be more.
    uint32_t take_due(int64_t now, unsigned& work);

    /// Calls `expired(handle)` for what is due; takes and moves at most `most`, so that a turn has an end however many
    /// flows end at once. False when there may be more.
    template <typename F>
    bool advance(int64_t now, F expired, unsigned most = 256) {
        while (most > 0) {
            uint32_t handle = take_due(now, most);
            if (handle == kNone) {
                return most > 0;
            }
            expired(handle);
        }
        return false;
    }

    /// When `advance` has something to do next, or -1. That may be no more than to look again.
    int64_t next_event() const;

    /// One of those whose deadlines come first, within the resolution of the wheel; kNone when there is none. It is
    /// what a full table can best do without.
    uint32_t earliest();

private:
    static constexpr unsigned kBits = 6;
    static constexpr unsigned kLevels = 4;
    static constexpr uint32_t kLevelSlots = 1U << kBits;
    static constexpr uint32_t kSlots = kLevels * kLevelSlots;
    static constexpr uint32_t kUnlinked = 0;

    /// Rings of deadlines, each with its slot: the slots follow the deadlines. Numbers are one more than indexes, so that
    /// fresh memory is unlinked.
    struct Link {
        uint32_t next;
        uint32_t previous;
        uint32_t due;  ///< the tick, which may be later than the slot says, never earlier
    };
    /// The slot that is looked at next.
    struct Event {
        uint64_t tick = 0;
        unsigned level = 0;
        bool any = false;
    };

    Link& at(uint32_t number) { return _links[number - 1]; }
    uint32_t slot(unsigned level, uint64_t tick) const {
        return capacity() + level * kLevelSlots + (tick >> level * kBits) % kLevelSlots + 1;
    }
    int64_t ahead(uint32_t due) const { return static_cast<int32_t>(due - static_cast<uint32_t>(_now)); }
    int64_t time_of(uint32_t due) const { return _start + (static_cast<int64_t>(_now) + ahead(due)) * _tick; }
    Event next() const;
    void place(uint32_t handle);
    void unlink(Link& link);
    uint32_t first_of(unsigned level, uint64_t tick);

    Table<Link> _links;
    uint64_t _occupied[kLevels] = {};  ///< a bit for each slot that may have deadlines
    int64_t _tick = 1;
    int64_t _start = 0;
    uint64_t _now = 0;  ///< the first tick that is not finished
};

}  // namespace click
