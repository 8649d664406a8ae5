// SPDX-License-Identifier: Apache-2.0
//
// Nanoseconds a lookup and bytes a prefix, for tables of a router at the edge and of one in the core. The prefixes have
// the lengths that prefixes of the Internet's routing table have (most are /24, then /22, /23, /20, /21, /16, /19).
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

#include "lib/prefix_trie.hh"

namespace {

using click::PrefixTrie;

double nanoseconds(auto work) {
    auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

void measure(size_t prefixes) {
    std::mt19937 random(1);
    std::discrete_distribution<unsigned> lengths(
        {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 5, 10, 20, 40, 70, 520, 300, 480, 970, 1700, 2000, 4600, 3700, 22000});
    PrefixTrie trie;
    uint32_t value = 0;
    double insertion = nanoseconds([&] {
        while (trie.size() < prefixes) {
            unsigned length = lengths(random);
            uint32_t address = (0x01000000U + random() % 0xdf000000U) & (~uint32_t{0} << (32 - length));
            if (trie.find(address, length) == PrefixTrie::kNone) {
                trie.insert(address, length, ++value);
            }
        }
    });
    std::vector<uint32_t> addresses(1U << 16);
    for (uint32_t& address : addresses) {
        address = random();
    }
    constexpr unsigned kRounds = 100;
    uint32_t sum = 0;
    double lookup = nanoseconds([&] {
        for (unsigned round = 0; round < kRounds; ++round) {
            for (uint32_t address : addresses) {
                sum += trie.lookup(address);
            }
        }
    });
    // Each lookup waits for the one before: what one packet costs that nothing else hides.
    double chained = nanoseconds([&] {
        for (unsigned round = 0; round < kRounds; ++round) {
            for (uint32_t address : addresses) {
                sum = trie.lookup(address ^ (sum & 1));
            }
        }
    });
    double count = static_cast<double>(kRounds * addresses.size());
    std::printf("%9zu %10.1f %10.1f %10.1f %10.1f %10.1f %12u\n", prefixes, lookup / count, chained / count,
                insertion / static_cast<double>(prefixes), static_cast<double>(trie.memory()) / 1024,
                static_cast<double>(trie.memory()) / static_cast<double>(prefixes), sum);
}

}  // namespace

int main() {
    std::printf("%9s %10s %10s %10s %10s %10s %12s\n", "prefixes", "ns/lookup", "ns chained", "ns/insert", "KiB",
                "B/prefix", "(checksum)");
    for (size_t prefixes : {10, 100, 1'000, 10'000, 200'000, 1'000'000}) {
        measure(prefixes);
    }
    return 0;
}
