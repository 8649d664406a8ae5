// SPDX-License-Identifier: Apache-2.0
#include "lib/random.hh"

#include <click/worker.hh>

#include <atomic>

#include "platform/platform.hh"

namespace click {

namespace {

/// Each worker has numbers of its own.
constinit CLICK_PER_WORKER RandomNumbers shared(1);
constinit CLICK_PER_WORKER unsigned seeded = 0;  ///< the seed that it was given last, counted from 1; 0: none

/// What other workers than the one that set it shall be seeded with.
constinit std::atomic<unsigned> seeds{0};
constinit std::atomic<uint32_t> common_seed{0};

}  // namespace

RandomNumbers& random_numbers() {
    if constexpr (kSeveralWorkers) {
        if (unsigned given = seeds.load(std::memory_order_acquire); seeded != given) [[unlikely]] {
            seeded = given;
            shared.seed(common_seed.load(std::memory_order_relaxed) + worker::current());
        }
    }
    if (seeded == 0) [[unlikely]] {
        seed_random_numbers(nullptr);
    }
    return shared;
}

void seed_random_numbers(const uint32_t* number) {
    uint32_t seed = number ? *number : static_cast<uint32_t>(platform::entropy());
    shared.seed(seed);
    if constexpr (kSeveralWorkers) {
        common_seed.store(seed, std::memory_order_relaxed);
        seeded = seeds.fetch_add(1, std::memory_order_release) + 1;
    } else {
        seeded = 1;
    }
}

}  // namespace click
