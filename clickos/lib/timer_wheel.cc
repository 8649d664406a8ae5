// SPDX-License-Identifier: Apache-2.0
//
// A hierarchical wheel (Varghese and Lauck, SOSP 1987): four levels of 64 slots, one tick wide on the first and 64 times
// wider on each next. When the time of a wide slot begins, its deadlines move to narrower ones, one at a time.
#include "lib/timer_wheel.hh"

#include <algorithm>
#include <bit>

namespace click {

int TimerWheel::allocate(uint32_t capacity, int64_t tick, int64_t now, const char* what, ErrorHandler& errh) {
    if (_links.allocate(uint64_t{capacity} + kSlots, what, errh) < 0) {
        return -1;
    }
    std::fill(_occupied, _occupied + kLevels, 0);
    _tick = tick;
    _start = now;
    _now = 0;
    return 0;
}

void TimerWheel::unlink(Link& link) {
    at(link.next).previous = link.previous;
    at(link.previous).next = link.next;
    link.next = kUnlinked;
}

/// Puts an unlinked deadline into the slot for the time that is left.
void TimerWheel::place(uint32_t handle) {
    Link& link = _links[handle];
    uint64_t left = static_cast<uint64_t>(std::max<int64_t>(ahead(link.due), 0));
    constexpr uint64_t kFurthest = (uint64_t{kLevelSlots - 1} << (kLevels - 1) * kBits);
    uint64_t tick = _now + std::min(left, kFurthest);
    auto level = left == 0 ? 0 : std::min(static_cast<unsigned>(std::bit_width(left) - 1) / kBits, kLevels - 1);
    _occupied[level] |= uint64_t{1} << (tick >> level * kBits) % kLevelSlots;
    uint32_t number = slot(level, tick);
    Link& head = at(number);
    if (head.next == kUnlinked) {
        head.next = head.previous = number;
    }
    link.next = number;
    link.previous = head.previous;
    at(head.previous).next = handle + 1;
    head.previous = handle + 1;
}

void TimerWheel::schedule(uint32_t handle, int64_t deadline) {
    int64_t ticks = deadline <= _start ? 0 : (deadline - _start - 1) / _tick + 1;
    auto due = static_cast<uint32_t>(std::max<uint64_t>(static_cast<uint64_t>(ticks), _now));
    Link& link = _links[handle];
    if (link.next != kUnlinked) {
        if (static_cast<int32_t>(due - link.due) >= 0) {
            link.due = due;  // found out when the slot's time comes
            return;
        }
        unlink(link);
    }
    link.due = due;
    place(handle);
}

void TimerWheel::cancel(uint32_t handle) {
    if (scheduled(handle)) {
        unlink(_links[handle]);
    }
}

/// The first slot whose time comes. That of a wide slot is its beginning; if that has passed, it is a round later.
TimerWheel::Event TimerWheel::next() const {
    Event event;
    for (unsigned level = 0; level < kLevels; ++level) {
        uint64_t position = _now >> level * kBits;
        bool begins = position << level * kBits == _now;
        uint64_t slots = std::rotr(_occupied[level], static_cast<int>(position % kLevelSlots));
        uint64_t later = begins ? slots : slots & ~uint64_t{1};
        if (slots == 0) {
            continue;
        }
        uint64_t distance = later != 0 ? static_cast<uint64_t>(std::countr_zero(later)) : kLevelSlots;
        uint64_t tick = (position + distance) << level * kBits;
        // Of slots that begin together the widest comes first: it may fill the others.
        if (!event.any || tick <= event.tick) {
            event = {tick, level, true};
        }
    }
    return event;
}

/// The number of a slot's first deadline, or kUnlinked, and then the slot is marked as empty.
uint32_t TimerWheel::first_of(unsigned level, uint64_t tick) {
    uint32_t number = slot(level, tick);
    uint32_t first = at(number).next;
    if (first != kUnlinked && first != number) {
        return first;
    }
    _occupied[level] &= ~(uint64_t{1} << (tick >> level * kBits) % kLevelSlots);
    return kUnlinked;
}

uint32_t TimerWheel::take_due(int64_t now, unsigned& work) {
    if (now < _start) {
        return kNone;
    }
    auto target = static_cast<uint64_t>((now - _start) / _tick);
    while (work > 0) {
        Event event = next();
        if (!event.any || event.tick > target) {
            _now = std::max(_now, target + 1);
            return kNone;
        }
        _now = event.tick;
        uint32_t number = first_of(event.level, event.tick);
        if (number == kUnlinked) {
            continue;
        }
        --work;
        unlink(at(number));
        if (event.level == 0 && ahead(at(number).due) <= 0) {
            return number - 1;
        }
        place(number - 1);
    }
    return kNone;
}

int64_t TimerWheel::next_event() const {
    Event event = next();
    return event.any ? _start + static_cast<int64_t>(event.tick) * _tick : -1;
}

uint32_t TimerWheel::earliest() {
    constexpr unsigned kMostMoves = 16;
    for (unsigned moves = 0;;) {
        Event event = next();
        if (!event.any) {
            return kNone;
        }
        uint32_t number = first_of(event.level, event.tick);
        if (number == kUnlinked) {
            continue;
        }
        // A deadline that was moved away since it came to this slot goes where it belongs now.
        uint64_t end = event.tick + (uint64_t{1} << event.level * kBits);
        if (static_cast<int64_t>(_now) + ahead(at(number).due) < static_cast<int64_t>(end) || moves == kMostMoves) {
            return number - 1;
        }
        ++moves;
        unlink(at(number));
        place(number - 1);
    }
}

}  // namespace click
