// SPDX-License-Identifier: Apache-2.0
#include <click/clock.hh>

#include "lib/format.hh"
#include "platform/platform.hh"

namespace click::clock {

namespace {

constexpr int64_t kSimulatedStart = 1'000'000'000 * kSecond;
constinit int64_t simulated_now = 0;  // 0: real time

}  // namespace

int64_t now() { return simulated_now ? simulated_now : platform::wall_clock(); }

int64_t steady() { return simulated_now ? simulated_now : platform::monotonic_clock(); }

void simulate() { simulated_now = kSimulatedStart; }

bool simulated() { return simulated_now != 0; }

void advance_to(int64_t steady) {
    if (steady > simulated_now) {
        simulated_now = steady;
    }
}

std::string unparse(int64_t nanoseconds) {
    const char* sign = nanoseconds < 0 ? "-" : "";
    uint64_t magnitude = nanoseconds < 0 ? -static_cast<uint64_t>(nanoseconds) : static_cast<uint64_t>(nanoseconds);
    uint64_t fraction = magnitude % kSecond;
    bool whole_microseconds = fraction % 1000 == 0;
    return format("%s%llu.%0*llu", sign, static_cast<unsigned long long>(magnitude / kSecond),
                  whole_microseconds ? 6 : 9,
                  static_cast<unsigned long long>(whole_microseconds ? fraction / 1000 : fraction));
}

}  // namespace click::clock
