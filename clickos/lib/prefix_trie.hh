// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace click {

/// An IPv6 address as a number.
__extension__ using Ip6Number = unsigned __int128;

/// Longest-prefix match of addresses as numbers (uint32_t for IPv4, Ip6Number for IPv6): a multibit trie.
///
/// The root table is indexed by the first 8, 12 or 16 bits (it grows with the number of prefixes, so that a small table
/// fits the first-level cache and a large one needs few steps); each further table by the next four, 64 bytes in all.
/// Every entry holds its answer (shorter prefixes are pushed down into the entries that they cover), so that a lookup
/// only ever reads one word a level and keeps no memory of what it passed.
///
/// A prefix is known by a value that its user chooses: small numbers above 0, each used once.
template <typename Address>
class AddressTrie {
public:
    static constexpr uint32_t kNone = 0;
    static constexpr unsigned kBits = 8 * sizeof(Address);

    AddressTrie() { clear(); }

    /// The value of the longest prefix that contains `address`, or kNone.
    uint32_t lookup(Address address) const {
        const uint32_t* entries = _entries.data();
        unsigned shift = _root_shift;
        uint32_t entry = entries[static_cast<uint32_t>(address >> shift)];
        while (entry & kChild) {
            shift -= kStride;
            entry = entries[(entry & ~kChild) + (static_cast<uint32_t>(address >> shift) & (kFanout - 1))];
        }
        return entry;
    }

    /// The value of exactly this prefix, or kNone.
    uint32_t find(Address address, unsigned length) const;
    /// Adds a prefix that is not there yet. Bits of `address` beyond `length` (0..kBits) must be 0.
    void insert(Address address, unsigned length, uint32_t value);
    /// Removes a prefix that is there.
    void erase(Address address, unsigned length);
    void clear();

    size_t size() const { return _count; }
    /// Bytes of memory in use.
    size_t memory() const;

private:
    static constexpr uint32_t kChild = 0x80000000U;
    static constexpr unsigned kStride = 4;
    static constexpr unsigned kFanout = 1U << kStride;

    struct Prefix {
        Address address = 0;
        uint32_t length = 0;
    };

    void reset_root(unsigned bits);
    void grow_root(unsigned bits);
    void paint(Address address, unsigned length, uint32_t value);
    uint32_t new_table(uint32_t answer);
    template <typename Replace>
    void for_leaves(uint32_t position, const Replace& replace);
    size_t hash(Address address, unsigned length) const;
    size_t index_slot(Address address, unsigned length) const;
    void index_insert(uint32_t value);
    void index_erase(size_t slot);

    std::vector<uint32_t> _entries;      ///< the root table, then tables of kFanout entries
    std::vector<uint32_t> _free_tables;  ///< where unused tables begin
    std::vector<Prefix> _prefixes;       ///< by value
    std::vector<uint32_t> _index;        ///< values by prefix: open addressing, linear probing, 0 is empty
    size_t _count = 0;
    unsigned _root_shift = 0;
};

using PrefixTrie = AddressTrie<uint32_t>;
using Ip6PrefixTrie = AddressTrie<Ip6Number>;

}  // namespace click
