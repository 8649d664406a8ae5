// SPDX-License-Identifier: Apache-2.0
/*
=c
FrontDropQueue([CAPACITY])
=s storage
stores packets first-in first-out and drops the oldest
=d
Like NotifierQueue, but when CAPACITY packets wait, the packet that has waited longest is dropped, or sent to output 1, and
the new one is stored.
=use queue-handlers
=e
  InfiniteSource(LIMIT 20, STOP true) -> FrontDropQueue(10) -> Idle;
=a Queue, MixedQueue, RED
*/
#include "elements/standard/queue.hh"

namespace click {

namespace {

class FrontDropQueue final : public PacketQueue {
public:
    FrontDropQueue() : PacketQueue(kNonEmpty) {}
    const char* class_name() const override { return "FrontDropQueue"; }
    Sharing sharing() const override { return Sharing::None; }

    void push(int, PacketBatch& batch) override {
        PacketBatch pushed_out;
        if (capacity() == 0) {
            batch.move_to(pushed_out, batch.size());
        } else if (batch.size() > room()) {
            // Of a batch that is larger than the queue, the first packets go the same way.
            unsigned surplus = batch.size() - room();
            PacketQueue::pull(0, pushed_out, surplus);
            batch.move_to(pushed_out, surplus - pushed_out.size());
        }
        append(batch, batch.size());
        note_arrival();
        if (!pushed_out.empty()) {
            overflow(pushed_out);
        }
    }
};

}  // namespace

CLICK_ELEMENT(FrontDropQueue)

}  // namespace click
