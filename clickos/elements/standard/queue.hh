// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/storage.hh>

#include "lib/table.hh"

namespace click {

/// A bounded first-in first-out queue between push and pull: the base of all queues.
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

    unsigned length() const final { return _length; }
    unsigned room() const final { return capacity() - _length; }
    unsigned capacity() const { return static_cast<unsigned>(_ring.size()); }
    uint64_t drops() const { return _drops; }

protected:
    /// Which notifiers the queue offers.
    enum Notify { kNone = 0, kNonEmpty = 1, kNonFull = 2 };
    explicit PacketQueue(int notify) : _notify(notify) { _empty.sleep(); }

    Notifier* empty_notifier(int port) override { return (_notify & kNonEmpty) && port == 0 ? &_empty : nullptr; }
    Notifier* full_notifier(int port) override { return (_notify & kNonFull) && port == 0 ? &_full : nullptr; }

    void* role(Role asked) override { return asked == kRoleOf<Storage> ? static_cast<Storage*>(this) : nullptr; }

    /// Puts the first `count` packets (at most the room) at the end.
    void append(PacketBatch& batch, unsigned count);
    /// Puts a packet (there must be room) at the front: the next to be pulled.
    void prepend(PacketPtr packet);
    /// Takes the packet that came last.
    PacketPtr take_last();
    /// To be called after packets were put in.
    void note_arrival() {
        _highwater = _length > _highwater ? _length : _highwater;
        if (_length > 0) {
            _empty.wake();
        }
        if (_length == capacity()) {
            _full.sleep();
        }
    }
    /// Drops packets for which there is no room, or sends them to output 1.
    void overflow(PacketBatch& batch);

private:
    enum { kLength, kHighwater, kCapacity, kDrops };

    void clear();
    int resize(unsigned capacity, ErrorHandler& errh);
    std::string read_number(int which);
    int set_capacity(std::string_view value, ErrorHandler& errh);
    void reset_counts();
    void reset();

    int _notify;
    unsigned _head = 0;  ///< where the next packet to be pulled lies
    unsigned _length = 0;
    Table<Packet*> _ring;
    unsigned _highwater = 0;
    uint64_t _drops = 0;
    Notifier _empty;
    Notifier _full;
};

}  // namespace click
