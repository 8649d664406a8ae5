// SPDX-License-Identifier: Apache-2.0
#include "lib/prefix_trie.hh"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace click {

namespace {

template <typename Address>
Address mask_of(unsigned length) {
    return length == 0 ? 0 : ~Address{0} << (8 * sizeof(Address) - length);
}

template <typename Address>
Address any(std::mt19937& random) {
    Address address = 0;
    for (size_t i = 0; i < sizeof(Address); i += sizeof(uint32_t)) {
        address |= Address{static_cast<uint32_t>(random())} << 8 * i;
    }
    return address;
}

/// Every prefix is looked at for every address.
template <typename Address>
class BruteForce {
public:
    struct Prefix {
        Address address;
        unsigned length;
        uint32_t value;
    };

    uint32_t lookup(Address address) const {
        uint32_t best = 0;
        int best_length = -1;
        for (const Prefix& prefix : prefixes) {
            if ((address & mask_of<Address>(prefix.length)) == prefix.address &&
                static_cast<int>(prefix.length) > best_length) {
                best = prefix.value;
                best_length = static_cast<int>(prefix.length);
            }
        }
        return best;
    }

    std::vector<Prefix> prefixes;
};

/// Addresses at the edges of the prefixes and anywhere.
template <typename Address>
void compare(const AddressTrie<Address>& trie, const BruteForce<Address>& brute, std::mt19937& random,
             unsigned samples) {
    for (const typename BruteForce<Address>::Prefix& prefix : brute.prefixes) {
        REQUIRE(trie.find(prefix.address, prefix.length) == prefix.value);
    }
    for (unsigned i = 0; i < samples; ++i) {
        auto address = any<Address>(random);
        if (!brute.prefixes.empty() && i % 4 != 0) {
            const typename BruteForce<Address>::Prefix& prefix = brute.prefixes[random() % brute.prefixes.size()];
            Address last = prefix.address | ~mask_of<Address>(prefix.length);
            address = i % 4 == 1   ? prefix.address
                      : i % 4 == 2 ? last + (random() & 1)
                                   : (any<Address>(random) & ~mask_of<Address>(prefix.length)) | prefix.address;
        }
        REQUIRE(trie.lookup(address) == brute.lookup(address));
    }
}

}  // namespace

TEST_CASE("an empty trie knows no address") {
    PrefixTrie trie;
    CHECK(trie.lookup(0) == PrefixTrie::kNone);
    CHECK(trie.lookup(0xffffffff) == PrefixTrie::kNone);
    CHECK(trie.find(0, 0) == PrefixTrie::kNone);
}

TEST_CASE("the longest prefix wins, whatever the order of insertion") {
    PrefixTrie trie;
    trie.insert(0x0a010203, 32, 4);
    trie.insert(0, 0, 1);
    trie.insert(0x0a010000, 16, 3);
    trie.insert(0x0a000000, 8, 2);
    CHECK(trie.lookup(0x0a010203) == 4);
    CHECK(trie.lookup(0x0a010204) == 3);
    CHECK(trie.lookup(0x0a020000) == 2);
    CHECK(trie.lookup(0x0b000000) == 1);
    trie.erase(0x0a010000, 16);
    CHECK(trie.lookup(0x0a010204) == 2);
    CHECK(trie.lookup(0x0a010203) == 4);
    trie.erase(0, 0);
    CHECK(trie.lookup(0x0b000000) == PrefixTrie::kNone);
}

TEST_CASE("a prefix that longer ones hide entirely comes back when they go") {
    PrefixTrie trie;
    trie.insert(0x0a000000, 8, 1);
    trie.insert(0x0a000000, 9, 2);
    trie.insert(0x0a800000, 9, 3);
    CHECK(trie.find(0x0a000000, 8) == 1);
    CHECK(trie.lookup(0x0a000001) == 2);
    trie.erase(0x0a000000, 9);
    CHECK(trie.lookup(0x0a000001) == 1);
    CHECK(trie.lookup(0x0a800001) == 3);
}

TEST_CASE_TEMPLATE("random prefixes come and go as in brute force", Address, uint32_t, Ip6Number) {
    // Few distinct high bits make prefixes nest; 100 prefixes keep to the small roots, 3,000 reach the large one.
    for (size_t most : {100, 3000}) {
        for (uint32_t spread : {0x00000fffU, 0xffffffffU}) {
            std::mt19937 random(static_cast<uint32_t>(most) + spread);
            AddressTrie<Address> trie;
            BruteForce<Address> brute;
            std::vector<uint32_t> free_values;
            uint32_t next_value = 1;
            for (size_t step = 0; step < most * 3; ++step) {
                bool add = brute.prefixes.empty() || (step < most ? random() % 8 != 0 : random() % 2 != 0);
                if (add) {
                    unsigned length = random() % (8 * sizeof(Address) + 1);
                    // Of the upper bits, some; and the lower ones as they come, or none.
                    Address kept = Address{spread << 20 | (spread & 0xfffff)} << (8 * sizeof(Address) - 32);
                    kept |= spread == ~0U ? ~Address{0} : 0;
                    Address address = any<Address>(random) & kept & mask_of<Address>(length);
                    if (trie.find(address, length) != AddressTrie<Address>::kNone) {
                        continue;
                    }
                    uint32_t value = next_value;
                    if (free_values.empty()) {
                        ++next_value;
                    } else {
                        value = free_values.back();
                        free_values.pop_back();
                    }
                    trie.insert(address, length, value);
                    brute.prefixes.push_back({address, length, value});
                } else {
                    size_t victim = random() % brute.prefixes.size();
                    trie.erase(brute.prefixes[victim].address, brute.prefixes[victim].length);
                    free_values.push_back(brute.prefixes[victim].value);
                    brute.prefixes[victim] = brute.prefixes.back();
                    brute.prefixes.pop_back();
                }
                if (step % (most / 4) == 0) {
                    compare(trie, brute, random, 300);
                }
            }
            compare(trie, brute, random, 2000);
            CHECK(trie.size() == brute.prefixes.size());
            while (!brute.prefixes.empty()) {
                trie.erase(brute.prefixes.back().address, brute.prefixes.back().length);
                brute.prefixes.pop_back();
            }
            compare(trie, brute, random, 100);
        }
    }
}

TEST_CASE("memory does not leak when prefixes come and go") {
    PrefixTrie trie;
    for (uint32_t i = 0; i < 1000; ++i) {
        trie.insert(i << 12, 20, i + 1);
    }
    size_t memory = trie.memory();
    for (int round = 0; round < 20; ++round) {
        for (uint32_t i = 0; i < 1000; ++i) {
            trie.erase(i << 12, 20);
        }
        for (uint32_t i = 0; i < 1000; ++i) {
            trie.insert(i << 12, 20, i + 1);
        }
    }
    CHECK(trie.memory() <= memory + 4096 * sizeof(uint32_t));
}

}  // namespace click
