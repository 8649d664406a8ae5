// SPDX-License-Identifier: Apache-2.0
#include "lib/random.hh"

#include "platform/platform.hh"

namespace click {

namespace {

constinit RandomNumbers shared(1);
constinit bool seeded = false;

}  // namespace

RandomNumbers& random_numbers() {
    if (!seeded) [[unlikely]] {
        seed_random_numbers(nullptr);
    }
    return shared;
}

void seed_random_numbers(const uint32_t* number) {
    seeded = true;
    shared.seed(number ? *number : static_cast<uint32_t>(platform::entropy()));
}

}  // namespace click
