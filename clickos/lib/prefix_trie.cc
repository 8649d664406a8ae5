// SPDX-License-Identifier: Apache-2.0
#include "lib/prefix_trie.hh"

#include <algorithm>
#include <bit>

namespace click {

namespace {

constexpr unsigned kSmallRoot = 8;
constexpr unsigned kMediumRoot = 12;
constexpr unsigned kLargeRoot = 16;
constexpr size_t kSmallTable = 64;     ///< prefixes up to which the small root does
constexpr size_t kMediumTable = 2048;  ///< and the medium one

template <typename Address>
constexpr Address mask_of(unsigned length) {
    return length == 0 ? 0 : ~Address{0} << (8 * sizeof(Address) - length);
}

/// A number below 2^`bits` that spreads prefixes that operators choose.
size_t spread(uint64_t key, int bits) { return static_cast<size_t>(key * 0x9e3779b97f4a7c15U >> (64 - bits)); }

}  // namespace

template <typename Address>
void AddressTrie<Address>::clear() {
    _prefixes.assign(1, {});
    _index.assign(16, kNone);
    _count = 0;
    reset_root(kSmallRoot);
}

template <typename Address>
void AddressTrie<Address>::reset_root(unsigned bits) {
    _root_shift = kBits - bits;
    _entries.assign(size_t{1} << bits, kNone);
    _free_tables.clear();
}

template <typename Address>
void AddressTrie<Address>::grow_root(unsigned bits) {
    reset_root(bits);
    for (uint32_t value : _index) {
        if (value != kNone) {
            paint(_prefixes[value].address, _prefixes[value].length, value);
        }
    }
}

template <typename Address>
uint32_t AddressTrie<Address>::new_table(uint32_t answer) {
    if (_free_tables.empty()) {
        auto table = static_cast<uint32_t>(_entries.size());
        if (_entries.size() + kFanout > _entries.capacity()) {
            _entries.reserve(_entries.size() + std::max(_entries.size() / 4, size_t{16 * kFanout}));
        }
        _entries.resize(_entries.size() + kFanout, answer);
        return table;
    }
    uint32_t table = _free_tables.back();
    _free_tables.pop_back();
    std::fill_n(_entries.begin() + table, kFanout, answer);
    return table;
}

/// Gives every answer below the entry at `position` to `replace`.
template <typename Address>
template <typename Replace>
void AddressTrie<Address>::for_leaves(uint32_t position, const Replace& replace) {
    uint32_t entry = _entries[position];
    if (!(entry & kChild)) {
        replace(_entries[position]);
        return;
    }
    uint32_t table = entry & ~kChild;
    for (uint32_t i = 0; i < kFanout; ++i) {
        for_leaves(table + i, replace);
    }
}

/// Makes `value` the answer for all addresses of the prefix that no longer prefix answers for.
template <typename Address>
void AddressTrie<Address>::paint(Address address, unsigned length, uint32_t value) {
    uint32_t table = 0;
    unsigned shift = _root_shift;
    uint32_t index = static_cast<uint32_t>(address >> shift);
    while (length > kBits - shift) {
        uint32_t entry = _entries[table + index];
        if (!(entry & kChild)) {
            uint32_t child = new_table(entry);
            entry = kChild | child;
            _entries[table + index] = entry;
        }
        table = entry & ~kChild;
        shift -= kStride;
        index = static_cast<uint32_t>(address >> shift) & (kFanout - 1);
    }
    uint32_t span = 1U << (kBits - shift - length);
    for (uint32_t i = 0; i < span; ++i) {
        for_leaves(table + index + i, [&](uint32_t& answer) {
            if (_prefixes[answer].length <= length) {
                answer = value;
            }
        });
    }
}

template <typename Address>
uint32_t AddressTrie<Address>::find(Address address, unsigned length) const {
    return _index[index_slot(address, length)];
}

template <typename Address>
void AddressTrie<Address>::insert(Address address, unsigned length, uint32_t value) {
    if (value >= _prefixes.size()) {
        _prefixes.resize(value + 1);
    }
    _prefixes[value] = {address, length};
    index_insert(value);
    if (_count == kSmallTable + 1 && kBits - _root_shift < kMediumRoot) {
        grow_root(kMediumRoot);
    } else if (_count == kMediumTable + 1 && kBits - _root_shift < kLargeRoot) {
        grow_root(kLargeRoot);
    } else {
        paint(address, length, value);
    }
}

template <typename Address>
void AddressTrie<Address>::erase(Address address, unsigned length) {
    size_t slot = index_slot(address, length);
    uint32_t value = _index[slot];
    index_erase(slot);
    uint32_t parent = kNone;
    for (unsigned shorter = length; parent == kNone && shorter-- > 0;) {
        parent = find(address & mask_of<Address>(shorter), shorter);
    }

    uint32_t path[kBits / kStride];
    unsigned depth = 0;
    uint32_t table = 0;
    unsigned shift = _root_shift;
    uint32_t index = static_cast<uint32_t>(address >> shift);
    while (length > kBits - shift) {
        path[depth++] = table + index;
        table = _entries[table + index] & ~kChild;
        shift -= kStride;
        index = static_cast<uint32_t>(address >> shift) & (kFanout - 1);
    }
    uint32_t span = 1U << (kBits - shift - length);
    for (uint32_t i = 0; i < span; ++i) {
        for_leaves(table + index + i, [&](uint32_t& answer) {
            if (answer == value) {
                answer = parent;
            }
        });
    }
    // A table whose entries all give one answer has no prefix of its own left (one covers at most half a table): its
    // answer moves up.
    while (depth-- > 0) {
        uint32_t child = _entries[path[depth]] & ~kChild;
        auto first = _entries.begin() + child;
        if ((*first & kChild) || std::any_of(first, first + kFanout, [&](uint32_t entry) { return entry != *first; })) {
            return;
        }
        _entries[path[depth]] = *first;
        _free_tables.push_back(child);
    }
}

template <typename Address>
size_t AddressTrie<Address>::memory() const {
    return (_entries.capacity() + _free_tables.capacity() + _index.capacity()) * sizeof(uint32_t) +
           _prefixes.capacity() * sizeof(Prefix);
}

template <typename Address>
size_t AddressTrie<Address>::hash(Address address, unsigned length) const {
    int bits = std::countr_zero(_index.size());
    if constexpr (sizeof(Address) <= sizeof(uint32_t)) {
        return spread(uint64_t{address} << 6 | length, bits);
    } else {
        constexpr uint64_t kFactor = 0xc2b2ae3d27d4eb4f;
        auto low = static_cast<uint64_t>(address);
        return spread((static_cast<uint64_t>(address >> 64) ^ low * kFactor) + length * kFactor, bits);
    }
}

/// Where the prefix is in the index, or the empty place where it would be.
template <typename Address>
size_t AddressTrie<Address>::index_slot(Address address, unsigned length) const {
    size_t slot = hash(address, length);
    while (_index[slot] != kNone) {
        const Prefix& prefix = _prefixes[_index[slot]];
        if (prefix.address == address && prefix.length == length) {
            break;
        }
        slot = (slot + 1) & (_index.size() - 1);
    }
    return slot;
}

template <typename Address>
void AddressTrie<Address>::index_insert(uint32_t value) {
    if (++_count * 2 > _index.size()) {
        std::vector<uint32_t> old(_index.size() * 2, kNone);
        old.swap(_index);
        for (uint32_t other : old) {
            if (other != kNone) {
                _index[index_slot(_prefixes[other].address, _prefixes[other].length)] = other;
            }
        }
    }
    _index[index_slot(_prefixes[value].address, _prefixes[value].length)] = value;
}

/// Empties a place and moves up what a probe would no longer reach over the gap (Knuth, volume 3, 6.4, algorithm R).
template <typename Address>
void AddressTrie<Address>::index_erase(size_t slot) {
    size_t mask = _index.size() - 1;
    --_count;
    for (size_t next = (slot + 1) & mask; _index[next] != kNone; next = (next + 1) & mask) {
        const Prefix& prefix = _prefixes[_index[next]];
        size_t home = hash(prefix.address, prefix.length);
        if (((next - home) & mask) >= ((next - slot) & mask)) {
            _index[slot] = _index[next];
            slot = next;
        }
    }
    _index[slot] = kNone;
}

template class AddressTrie<uint32_t>;
template class AddressTrie<Ip6Number>;

}  // namespace click
