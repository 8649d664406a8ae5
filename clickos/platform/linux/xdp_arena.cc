// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/xdp_arena.hh"

#include <sys/mman.h>

#include <click/worker.hh>

#include <cstring>

namespace click::xdp_arena {

namespace {

constexpr uint32_t kCached = 256;  ///< free chunks that a worker keeps at most

/// Free chunks of all workers.
struct Stock {
    SpinLock lock;
    uint8_t* memory = nullptr;
    uint32_t count = 0;
    uint32_t chunks[kChunks]{};
};

/// Free chunks of one worker; half of them go to the stock and come from there at once.
struct Cache {
    uint32_t count;
    uint32_t chunks[kCached];
};

constinit Stock stock;
constinit CLICK_PER_WORKER Cache cache{};

[[gnu::noinline]] void refill() {
    SpinLock::Hold hold(&stock.lock);
    uint32_t count = stock.count < kCached / 2 ? stock.count : kCached / 2;
    stock.count -= count;
    std::memcpy(cache.chunks, stock.chunks + stock.count, count * sizeof cache.chunks[0]);
    cache.count = count;
}

[[gnu::noinline]] void put_aside() {
    SpinLock::Hold hold(&stock.lock);
    cache.count -= kCached / 2;
    std::memcpy(stock.chunks + stock.count, cache.chunks + cache.count, kCached / 2 * sizeof cache.chunks[0]);
    stock.count += kCached / 2;
}

void release(uint8_t* buffer, size_t, void*) { give_back(chunk_of(buffer)); }

}  // namespace

bool prepare() {
    SpinLock::Hold hold(&stock.lock);
    if (stock.memory) {
        return true;
    }
    void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    stock.memory = static_cast<uint8_t*>(memory);
    for (uint32_t chunk = kChunks; chunk-- > 0;) {
        stock.chunks[stock.count++] = chunk;
    }
    return true;
}

uint8_t* start() { return stock.memory; }

bool plenty() { return __atomic_load_n(&stock.count, __ATOMIC_RELAXED) >= kForSending; }

uint32_t take() {
    if (cache.count == 0) [[unlikely]] {
        refill();
        if (cache.count == 0) {
            return kNone;
        }
    }
    return cache.chunks[--cache.count];
}

void give_back(uint32_t chunk) {
    if (cache.count == kCached) [[unlikely]] {
        put_aside();
    }
    cache.chunks[cache.count++] = chunk;
}

PacketPtr packet_in(uint32_t chunk, uint32_t headroom, uint32_t length) {
    return Packet::wrap(chunk_start(chunk), kChunkSize, headroom, length, release, nullptr);
}

}  // namespace click::xdp_arena
