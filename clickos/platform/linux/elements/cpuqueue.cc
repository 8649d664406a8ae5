// SPDX-License-Identifier: Apache-2.0
/*
=c
CPUQueue([CAPACITY])
=s storage
stores packets in a first-in first-out queue for each thread
=d
Each thread that pushes has a queue of its own, which holds CAPACITY packets (128 by default); a new one is dropped when it
is full. Who pulls, by any output, takes from these queues in turn. Wakes nobody: who pulls asks again and again.
=h length read
How many packets wait, in all queues.
=h capacity read
The CAPACITY argument.
=h drops read
How many packets were dropped.
=e
  InfiniteSource(LIMIT 20) -> q :: CPUQueue(64) -> Unqueue -> Discard;
  q[1] -> Unqueue -> Discard;
=a Queue, ThreadSafeQueue, StaticThreadSched
*/
#include <click/element.hh>
#include <click/storage.hh>
#include <click/worker.hh>

#include <algorithm>
#include <atomic>

#include "lib/table.hh"

namespace click {

namespace {

class CPUQueue final : public Element, public Storage {
public:
    ~CPUQueue() override {
        for (Slot& slot : _slots) {
            PacketBatch batch;
            while (take(slot, batch, PacketBatch::kCapacity) != 0) {
                batch.clear();
            }
        }
    }
    const char* class_name() const override { return "CPUQueue"; }
    const char* port_count() const override { return "1/1-"; }
    const char* processing() const override { return kPushToPull; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        constexpr uint32_t kMostCapacity = 1U << 24;
        if (Args(conf, this, errh)
                .optional("CAPACITY", bounded(_capacity, 1, kMostCapacity), kDefaultCapacity)
                .complete() < 0) {
            return -1;
        }
        return _ring.allocate(uint64_t{_capacity} * kMostWorkers, "packets", errh);
    }
    void add_handlers() override {
        add_read_handler<&CPUQueue::read_length>("length");
        add_data_handler("capacity", _capacity);
        add_data_handler("drops", _drops);
    }

    void push(int, PacketBatch& batch) override {
        const unsigned worker = worker::current();
        Slot& slot = _slots[worker];
        SpinLock::Hold hold(&slot.lock);
        const unsigned length = slot.length.load(std::memory_order_relaxed);
        const unsigned taken = std::min(batch.size(), _capacity - length);
        Packet** ring = ring_of(worker);
        for (unsigned at = (slot.head + length) % _capacity, left = taken; left != 0;) {
            const unsigned run = std::min(left, _capacity - at);
            batch.release_to(ring + at, run);
            at = (at + run) % _capacity;
            left -= run;
        }
        slot.length.store(length + taken, std::memory_order_relaxed);
        _drops += batch.size();
        batch.clear();
    }
    void pull(int, PacketBatch& batch, unsigned most) override {
        const unsigned first = _next.load(std::memory_order_relaxed);
        for (unsigned i = 0; i < kMostWorkers && most != 0; ++i) {
            const unsigned worker = (first + i) % kMostWorkers;
            if (const unsigned taken = take(_slots[worker], batch, most)) {
                most -= taken;
                _next.store((worker + 1) % kMostWorkers, std::memory_order_relaxed);
            }
        }
    }

    unsigned length() const override {
        unsigned sum = 0;
        for (const Slot& slot : _slots) {
            sum += slot.length.load(std::memory_order_relaxed);
        }
        return sum;
    }
    unsigned room() const override {
        return _capacity - _slots[worker::current()].length.load(std::memory_order_relaxed);
    }
    Sharing sharing() const override { return Sharing::All; }

protected:
    void* role(Role asked) override { return asked == kRoleOf<Storage> ? static_cast<Storage*>(this) : nullptr; }

private:
    static constexpr uint32_t kDefaultCapacity = 128;
    static constexpr size_t kCacheLine = 64;

    struct alignas(kCacheLine) Slot {
        SpinLock lock;
        std::atomic<unsigned> length{0};
        unsigned head = 0;
    };

    Packet** ring_of(unsigned worker) { return _ring.data() + size_t{worker} * _capacity; }
    unsigned take(Slot& slot, PacketBatch& batch, unsigned most) {
        if (slot.length.load(std::memory_order_relaxed) == 0) {
            return 0;
        }
        SpinLock::Hold hold(&slot.lock);
        const unsigned length = slot.length.load(std::memory_order_relaxed);
        const unsigned taken = std::min(most, length);
        Packet** ring = ring_of(static_cast<unsigned>(&slot - _slots));
        for (unsigned i = 0; i < taken; ++i) {
            batch.append(PacketPtr(ring[slot.head]));
            slot.head = (slot.head + 1) % _capacity;
        }
        slot.length.store(length - taken, std::memory_order_relaxed);
        return taken;
    }
    std::string read_length() const { return std::to_string(length()); }

    Table<Packet*> _ring;
    uint32_t _capacity = kDefaultCapacity;
    std::atomic<unsigned> _next{0};
    Tally _drops;
    Slot _slots[kMostWorkers];
};

}  // namespace

CLICK_ELEMENT(CPUQueue)

}  // namespace click
