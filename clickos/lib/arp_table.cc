// SPDX-License-Identifier: Apache-2.0
#include "lib/arp_table.hh"

#include <click/clock.hh>

#include <algorithm>
#include <bit>

#include "lib/format.hh"

namespace click {

namespace {

/// One address is asked for at most ten times a second, and after ten questions without an answer every two seconds.
constexpr int64_t kAskInterval = clock::kSecond / 10;
constexpr int64_t kSlowAskInterval = 2 * clock::kSecond;
constexpr uint8_t kFastQuestions = 10;
constexpr uint32_t kFewestSlots = 64;

}  // namespace

void ArpTable::clear() {
    for (uint32_t i = _oldest; i != kNone; i = _entries[i].newer) {
        _drops += _entries[i].waiting.size();
    }
    _entries.clear();
    _free.clear();
    _oldest = _newest = kNone;
    _size = 0;
    _waiting = 0;
    resize_slots(kFewestSlots);
}

void ArpTable::resize_slots(uint32_t count) {
    _slots.assign(count, {});
    _slot_mask = count - 1;
    _slot_shift = 32 - std::countr_zero(count);
    for (uint32_t i = _oldest; i != kNone; i = _entries[i].newer) {
        fill_slot(_entries[i].ip, i);
    }
}

void ArpTable::fill_slot(IPAddress ip, uint32_t index) {
    uint32_t slot = hash(ip);
    while (_slots[slot].entry != kNone) {
        slot = (slot + 1) & _slot_mask;
    }
    _slots[slot] = {ip, index};
}

uint32_t ArpTable::find(IPAddress ip) const {
    for (uint32_t slot = hash(ip); _slots[slot].entry != kNone; slot = (slot + 1) & _slot_mask) {
        if (_slots[slot].ip == ip) {
            return _slots[slot].entry;
        }
    }
    return kNone;
}

uint32_t ArpTable::ensure(IPAddress ip, int64_t now) {
    uint32_t index = find(ip);
    if (index != kNone) {
        return index;
    }
    while (_size >= most_entries()) {
        remove(_oldest);
    }
    if (_free.empty()) {
        index = static_cast<uint32_t>(_entries.size());
        _entries.emplace_back();
    } else {
        index = _free.back();
        _free.pop_back();
    }
    _entries[index].ip = ip;
    _entries[index].live_at = now;
    link_newest(index);
    // At most half of the slots are in use, so that runs of used ones stay short.
    if (++_size * 2 > _slots.size()) {
        resize_slots(static_cast<uint32_t>(_slots.size() * 2));
    } else {
        fill_slot(ip, index);
    }
    return index;
}

void ArpTable::link_newest(uint32_t index) {
    _entries[index].older = _newest;
    _entries[index].newer = kNone;
    (_newest == kNone ? _oldest : _entries[_newest].newer) = index;
    _newest = index;
}

void ArpTable::unlink(uint32_t index) {
    const Entry& entry = _entries[index];
    (entry.older == kNone ? _oldest : _entries[entry.older].newer) = entry.newer;
    (entry.newer == kNone ? _newest : _entries[entry.newer].older) = entry.older;
}

void ArpTable::remove(uint32_t index) {
    Entry& entry = _entries[index];
    drop_waiting(entry, entry.waiting.size());
    unlink(index);
    uint32_t slot = hash(entry.ip);
    while (_slots[slot].entry != index) {
        slot = (slot + 1) & _slot_mask;
    }
    // Later entries of the run move up into the gap unless they would come before their own place.
    uint32_t gap = slot;
    for (uint32_t next = (gap + 1) & _slot_mask; _slots[next].entry != kNone; next = (next + 1) & _slot_mask) {
        uint32_t home = hash(_slots[next].ip);
        if (((next - home) & _slot_mask) >= ((next - gap) & _slot_mask)) {
            _slots[gap] = _slots[next];
            gap = next;
        }
    }
    _slots[gap] = {};
    entry = Entry();
    _free.push_back(index);
    --_size;
}

void ArpTable::drop_waiting(Entry& entry, size_t count) {
    entry.waiting.erase(entry.waiting.begin(), entry.waiting.begin() + static_cast<ptrdiff_t>(count));
    _waiting -= static_cast<uint32_t>(count);
    _drops += count;
}

/// Makes room for one more packet: those of the oldest entries go first.
void ArpTable::slim_packets() {
    uint32_t surplus = _limits.slim_factor == 0 ? _waiting : _limits.packets / _limits.slim_factor;
    uint32_t target = _limits.packets - std::min(std::max(surplus, 1U), _limits.packets);
    for (uint32_t i = _oldest; i != kNone && _waiting > target; i = _entries[i].newer) {
        drop_waiting(_entries[i], std::min<size_t>(_entries[i].waiting.size(), _waiting - target));
    }
}

bool ArpTable::ask(Entry& entry, int64_t now) {
    int64_t interval = entry.unanswered >= kFastQuestions ? kSlowAskInterval : kAskInterval;
    if (now - entry.asked_at < interval) {
        return false;
    }
    entry.asked_at = now;
    entry.unanswered = static_cast<uint8_t>(std::min(entry.unanswered + 1, int{kFastQuestions}));
    return true;
}

bool ArpTable::wait_for(IPAddress ip, PacketPtr packet, int64_t now) {
    if (_limits.packets != 0 && _waiting >= _limits.packets) {
        slim_packets();
    }
    Entry& entry = _entries[ensure(ip, now)];
    if (_limits.entry_packets != 0 && entry.waiting.size() >= _limits.entry_packets) {
        drop_waiting(entry, 1);
    }
    entry.waiting.push_back(std::move(packet));
    ++_waiting;
    return ask(entry, now);
}

bool ArpTable::ask_again(IPAddress ip, int64_t now) {
    uint32_t index = find(ip);
    return index != kNone && ask(_entries[index], now);
}

void ArpTable::learn(IPAddress ip, const EtherAddress& ether, int64_t now, std::vector<PacketPtr>& released) {
    uint32_t index = ensure(ip, now);
    Entry& entry = _entries[index];
    entry.ether = ether;
    entry.known = !ether.is_broadcast();
    entry.stale = false;
    entry.unanswered = 0;
    entry.live_at = now;
    unlink(index);
    link_newest(index);
    _waiting -= static_cast<uint32_t>(entry.waiting.size());
    std::move(entry.waiting.begin(), entry.waiting.end(), std::back_inserter(released));
    entry.waiting.clear();
}

bool ArpTable::erase(IPAddress ip) {
    uint32_t index = find(ip);
    if (index == kNone) {
        return false;
    }
    remove(index);
    return true;
}

void ArpTable::expire(int64_t now) {
    while (_limits.timeout != 0 && _oldest != kNone && now - _entries[_oldest].live_at >= _limits.timeout) {
        remove(_oldest);
    }
    for (uint32_t i = _oldest; _limits.poll_after != 0 && i != kNone; i = _entries[i].newer) {
        if (now - _entries[i].live_at < _limits.poll_after) {
            break;
        }
        _entries[i].stale = _entries[i].known;
    }
}

int64_t ArpTable::next_event() const {
    int64_t next = -1;
    if (_limits.timeout != 0 && _oldest != kNone) {
        next = _entries[_oldest].live_at + _limits.timeout;
    }
    for (uint32_t i = _oldest; _limits.poll_after != 0 && i != kNone; i = _entries[i].newer) {
        if (_entries[i].known && !_entries[i].stale) {
            int64_t stale_at = _entries[i].live_at + _limits.poll_after;
            return next < 0 ? stale_at : std::min(next, stale_at);
        }
    }
    return next;
}

void ArpTable::take(ArpTable& other) {
    for (uint32_t i = other._oldest; i != kNone; i = other._entries[i].newer) {
        Entry& from = other._entries[i];
        Entry& entry = _entries[ensure(from.ip, from.live_at)];
        entry.ether = from.ether;
        entry.known = from.known;
        entry.stale = from.stale;
        entry.unanswered = from.unanswered;
        entry.asked_at = from.asked_at;
        _waiting += static_cast<uint32_t>(from.waiting.size());
        other._waiting -= static_cast<uint32_t>(from.waiting.size());
        entry.waiting = std::move(from.waiting);
        from.waiting.clear();
    }
    _drops += other._drops;
    other.clear();
    if (_limits.packets != 0 && _waiting > _limits.packets) {
        slim_packets();
    }
}

std::string ArpTable::unparse(int64_t now) const {
    std::string text;
    for (uint32_t i = _oldest; i != kNone; i = _entries[i].newer) {
        const Entry& entry = _entries[i];
        text += format("%s %d %s %s\n", entry.ip.unparse().c_str(), entry.known ? 1 : 0, entry.ether.unparse().c_str(),
                       clock::unparse(now - entry.live_at).c_str());
    }
    return text;
}

}  // namespace click
