// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstring>

#include "lib/table.hh"

namespace click {

/// A number for a key that nobody who does not know `seed` can foresee, so that nobody can choose keys that collide.
inline uint64_t keyed_hash(const void* key, size_t size, uint64_t seed) {
    // Two odd constants without pattern (of the digits of pi); the seed keeps both factors from being known.
    constexpr uint64_t kFirst = 0x243f6a8885a308d3;
    constexpr uint64_t kSecond = 0x13198a2e03707345;
    auto fold = [](uint64_t a, uint64_t b) {
        __extension__ using Wide = unsigned __int128;
        Wide product = Wide{a} * b;
        return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    };
    const auto* bytes = static_cast<const uint8_t*>(key);
    uint64_t hash = seed ^ kFirst;
    uint64_t other = std::rotl(seed, 32) ^ kSecond;
    for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, bytes + at, size - at < sizeof word ? size - at : sizeof word);
        hash = fold(hash ^ word, other) + seed;
    }
    return fold(hash ^ size, other);
}

/// State of flows, found by one of `kKeys` keys of the same type (a NAT mapping has two: one a direction), in memory that
/// is taken once. It never grows and never rehashes: a call does the same little work whatever came before, and hostile
/// keys do not change that. An entry is named by its handle, a number below the capacity that a TimerWheel of the same
/// capacity takes too; references stay valid until the entry is erased.
///
/// An entry costs its value, and for each key the key and 8 bytes: a NAT mapping 16 besides keys and value, and 12 in a
/// TimerWheel.
template <typename Key, typename Value, unsigned kKeys = 1>
class FlowTable {
    static_assert(std::is_trivially_copyable_v<Key> && std::has_unique_object_representations_v<Key>,
                  "keys are hashed and compared by their bytes");

public:
    static constexpr uint32_t kNone = 0xffffffff;
    static constexpr uint32_t kMost = 0x7ffffffe / kKeys;

    /// What was found: the entry's handle, and which of its keys was asked for.
    struct Found {
        uint32_t handle = kNone;
        unsigned key = 0;
        explicit operator bool() const { return handle != kNone; }
    };

    FlowTable() = default;
    FlowTable(const FlowTable&) = delete;
    FlowTable& operator=(const FlowTable&) = delete;

    /// Takes memory for `capacity` entries (`what` they are is for the error), and forgets those that there are. -1 after
    /// a report, and nothing has changed.
    [[nodiscard]] int allocate(uint32_t capacity, const char* what, ErrorHandler& errh) {
        Table<Entry> entries;
        Table<uint32_t> buckets;
        if (capacity > kMost) {
            return errh.error("out of range: %u %s; at most %u", capacity, what, kMost);
        }
        if (entries.allocate(capacity, what, errh) < 0 ||
            buckets.allocate(uint64_t{capacity} * kKeys, what, errh) < 0) {
            return -1;
        }
        _entries = std::move(entries);
        _buckets = std::move(buckets);
        _free = _fresh = _size = 0;
        _seed = platform::entropy();
        return 0;
    }

    uint32_t capacity() const { return static_cast<uint32_t>(_entries.size()); }
    uint32_t size() const { return _size; }
    /// No entry's handle is that high or higher.
    uint32_t end() const { return _fresh; }
    bool full() const { return _size == capacity(); }

    /// For who looks up many keys at once, so that memory is asked for all of them before it is needed for the first:
    /// first where each key `lies`, then `approach` each of these places, then `find` there.
    size_t lies(const Key& key) const {
        size_t place = bucket(key);
        __builtin_prefetch(_buckets.data() + place);
        return place;
    }
    void approach(size_t place) const {
        if (_size != 0 && _buckets[place] != 0) {
            const char* entry = reinterpret_cast<const char*>(&_entries[(_buckets[place] - 1) / kKeys]);
            __builtin_prefetch(entry);
            __builtin_prefetch(entry + sizeof(Entry) - 1);
        }
    }
    Found find(const Key& key, size_t place) const {
        if (_size == 0) {
            return {};
        }
        for (uint32_t link = _buckets[place]; link != 0; link = next(link)) {
            uint32_t node = link - 1;
            if (same(_entries[node / kKeys].keys[node % kKeys], key)) {
                return {node / kKeys, node % kKeys};
            }
        }
        return {};
    }
    Found find(const Key& key) const { return _size == 0 ? Found() : find(key, bucket(key)); }

