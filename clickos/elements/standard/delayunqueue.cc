// SPDX-License-Identifier: Apache-2.0
/*
=c
DelayUnqueue(DELAY)
=s shaping
pulls packets and pushes them on after a delay
=d
Pulls packets and pushes each out DELAY after its timestamp, or at once when that is over; its timestamp then says the
delayed time. A packet without a timestamp counts from when it is pulled. At most one packet waits here; put a Queue in
front.
=h delay read/write
The DELAY argument.
=use task-handlers
=e
  RatedSource(LIMIT 3, RATE 100) -> SetTimestamp -> Queue -> DelayUnqueue(50ms) -> Print(TIMESTAMP true) -> Discard;
=a DelayShaper, LinkUnqueue, SetTimestamp
*/
/*
=c
DelayShaper(DELAY)
=s shaping
lets packets be pulled after a delay
=d
Gives each packet that it pulls no earlier than DELAY after its timestamp, which then says when that was. A packet without
a timestamp counts from when it is pulled from upstream. At most one packet waits here; put a Queue in front.
=h delay read/write
The DELAY argument.
=e
  RatedSource(LIMIT 3, RATE 100) -> SetTimestamp -> Queue -> DelayShaper(50ms) -> Unqueue -> Print(TIMESTAMP true) -> Discard;
=a DelayUnqueue, BandwidthShaper, SetTimestamp
*/
#include <click/clock.hh>

#include <limits>

#include "elements/standard/pacedpull.hh"
#include "lib/elapsed.hh"

namespace click {

namespace {

constexpr Duration kMostDelay{std::numeric_limits<int64_t>::max() / 4};

/// A packet that waits until DELAY after its timestamp.
class Waiting {
public:
    bool empty() const { return !_packet; }
    void hold(PacketPtr packet, int64_t delay) {
        int64_t now = clock::now();
        int64_t from = packet->timestamp() != 0 ? packet->timestamp() : now;
        int64_t due;
        _due = __builtin_add_overflow(from, delay, &due) ? std::numeric_limits<int64_t>::max() : due;
        _packet = std::move(packet);
    }
    /// How long it still waits; 0 or less when its time has come.
    int64_t left() const { return elapsed(clock::now(), _due); }
    int64_t due() const { return _due; }
    PacketPtr take() { return std::move(_packet); }

private:
    PacketPtr _packet;
    int64_t _due = 0;  ///< by the wall clock
};

class DelayUnqueue final : public Element {
public:
    const char* class_name() const override { return "DelayUnqueue"; }
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPullToPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("DELAY", bounded(_delay, Duration{0}, kMostDelay)).complete();
    }
    int initialize(ErrorHandler&) override {
        _task.initialize(this, true);
        _timer.initialize(this);
        _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
        return 0;
    }
    void add_handlers() override {
        add_setting_handler("delay", bounded(_delay, Duration{0}, kMostDelay));
        add_task_handlers(_task);
    }
    void run_timer() override { _task.reschedule(); }

    bool run_task() override {
        if (_waiting.empty()) {
            PacketPtr packet = input(0).pull();
            if (!packet) {
                if (_packets.active()) {
                    _task.reschedule();
                }
                return false;
            }
            _waiting.hold(std::move(packet), _delay.nanoseconds);
        }
        int64_t left = _waiting.left();
        if (left > 0) {
            _timer.schedule_after(left);
            return false;
        }
        PacketPtr packet = _waiting.take();
        packet->set_timestamp(_waiting.due());
        output(0).push(std::move(packet));
        _task.reschedule();
        return true;
    }

private:
    Duration _delay;
    Waiting _waiting;
    NotifierSignal _packets;
    Task _task{this};
    Timer _timer{this};
};

class DelayShaper final : public PacedPull {
public:
    const char* class_name() const override { return "DelayShaper"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("DELAY", bounded(_delay, Duration{0}, kMostDelay)).complete();
    }
    void add_handlers() override { add_setting_handler("delay", bounded(_delay, Duration{0}, kMostDelay)); }

    void pull(int, PacketBatch& batch, unsigned most) override {
        for (most = std::min(most, batch.room()); most > 0; --most) {
            if (_waiting.empty()) {
                PacketPtr packet = input(0).pull();
                if (!packet) {
                    wait_for_packets();
                    return;
                }
                _waiting.hold(std::move(packet), _delay.nanoseconds);
            }
            int64_t left = _waiting.left();
            if (left > 0) {
                wait_until(clock::steady() + left);
                return;
            }
            PacketPtr packet = _waiting.take();
            packet->set_timestamp(clock::now());
            batch.append(std::move(packet));
        }
    }

private:
    Duration _delay;
    Waiting _waiting;
};

}  // namespace

CLICK_ELEMENT(DelayUnqueue)
CLICK_ELEMENT(DelayShaper)

}  // namespace click
