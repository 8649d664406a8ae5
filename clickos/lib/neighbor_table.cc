// SPDX-License-Identifier: Apache-2.0
#include "lib/neighbor_table.hh"

#include <click/clock.hh>

#include <algorithm>
#include <bit>

#include "lib/format.hh"

namespace click {

namespace {

/// One IPv4 address is asked for at most ten times a second, an IPv6 address once (RFC 4861 10, RETRANS_TIMER); after ten
/// questions without an answer, every two seconds.
template <typename Address>
constexpr int64_t kAskInterval = sizeof(Address) == sizeof(uint32_t) ? clock::kSecond / 10 : clock::kSecond;
constexpr int64_t kSlowAskInterval = 2 * clock::kSecond;
constexpr uint8_t kFastQuestions = 10;
constexpr int64_t kOlder = 1000;  ///< what is just as old as POLL_TIMEOUT is not asked for yet
constexpr size_t kMemoryPart = 16;
constexpr size_t kPooledPacket = 2048 + 64 + sizeof(Packet);

uint32_t fitting(uint32_t count, size_t size) {
    size_t room = platform::spare_memory() / kMemoryPart / size;
    return static_cast<uint32_t>(std::clamp<size_t>(room, 1, count));
}

}  // namespace

template <typename Address>
int NeighborTable<Address>::set_limits(const Limits& limits, ErrorHandler& errh) {
    NeighborTable fresh;
    if (!fresh.allocate(limits, errh)) {
        return -1;
    }
    fresh.take(*this);
    *this = std::move(fresh);
    fresh._size = 0;  // NOLINT(bugprone-use-after-move): the tables change places, and it has got our old, empty ones
    return 0;
}

template <typename Address>
bool NeighborTable<Address>::allocate(const Limits& limits, ErrorHandler& errh) {
    _limits = limits;
    uint32_t entries = limits.entries != 0 ? limits.entries : fitting(kMostEntries, sizeof(Entry) + 4 * sizeof(Slot));
    // Packets that wait are packets that nobody else can have, so even a written limit ends where memory does.
    uint32_t packets = fitting(limits.packets != 0 ? limits.packets : kMostPackets, kPooledPacket);
    // At most half of the slots are in use, so that runs of used ones stay short.
    uint64_t slots = std::bit_ceil(uint64_t{entries} * 2);
    if (_slots.allocate(slots, "neighbor table slots", errh) < 0 || _entries.allocate(entries, "neighbors", errh) < 0 ||
        _waiting.allocate(packets, "waiting packets", errh) < 0) {
        return false;
    }
    _slot_mask = static_cast<uint32_t>(slots - 1);
    _slot_shift = 64 - std::countr_zero(slots);
    _factor = platform::entropy() | 1;
    return true;
}

template <typename Address>
void NeighborTable<Address>::clear() {
    while (_size > 0) {
        remove(at(_known.oldest != 0 ? _known.oldest : _asked.oldest));
    }
}

template <typename Address>
typename NeighborTable<Address>::Entry* NeighborTable<Address>::make(const Address& ip, int64_t now) {
    if (_entries.size() == 0) {
        return nullptr;
    }
    if (_size == _entries.size()) {
        remove(at(_asked.oldest != 0 ? _asked.oldest : _known.oldest));
    }
    uint32_t link = _free != 0 ? _free : ++_fresh;
    Entry& entry = at(link);
    _free = _free != 0 ? entry.newer : 0;
    entry = {};
    entry.ip = ip;
    entry.ether = EtherAddress::broadcast();
    entry.live_at = now;
    entry.asked_at = INT64_MIN / 2;
    link_by_age(entry);
    uint32_t slot = hash(ip);
    while (_slots[slot].entry != 0) {
        slot = (slot + 1) & _slot_mask;
    }
    _slots[slot] = {ip, link};
    ++_size;
    return &entry;
}

/// Where it belongs in its list; as a rule, that is the end.
template <typename Address>
void NeighborTable<Address>::link_by_age(Entry& entry) {
    List& list = list_of(entry);
    entry.newer = 0;
    entry.older = list.newest;
    while (entry.older != 0 && at(entry.older).live_at > entry.live_at) {
        entry.newer = entry.older;
        entry.older = at(entry.older).older;
    }
    (entry.older == 0 ? list.oldest : at(entry.older).newer) = link_of(entry);
    (entry.newer == 0 ? list.newest : at(entry.newer).older) = link_of(entry);
}

template <typename Address>
void NeighborTable<Address>::unlink(Entry& entry) {
    List& list = list_of(entry);
    (entry.older == 0 ? list.oldest : at(entry.older).newer) = entry.newer;
    (entry.newer == 0 ? list.newest : at(entry.newer).older) = entry.older;
}

template <typename Address>
void NeighborTable<Address>::remove(Entry& entry) {
    drop_waiting(entry, entry.waiting);
    unlink(entry);
    uint32_t slot = hash(entry.ip);
    while (_slots[slot].entry != link_of(entry)) {
        slot = (slot + 1) & _slot_mask;
    }
    // Later entries of the run move up into the gap unless they would come before their own place.
    uint32_t gap = slot;
    for (uint32_t next = (gap + 1) & _slot_mask; _slots[next].entry != 0; next = (next + 1) & _slot_mask) {
        uint32_t home = hash(_slots[next].ip);
        if (((next - home) & _slot_mask) >= ((next - gap) & _slot_mask)) {
            _slots[gap] = _slots[next];
            gap = next;
        }
    }
    _slots[gap] = {};
    entry.newer = _free;
    _free = link_of(entry);
    --_size;
}

/// Puts a packet at the end of those that wait for an entry.
template <typename Address>
void NeighborTable<Address>::append_waiting(Entry& entry, PacketPtr packet) {
    if (_waiting_count == _waiting.size()) {
        slim_packets();
    }
    if (_waiting_count == _waiting.size()) {
        ++_drops;
        return;
    }
    uint32_t link = _free_waiting != 0 ? _free_waiting : ++_fresh_waiting;
    Waiting& waiting = _waiting[link - 1];
    _free_waiting = _free_waiting != 0 ? waiting.next : 0;
    waiting = {packet.release(), 0};
    (entry.waiting == 0 ? entry.first_waiting : _waiting[entry.last_waiting - 1].next) = link;
    entry.last_waiting = link;
    ++entry.waiting;
    ++_waiting_count;
}

template <typename Address>
PacketPtr NeighborTable<Address>::take_waiting(Entry& entry) {
    uint32_t link = entry.first_waiting;
    Waiting& waiting = _waiting[link - 1];
    entry.first_waiting = waiting.next;
    waiting.next = _free_waiting;
    _free_waiting = link;
    --entry.waiting;
    --_waiting_count;
    return PacketPtr(waiting.packet);
}

template <typename Address>
void NeighborTable<Address>::drop_waiting(Entry& entry, uint32_t count) {
    for (uint32_t left = count; left > 0; --left) {
        take_waiting(entry);
    }
    _drops += count;
}

/// Makes room for one more packet: those of the oldest entries go first.
template <typename Address>
void NeighborTable<Address>::slim_packets() {
    auto most = static_cast<uint32_t>(_waiting.size());
    uint32_t surplus = _limits.slim_factor == 0 ? _waiting_count : most / _limits.slim_factor;
    uint32_t target = most - std::min(std::max(surplus, 1U), most);
    for (uint32_t link = _asked.oldest; link != 0 && _waiting_count > target; link = at(link).newer) {
        drop_waiting(at(link), std::min(at(link).waiting, _waiting_count - target));
    }
}

template <typename Address>
bool NeighborTable<Address>::ask(Entry& entry, int64_t now) {
    int64_t interval = entry.unanswered >= kFastQuestions ? kSlowAskInterval : kAskInterval<Address>;
    if (now - entry.asked_at < interval) {
        return false;
    }
    entry.asked_at = now;
    entry.unanswered = static_cast<uint8_t>(std::min(entry.unanswered + 1, int{kFastQuestions}));
    return true;
}

template <typename Address>
bool NeighborTable<Address>::wait_for(const Address& ip, PacketPtr packet, int64_t now) {
    Entry* entry = find(ip);
    entry = entry ? entry : make(ip, now);
    if (!entry) {
        return false;
    }
    if (_limits.entry_packets != 0 && entry->waiting >= _limits.entry_packets) {
        drop_waiting(*entry, 1);
    }
    append_waiting(*entry, std::move(packet));
    return ask(*entry, now);
}

template <typename Address>
bool NeighborTable<Address>::ask_again(const Address& ip, int64_t now) {
    Entry* entry = find(ip);
    return entry && ask(*entry, now);
}

template <typename Address>
void NeighborTable<Address>::note(Entry& entry, const EtherAddress& ether, int64_t now) {
    unlink(entry);
    entry.ether = ether;
    entry.known = !ether.is_broadcast();
    entry.stale = false;
    entry.unanswered = 0;
    entry.live_at = now;
    link_by_age(entry);
}

template <typename Address>
bool NeighborTable<Address>::learn(const Address& ip, const EtherAddress& ether, int64_t now) {
    return find(ip) && insert(ip, ether, now);
}

template <typename Address>
bool NeighborTable<Address>::insert(const Address& ip, const EtherAddress& ether, int64_t now) {
    Entry* entry = find(ip);
    entry = entry ? entry : make(ip, now);
    if (!entry) {
        return false;
    }
    note(*entry, ether, now);
    return entry->known && entry->waiting > 0;
}

template <typename Address>
bool NeighborTable<Address>::restore(const Address& ip, const EtherAddress& ether, int64_t live_at) {
    Entry* entry = find(ip);
    entry = entry ? entry : make(ip, live_at);
    if (entry && !(entry->known && entry->live_at > live_at)) {
        note(*entry, ether, live_at);
    }
    return entry != nullptr;
}

template <typename Address>
void NeighborTable<Address>::release(const Address& ip, PacketBatch& batch) {
    Entry* entry = find(ip);
    while (entry && entry->known && entry->waiting > 0 && !batch.full()) {
        batch.append(take_waiting(*entry));
    }
}

template <typename Address>
bool NeighborTable<Address>::erase(const Address& ip) {
    Entry* entry = find(ip);
    if (entry) {
        remove(*entry);
    }
    return entry != nullptr;
}

template <typename Address>
void NeighborTable<Address>::expire(int64_t now) {
    for (const List* list : {&_known, &_asked}) {
        while (_limits.timeout != 0 && list->oldest != 0 && now - at(list->oldest).live_at >= _limits.timeout) {
            remove(at(list->oldest));
        }
    }
    for (uint32_t link = _known.oldest; _limits.poll_after != 0 && link != 0; link = at(link).newer) {
        if (now - at(link).live_at <= _limits.poll_after) {
            break;
        }
        at(link).stale = true;
    }
}

template <typename Address>
int64_t NeighborTable<Address>::next_event() const {
    int64_t next = INT64_MAX;
    for (const List* list : {&_known, &_asked}) {
        if (_limits.timeout != 0 && list->oldest != 0) {
            next = std::min(next, at(list->oldest).live_at + _limits.timeout);
        }
    }
    for (uint32_t link = _known.oldest; _limits.poll_after != 0 && link != 0; link = at(link).newer) {
        if (!at(link).stale) {
            next = std::min(next, at(link).live_at + _limits.poll_after + kOlder);
            break;
        }
    }
    return next == INT64_MAX ? -1 : next;
}

template <typename Address>
void NeighborTable<Address>::take(NeighborTable& other) {
    for (const List* list : {&other._asked, &other._known}) {
        for (uint32_t link = list->oldest; link != 0; link = other.at(link).newer) {
            Entry& from = other.at(link);
            Entry* entry = find(from.ip);
            entry = entry ? entry : make(from.ip, from.live_at);
            if (!entry) {
                break;
            }
            note(*entry, from.ether, from.live_at);
            entry->stale = from.stale;
            entry->unanswered = from.unanswered;
            entry->asked_at = from.asked_at;
            while (from.waiting > 0) {
                append_waiting(*entry, other.take_waiting(from));
            }
        }
    }
    other.clear();
    _drops += other._drops;
    other._drops = 0;
}

template <typename Address>
std::string NeighborTable<Address>::unparse(int64_t now) const {
    std::string text;
    uint32_t known = _known.oldest;
    uint32_t asked = _asked.oldest;
    while (known != 0 || asked != 0) {
        bool next_known = asked == 0 || (known != 0 && at(known).live_at <= at(asked).live_at);
        uint32_t& link = next_known ? known : asked;
        const Entry& entry = at(link);
        text += format("%s %d %s %s\n", entry.ip.unparse().c_str(), entry.known ? 1 : 0, entry.ether.unparse().c_str(),
                       clock::unparse(now - entry.live_at).c_str());
        link = entry.newer;
    }
    return text;
}

template class NeighborTable<IPAddress>;
template class NeighborTable<IP6Address>;

}  // namespace click
