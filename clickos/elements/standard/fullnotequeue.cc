// SPDX-License-Identifier: Apache-2.0
/*
=c
FullNoteQueue([CAPACITY])
=s storage
stores packets first-in first-out and tells both ends
=d
Like Queue, by its older name: wakes who pulls when packets come in, and who pushes when there is room again.
=use queue-handlers
=e
  InfiniteSource(LIMIT 20, STOP true) -> FullNoteQueue(10) -> Idle;
=a Queue, SimpleQueue
*/
/*
=c
QuickNoteQueue([CAPACITY])
=s storage
stores packets first-in first-out and tells at once when it is empty
=d
Like FullNoteQueue, but who pulls goes to sleep with the last packet, not only when it has asked in vain.
=use queue-handlers
=e
  InfiniteSource(LIMIT 20, STOP true) -> QuickNoteQueue(10) -> Idle;
=a Queue, SimpleQueue
*/
/*
=c
ThreadSafeQueue([CAPACITY])
=s storage
stores packets first-in first-out for several pushers and pullers
=d
Like FullNoteQueue, and any number of threads may push and pull (see StaticThreadSched).
=use queue-handlers
=e
  InfiniteSource(LIMIT 20, STOP true) -> ThreadSafeQueue(10) -> Idle;
=a Queue, SimpleQueue
*/
/*
=c
MSQueue([CAPACITY])
=s storage
stores packets first-in first-out for several pushers
=d
Like FullNoteQueue, and any number of threads may push, while one pulls (see StaticThreadSched).
=use queue-handlers
=e
  InfiniteSource(LIMIT 20, STOP true) -> MSQueue(10) -> Idle;
=a Queue, SimpleQueue
*/
#include "elements/standard/queue.hh"

namespace click {

namespace {

class NotingQueue : public PacketQueue {
public:
    NotingQueue() : PacketQueue(kNonEmpty | kNonFull) {}
};

class FullNoteQueue final : public NotingQueue {
public:
    const char* class_name() const override { return "FullNoteQueue"; }
};

class QuickNoteQueue final : public NotingQueue {
public:
    const char* class_name() const override { return "QuickNoteQueue"; }
    void pull(int port, PacketBatch& batch, unsigned most) override {
        NotingQueue::pull(port, batch, most);
        if (length() == 0) {
            note_empty();
        }
    }
};

/// A queue for several workers on a side: there, one waits while another one puts packets in or takes some out.
class LockedQueue : public NotingQueue {
public:
    void push(int, PacketBatch& batch) final {
        {
            SpinLock::Hold hold(crossed() ? &_pushing : nullptr);
            store(batch);
        }
        if (!batch.empty()) [[unlikely]] {
            checked_push(1, batch);
        }
    }
    void pull(int port, PacketBatch& batch, unsigned most) final {
        SpinLock::Hold hold(crossed() ? &_pulling : nullptr);
        NotingQueue::pull(port, batch, most);
    }

private:
    SpinLock _pushing;
    SpinLock _pulling;
};

class ThreadSafeQueue final : public LockedQueue {
public:
    const char* class_name() const override { return "ThreadSafeQueue"; }
    Sharing sharing() const override { return Sharing::All; }
};

class MSQueue final : public LockedQueue {
public:
    const char* class_name() const override { return "MSQueue"; }
    Sharing sharing() const override { return Sharing::Pushers; }
};

}  // namespace

CLICK_ELEMENT(FullNoteQueue)
CLICK_ELEMENT(QuickNoteQueue)
CLICK_ELEMENT(ThreadSafeQueue)
CLICK_ELEMENT(MSQueue)

}  // namespace click
