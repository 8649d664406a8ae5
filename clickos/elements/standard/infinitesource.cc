// SPDX-License-Identifier: Apache-2.0
/*
=block source-turns
=item LIMIT
Integer. How many packets are made; negative for no limit. Default is -1.
=item BURST
Integer, at least 1. How many packets are made at each turn. Default is 1.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=item TIMESTAMP
Boolean. Whether packets are stamped with the time at which they are made. Default is true.
=block source-settings
=h limit read/write
The LIMIT argument.
=h burst read/write
The BURST argument.
=h burstsize read/write
The same as C<burst>.
=h active read/write
The ACTIVE argument.
*/
/*
=c
InfiniteSource([DATA, LIMIT, BURST, ACTIVE, I<keywords>])
=s basicsources
makes packets whenever it gets a turn
=d
Pushes packets that hold DATA, BURST of them (1 by default) at each turn, until LIMIT packets are out; a negative LIMIT
(the default) means no end. On a pull output, makes a packet for each pull. Pauses while all queues downstream are full.

Keyword arguments are:
=over 8
=use source-data
=use source-turns
=use source-keywords
=back
=use source-count
=h data read/write
The DATA argument.
=use source-settings
=use source-lengths
=use task-handlers
=e
  InfiniteSource(DATA \<00 01 02>, LIMIT 3, STOP true) -> Print -> Discard;
=a RatedSource, TimedSource
*/
/*
=c
RandomSource(LENGTH [, LIMIT, BURST, ACTIVE, I<keywords>])
=s basicsources
makes packets of random bytes whenever it gets a turn
=d
Like InfiniteSource, but each packet holds LENGTH random bytes.

Keyword arguments are:
=over 8
=item LENGTH
Integer. How long packets are. C<DATASIZE> is the same.
=use source-turns
=use source-keywords
=back
=use source-count
=h data read/write
What packets would hold without random bytes.
=use source-settings
=use source-lengths
=use task-handlers
=e
  RandomSeed(7);
  RandomSource(20, LIMIT 3, STOP true) -> Print -> Discard;
=a InfiniteSource, RandomSeed
*/
#include <click/clock.hh>
#include <click/notifier.hh>
#include <click/task.hh>

#include <algorithm>
#include <limits>

#include "elements/standard/source.hh"
#include "lib/random.hh"

namespace click {

namespace {

class InfiniteSource : public SourceElement {
public:
    const char* class_name() const override { return "InfiniteSource"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;
    void pull(int port, PacketBatch& batch, unsigned most) override;
    bool run_task() override;

protected:
    void start() override;
    /// The arguments behind the one that says what packets hold.
    int complete_all(Args& args, Settings& next, ErrorHandler& errh);
    /// Packets of the batch from `first` on were just made.
    virtual void made(PacketBatch&, unsigned /*first*/) {}

private:
    static constexpr int32_t kMostBurst = std::numeric_limits<int32_t>::max();

    unsigned fill(PacketBatch& batch, uint64_t most);

    int32_t _burst = 1;
    bool _timestamp = true;
    NotifierSignal _room;
    Task _task{this};
};

int InfiniteSource::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Settings next;
    Args args(conf, this, errh);
    args.optional("DATA", next.data.text_argument());
    return complete_all(args, next, errh);
}

int InfiniteSource::complete_all(Args& args, Settings& next, ErrorHandler& errh) {
    args.optional("LIMIT", next.limit)
        .optional("BURST", bounded(_burst, 1, kMostBurst, "burst size must be >= 1"), 1)
        .optional("ACTIVE", next.active)
        .keyword("TIMESTAMP", _timestamp, true);
    if (complete(args, next, errh) < 0) {
        return -1;
    }
    adopt(std::move(next));
    return 0;
}

int InfiniteSource::initialize(ErrorHandler& errh) {
    if (output_is_push(0)) {
        _task.initialize(this, true);
        _room = NotifierSignal::downstream_full(*this, 0, &_task);
    }
    return SourceElement::initialize(errh);
}

unsigned InfiniteSource::fill(PacketBatch& batch, uint64_t most) {
    most = std::min(most, left());
    // A batch is made at one moment: reading the clock for each packet would cost more than forwarding it.
    int64_t now = _timestamp && most > 0 ? clock::now() : 0;
    unsigned first = batch.size();
    unsigned count = make(batch, most, now);
    made(batch, first);
    return count;
}

bool InfiniteSource::run_task() {
    if (!active() || !_room.active()) {
        return false;
    }
    uint64_t moved = 0;
    for (uint64_t most = _task.turn_budget(static_cast<uint64_t>(_burst), left()); moved < most;) {
        PacketBatch batch;
        unsigned count = fill(batch, most - moved);
        if (count == 0) {
            break;
        }
        output(0).push(batch);
        moved += count;
    }
    _task.turn_moved(moved);
    bool worked = moved > 0;
    if (!worked && exhausted()) {
        end();
    } else {
        _task.reschedule();  // also without memory: packets on their way will come back
    }
    return worked;
}

void InfiniteSource::pull(int, PacketBatch& batch, unsigned most) {
    if (active() && most > 0 && fill(batch, most) == 0 && exhausted()) {
        end();
    }
}

void InfiniteSource::start() {
    if (active() && output_is_push(0)) {
        _task.reschedule();
    }
}

void InfiniteSource::add_handlers() {
    add_source_handlers();
    add_task_handlers(_task);
    for (const char* name : {"burst", "burstsize"}) {
        add_setting_handler<&InfiniteSource::start>(
            name, bounded(_burst, 1, kMostBurst, "burst parameter must be integer >= 1"));
    }
}

class RandomSource final : public InfiniteSource {
public:
    const char* class_name() const override { return "RandomSource"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Settings next;
        Args args(conf, this, errh);
        args.mandatory("LENGTH", bounded(next.data.length_argument(), 0, kLongest));
        return complete_all(args, next, errh);
    }

protected:
    void made(PacketBatch& batch, unsigned first) override {
        RandomNumbers& random = random_numbers();
        for (; first < batch.size(); ++first) {
            uint8_t* data = batch[first].mutable_data();
            for (uint32_t i = 0; i < batch[first].length(); ++i) {
                data[i] = static_cast<uint8_t>(random.next() >> 8);
            }
        }
    }

private:
    static constexpr int32_t kLongest = 65535;
};

}  // namespace

CLICK_ELEMENT(InfiniteSource)
CLICK_ELEMENT(RandomSource)

}  // namespace click
