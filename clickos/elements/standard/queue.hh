// SPDX-License-Identifier: Apache-2.0
/*
=block queue-handlers
=h length read
How many packets wait.
=h highwater_length read
The most packets that ever waited.
=h capacity read/write
The CAPACITY argument.
=use queue-drops
=block queue-drops
=h drops read
How many packets were dropped or sent to output 1.
=h reset_counts write
Sets C<drops> to 0 and C<highwater_length> to the length.
=h reset write
Drops all packets.
*/
#pragma once
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/storage.hh>
#include <click/worker.hh>

#include <atomic>

#include "lib/table.hh"

namespace click {

/// A bounded first-in first-out queue between push and pull: the base of all queues.
///
/// One worker may push and another one pull: each writes one of the two ends. What reads or writes both ends (`prepend`,
/// `take_last`, a new capacity) is for queues whose ends have one worker, and for handlers, for which all stand still.
class PacketQueue : public Element, public Storage {
public:
    static constexpr unsigned kDefaultCapacity = 1000;

    ~PacketQueue() override { clear(); }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "h/lh"; }
    void* cast(std::string_view name) override;
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;
    void push(int port, PacketBatch& batch) override;
    void pull(int port, PacketBatch& batch, unsigned most) override;

    unsigned length() const final {
        return distance(_head.load(std::memory_order_acquire), _tail.load(std::memory_order_acquire));
    }
    unsigned room() const final { return capacity() - length(); }
    Sharing sharing() const override { return Sharing::Ends; }
    void cross_workers() final { _crossed = true; }
    unsigned capacity() const { return static_cast<unsigned>(_ring.size()); }
    uint64_t drops() const { return _drops; }

protected:
    /// Which notifiers the queue offers.
    enum Notify { kNone = 0, kNonEmpty = 1, kNonFull = 2 };
    explicit PacketQueue(int notify) : _notify(notify) { _empty.sleep(); }

    Notifier* empty_notifier(int port) override { return (_notify & kNonEmpty) && port == 0 ? &_empty : nullptr; }
    Notifier* full_notifier(int port) override { return (_notify & kNonFull) && port == 0 ? &_full : nullptr; }

    void* role(Role asked) override { return asked == kRoleOf<Storage> ? static_cast<Storage*>(this) : nullptr; }

    /// Takes in as many packets as there is room for, and counts those that stay in the batch as dropped.
    void store(PacketBatch& batch);
    /// Puts the first `count` packets (at most the room) at the end.
    void append(PacketBatch& batch, unsigned count);
    /// Puts a packet (there must be room) at the front: the next to be pulled.
    void prepend(PacketPtr packet);
    /// Takes the packet that came last.
    PacketPtr take_last();
    /// To be called after packets were put in.
    void note_arrival() {
        unsigned now = length();
        _highwater = now > _highwater ? now : _highwater;
        if (crossed()) [[unlikely]] {
            note_arrival_across(now);
            return;
        }
        if (now > 0) {
            _empty.wake();
        }
        if (now == capacity()) {
            _full.sleep();
        }
    }
    /// To be called by who finds nothing to pull.
    void note_empty();
    /// Whether pushers and pullers are different workers.
    bool crossed() const { return kSeveralWorkers && _crossed; }
    /// Drops packets for which there is no room, or sends them to output 1.
    void overflow(PacketBatch& batch);

private:
    enum { kLength, kHighwater, kCapacity, kDrops };

    /// Ends of the queue count up to twice its capacity, so that full is not empty.
    size_t ends() const { return 2 * _ring.size(); }
    unsigned distance(size_t head, size_t tail) const {
        return static_cast<unsigned>(tail >= head ? tail - head : tail + ends() - head);
    }
    size_t advanced(size_t end, unsigned count) const {
        end += count;
        return end >= ends() ? end - ends() : end;
    }
    unsigned place(size_t end) const { return static_cast<unsigned>(end >= _ring.size() ? end - _ring.size() : end); }
    /// Moves an end on, for the other side to see.
    void move(std::atomic<size_t>& end, size_t to) {
        if (crossed()) [[unlikely]] {
            end.store(to);
        } else {
            end.store(to, std::memory_order_release);
        }
    }
    void note_overflow(unsigned count);
    void note_arrival_across(unsigned now);
    void clear();
    int resize(unsigned capacity, ErrorHandler& errh);
    std::string read_number(int which);
    int set_capacity(std::string_view value, ErrorHandler& errh);
    void reset_counts();
    void reset();

    int _notify;
    bool _crossed = false;
    std::atomic<size_t> _head{0};  ///< where the next packet to be pulled lies
    std::atomic<size_t> _tail{0};  ///< where the next packet to be pushed will lie
    Table<Packet*> _ring;
    unsigned _highwater = 0;
    uint64_t _drops = 0;
    Notifier _empty;
    Notifier _full;
};

}  // namespace click
