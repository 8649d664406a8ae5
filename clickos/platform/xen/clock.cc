// SPDX-License-Identifier: Apache-2.0
//
// Xen's clocks: a page says what the time was at a count of the processor's time stamp counter, and how fast that counts
// (xen.h, struct vcpu_time_info). Both are read without a call, and again when Xen changed them in between.
#include <atomic>

#include "platform/platform.hh"
#include "platform/xen/machine.hh"

namespace click::platform {

namespace {

constexpr int64_t kSecond = 1'000'000'000;

uint64_t counter() {
    uint32_t low, high;
    asm volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
    return uint64_t{high} << 32 | low;
}

/// Copies what Xen guards with a version: odd while it writes, another one afterwards.
template <typename T, typename Version>
T read_guarded(const volatile Version& version, const T& source) {
    for (;;) {
        Version before = version;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        T copy;
        std::memcpy(&copy, &source, sizeof copy);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (!(before & 1) && version == before) {
            return copy;
        }
    }
}

/// Nanoseconds since the host started: in another domain than before, another clock.
int64_t system_time() {
    const vcpu_time_info& shared = xen::machine.shared->vcpu_info[0].time;
    vcpu_time_info time = read_guarded(shared.version, shared);
    uint64_t ticks = counter() - time.tsc_timestamp;
    ticks = time.tsc_shift < 0 ? ticks >> -time.tsc_shift : ticks << time.tsc_shift;
    auto since = static_cast<uint64_t>(static_cast<unsigned __int128>(ticks) * time.tsc_to_system_mul >> 32);
    return static_cast<int64_t>(time.system_time + since);
}

}  // namespace

int64_t monotonic_clock() { return system_time() + xen::machine.clock_offset; }

int64_t wall_clock() {
    struct Base {
        uint32_t version;
        uint32_t seconds;
        uint32_t nanoseconds;
        uint32_t seconds_high;
    };
    const shared_info& shared = *xen::machine.shared;
    static_assert(offsetof(shared_info, wc_sec_hi) == offsetof(shared_info, wc_version) + offsetof(Base, seconds_high));
    Base base = read_guarded(shared.wc_version, reinterpret_cast<const Base&>(shared.wc_version));
    int64_t seconds = static_cast<int64_t>(uint64_t{base.seconds_high} << 32 | base.seconds);
    return seconds * kSecond + base.nanoseconds + system_time();
}

}  // namespace click::platform
