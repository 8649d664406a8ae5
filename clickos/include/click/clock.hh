// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

/// Time as elements see it: nanoseconds, real or simulated (`--simtime`), where it jumps to the next timer when
/// nothing else is left to do.
namespace click::clock {

inline constexpr int64_t kSecond = 1'000'000'000;

/// Wall clock, nanoseconds since the Unix epoch.
int64_t now();
/// Monotonic clock, nanoseconds since an arbitrary moment.
int64_t steady();
/// Starts simulated time at 1,000,000,000 seconds.
void simulate();
bool simulated();
/// Simulated time only: moves both clocks to the monotonic time `steady`.
void advance_to(int64_t steady);
/// Seconds with six decimals, or nine where there are not whole microseconds: `1000000000.000000`.
std::string unparse(int64_t nanoseconds);

}  // namespace click::clock