    /// A new entry with these keys, none of which the table may have; its value is `Value()`. kNone when it is full.
    uint32_t insert(const std::array<Key, kKeys>& keys) {
        if (full()) {
            return kNone;
        }
        uint32_t handle = _free == 0 ? _fresh++ : _free - 1;
        Entry& entry = _entries[handle];
        _free = _free == 0 ? 0 : entry.next[0] & ~kUnused;
        for (unsigned i = 0; i < kKeys; ++i) {
            entry.keys[i] = keys[i];
            uint32_t& head = _buckets[bucket(keys[i])];
            entry.next[i] = head;
            head = handle * kKeys + i + 1;
        }
        ++_size;
        return handle;
    }
    uint32_t insert(const Key& key) requires(kKeys == 1) { return insert(std::array<Key, 1>{key}); }

    /// Forgets an entry.
    void erase(uint32_t handle) {
        Entry& entry = _entries[handle];
        for (unsigned i = 0; i < kKeys; ++i) {
            uint32_t* link = &_buckets[bucket(entry.keys[i])];
            while (*link != handle * kKeys + i + 1) {
                link = &next(*link);
            }
            *link = entry.next[i];
        }
        entry.value = Value();
        entry.next[0] = kUnused | _free;
        _free = handle + 1;
        --_size;
    }
    void clear() {
        for_each([this](uint32_t handle) { erase(handle); });
    }

    bool has(uint32_t handle) const { return handle < _fresh && !(_entries[handle].next[0] & kUnused); }
    Value& operator[](uint32_t handle) { return _entries[handle].value; }
    const Value& operator[](uint32_t handle) const { return _entries[handle].value; }
    const Key& key(uint32_t handle, unsigned which = 0) const { return _entries[handle].keys[which]; }

    /// Calls `each(handle)` for all entries, in the order of their handles; it may erase the one that it is given.
    template <typename F>
    void for_each(F each) {
        for (uint32_t handle = 0; handle < _fresh; ++handle) {
            if (has(handle)) {
                each(handle);
            }
        }
    }

private:
    static constexpr uint32_t kUnused = 0x80000000;

    /// A link is 0 at the end, else 1 + (entry * kKeys + which key), so that fresh memory is an empty table.
    struct Entry {
        std::array<Key, kKeys> keys;
        std::array<uint32_t, kKeys> next;  ///< of the same bucket; an unused entry's [0] is kUnused | 1 + the next one
        Value value;
    };

    static bool same(const Key& a, const Key& b) { return std::memcmp(&a, &b, sizeof a) == 0; }
    uint32_t& next(uint32_t link) { return _entries[(link - 1) / kKeys].next[(link - 1) % kKeys]; }
    uint32_t next(uint32_t link) const { return _entries[(link - 1) / kKeys].next[(link - 1) % kKeys]; }
    size_t bucket(const Key& key) const {
        return static_cast<size_t>((keyed_hash(&key, sizeof key, _seed) >> 32) * _buckets.size() >> 32);
    }

    Table<Entry> _entries;
    Table<uint32_t> _buckets;  ///< the first link of each; as many as keys
    uint64_t _seed = 0;
    uint32_t _free = 0;   ///< 1 + the first entry that was used before, or 0
    uint32_t _fresh = 0;  ///< entries from here on were never used
    uint32_t _size = 0;
};

}  // namespace click
