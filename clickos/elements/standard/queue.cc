// SPDX-License-Identifier: Apache-2.0
/*
=c
Queue([CAPACITY])
=s storage
stores packets in a first-in first-out queue
=d
Stores pushed packets until they are pulled. When CAPACITY packets (1000 by default) wait, a new one is dropped, or sent
to output 1 if that is connected. Wakes who pulls when packets come in, and who pushes when there is room again. One thread
may push and another one pull (see StaticThreadSched).

A new configuration keeps the packets of the queue of the same name; those beyond its capacity are lost.
=h length read
How many packets wait.
=h highwater_length read
The most packets that ever waited.
=h capacity read/write
The CAPACITY argument. Packets beyond a smaller capacity are dropped, the newest ones.
=use queue-drops
=e
  InfiniteSource(LIMIT 20, STOP true) -> Queue(10) -> Idle;
=a SimpleQueue, NotifierQueue, MixedQueue, Unqueue
*/
/*
=c
NotifierQueue([CAPACITY])
=s storage
stores packets in a first-in first-out queue and wakes who pulls
=d
Like Queue, but does not tell who pushes whether there is room.
=use queue-handlers
=e
  InfiniteSource(LIMIT 20, STOP true) -> NotifierQueue(10) -> Idle;
=a Queue
*/
/*
=c
SimpleQueue([CAPACITY])
=s storage
stores packets in a first-in first-out queue
=d
Like Queue, but wakes nobody: who pulls asks again and again.
=use queue-handlers
=e
  InfiniteSource(LIMIT 20, STOP true) -> SimpleQueue(10) -> Idle;
=a Queue
*/
/*
=c
MixedQueue([CAPACITY])
=s storage
stores packets first-in first-out and last-in first-out
=d
Packets of input 0 wait as in a NotifierQueue. Packets of input 1 are pulled first, the newest of them first; when the
queue is full, such a packet pushes out the one that is last in line, which is dropped or sent to output 1.
=use queue-handlers
=e
  InfiniteSource(LIMIT 20, STOP true) -> q :: MixedQueue(10) -> Idle;
  Idle -> [1] q;
=a Queue
*/
#include "elements/standard/queue.hh"

#include <click/handlercall.hh>

#include <algorithm>

#include "platform/platform.hh"

namespace click {

void* PacketQueue::cast(std::string_view name) {
    return name == "Storage" || name == "SimpleQueue" ? this : Element::cast(name);
}

int PacketQueue::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    uint32_t capacity = kDefaultCapacity;
    if (Args(conf, this, errh).optional("CAPACITY", capacity).complete() < 0) {
        return -1;
    }
    return resize(capacity, errh);
}

int PacketQueue::live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = Element::live_reconfigure(conf, errh);
    note_arrival();
    return result;
}

void PacketQueue::append(PacketBatch& batch, unsigned count) {
    size_t tail = _tail.load(std::memory_order_relaxed);
    while (count > 0) {
        unsigned run = std::min(count, capacity() - place(tail));
        batch.release_to(_ring.data() + place(tail), run);
        tail = advanced(tail, run);
        count -= run;
    }
    move(_tail, tail);
}

void PacketQueue::prepend(PacketPtr packet) {
    size_t head = _head.load(std::memory_order_relaxed);
    head = (head == 0 ? ends() : head) - 1;
    _ring[place(head)] = packet.release();
    move(_head, head);
}

PacketPtr PacketQueue::take_last() {
    size_t tail = _tail.load(std::memory_order_relaxed);
    tail = (tail == 0 ? ends() : tail) - 1;
    move(_tail, tail);
    return PacketPtr(_ring[place(tail)]);
}

void PacketQueue::push(int, PacketBatch& batch) {
    store(batch);
    if (!batch.empty()) [[unlikely]] {
        checked_push(1, batch);
    }
}

void PacketQueue::store(PacketBatch& batch) {
    append(batch, std::min(batch.size(), room()));
    note_arrival();
    if (!batch.empty()) [[unlikely]] {
        note_overflow(batch.size());
    }
}

void PacketQueue::pull(int, PacketBatch& batch, unsigned most) {
    unsigned waiting = length();
    if (waiting == 0) {
        note_empty();
        return;
    }
    size_t head = _head.load(std::memory_order_relaxed);
    for (unsigned count = std::min({most, batch.room(), waiting}); count > 0;) {
        unsigned run = std::min(count, capacity() - place(head));
        batch.adopt(_ring.data() + place(head), run);
        head = advanced(head, run);
        count -= run;
    }
    move(_head, head);
    if (crossed()) [[unlikely]] {
        _full.wake_others();
    } else {
        _full.wake();
    }
}

void PacketQueue::note_empty() {
    if (!crossed()) [[likely]] {
        _empty.sleep();
        return;
    }
    _empty.sleep_before_look();
    if (_tail.load() != _head.load(std::memory_order_relaxed)) {
        _empty.wake();
    }
}

void PacketQueue::note_arrival_across(unsigned now) {
    if (now > 0) {
        _empty.wake_others();
    }
    if (now == capacity()) {
        _full.sleep_before_look();
        if (distance(_head.load(), _tail.load(std::memory_order_relaxed)) != capacity()) {
            _full.wake();
        }
    }
}

void PacketQueue::note_overflow(unsigned count) {
    if (_drops == 0 && capacity() > 0) {
        platform::log(declaration() + ": overflow\n");
    }
    _drops += count;
}

void PacketQueue::overflow(PacketBatch& batch) {
    note_overflow(batch.size());
    checked_push(1, batch);
}

void PacketQueue::clear() {
    while (length() > 0) {
        take_last();
    }
}

int PacketQueue::resize(unsigned new_capacity, ErrorHandler& errh) {
    if (new_capacity == capacity()) {
        return 0;
    }
    Table<Packet*> ring;
    if (ring.allocate(new_capacity, "packets", errh) < 0) {
        return -1;
    }
    while (length() > new_capacity) {
        take_last();
    }
    unsigned count = length();
    for (unsigned i = 0; i < count; ++i) {
        ring[i] = _ring[(_head + i) % capacity()];
    }
    _ring = std::move(ring);
    _head = 0;
    _tail = count;
    _full.wake();
    return 0;
}

void PacketQueue::take_state(Element& old, ErrorHandler& errh) {
    auto& queue = static_cast<PacketQueue&>(old);
    unsigned old_length = queue.length();
    while (queue.length() > 0 && room() > 0) {
        PacketBatch batch;
        queue.pull(0, batch, room());
        append(batch, batch.size());
    }
    if (queue.length() > 0) {
        errh.warning("some packets lost (old length %u, new capacity %u)", old_length, capacity());
    }
    note_arrival();
}

std::string PacketQueue::read_number(int which) {
    switch (which) {
        case kLength:
            return std::to_string(length());
        case kHighwater:
            return std::to_string(_highwater);
        case kCapacity:
            return std::to_string(capacity());
        default:
            return std::to_string(_drops);
    }
}

int PacketQueue::set_capacity(std::string_view value, ErrorHandler& errh) {
    std::vector<std::string> conf{std::string(value)};
    return live_reconfigure(conf, errh);
}

void PacketQueue::reset_counts() {
    _drops = 0;
    _highwater = length();
}

void PacketQueue::reset() {
    clear();
    _full.wake();
}

void PacketQueue::add_handlers() {
    add_read_handler<&PacketQueue::read_number>("length", kLength);
    add_read_handler<&PacketQueue::read_number>("highwater_length", kHighwater);
    add_read_handler<&PacketQueue::read_number>("capacity", kCapacity);
    add_write_handler<&PacketQueue::set_capacity>("capacity");
    add_read_handler<&PacketQueue::read_number>("drops", kDrops);
    add_write_handler<&PacketQueue::reset_counts>("reset_counts", 0, Handler::kButton);
    add_write_handler<&PacketQueue::reset>("reset", 0, Handler::kButton);
}

namespace {

class SimpleQueue final : public PacketQueue {
public:
    SimpleQueue() : PacketQueue(kNone) {}
    const char* class_name() const override { return "SimpleQueue"; }
};

class NotifierQueue final : public PacketQueue {
public:
    NotifierQueue() : PacketQueue(kNonEmpty) {}
    const char* class_name() const override { return "NotifierQueue"; }
};

class Queue final : public PacketQueue {
public:
    Queue() : PacketQueue(kNonEmpty | kNonFull) {}
    const char* class_name() const override { return "Queue"; }
};

class MixedQueue final : public PacketQueue {
public:
    MixedQueue() : PacketQueue(kNonEmpty) {}
    const char* class_name() const override { return "MixedQueue"; }
    Sharing sharing() const override { return Sharing::None; }
    const char* port_count() const override { return "2/1-2"; }

    void push(int port, PacketBatch& batch) override {
        if (port == 0) {
            PacketQueue::push(port, batch);
            return;
        }
        PacketBatch pushed_out;
        batch.drain([&](PacketPtr packet) {
            if (room() == 0) {
                pushed_out.append(capacity() > 0 ? take_last() : std::move(packet));
            }
            if (packet) {
                prepend(std::move(packet));
            }
        });
        note_arrival();
        if (!pushed_out.empty()) {
            overflow(pushed_out);
        }
    }
};

}  // namespace

CLICK_ELEMENT(SimpleQueue)
CLICK_ELEMENT(NotifierQueue)
CLICK_ELEMENT(Queue)
CLICK_ELEMENT(MixedQueue)

}  // namespace click
