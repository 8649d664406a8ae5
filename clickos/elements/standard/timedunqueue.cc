// SPDX-License-Identifier: Apache-2.0
/*
=c
TimedUnqueue(INTERVAL [, BURST])
=s shaping
pulls packets periodically and pushes them on
=d
Every INTERVAL, pulls at most BURST packets (1 by default) and pushes them out.
=h interval read/write
The INTERVAL argument.
=h burst read/write
The BURST argument.
=e
  InfiniteSource(LIMIT 100) -> Queue -> TimedUnqueue(100ms, 2) -> c :: Counter -> Discard;
  DriverManager(wait 1.05s, print c.count);
=a Burster, RatedUnqueue, Unqueue
*/
/*
=c
Burster(INTERVAL [, BURST])
=s shaping
pulls bursts of packets periodically and pushes them on
=d
Like TimedUnqueue, but BURST is 8 by default.
=h interval read/write
The INTERVAL argument.
=h burst read/write
The BURST argument.
=e
  InfiniteSource(LIMIT 100) -> Queue -> Burster(100ms) -> c :: Counter -> Discard;
  DriverManager(wait 1.05s, print c.count);
=a TimedUnqueue
*/
/*
=c
TimedSink([INTERVAL])
=s basicsources
pulls and drops a packet periodically
=d
Pulls one packet every INTERVAL, 500 milliseconds by default, and drops it.
=h interval read/write
The INTERVAL argument.
=e
  InfiniteSource(LIMIT 100) -> Queue -> c :: Counter -> TimedSink(100ms);
  DriverManager(wait 1.05s, print c.count);
=a Discard, TimedSource
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/task.hh>

#include <algorithm>
#include <limits>

namespace click {

namespace {

/// What elements have in common that pull when a timer says so.
class TimedPull : public Element {
public:
    int initialize(ErrorHandler&) override {
        _timer.initialize(this);
        _timer.schedule_after(_interval.nanoseconds);
        return 0;
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler<&TimedPull::restart>("interval", interval()); }

    void run_timer() override {
        for (auto left = static_cast<unsigned>(_burst); left > 0;) {
            PacketBatch batch;
            input(0).pull(batch, std::min(left, PacketBatch::kCapacity));
            if (batch.empty()) {
                break;
            }
            left -= batch.size();
            take(batch);
        }
        _timer.reschedule_after(_interval.nanoseconds);
    }

protected:
    virtual void take(PacketBatch& batch) = 0;
    Bounded<Duration> interval() { return bounded(_interval, kLeastInterval, kMostInterval); }
    Bounded<int32_t> burst() { return bounded(_burst, 1, std::numeric_limits<int32_t>::max(), "bad BURST"); }

    Duration _interval{clock::kSecond / 2};
    int32_t _burst = 1;

private:
    static constexpr Duration kLeastInterval{1000};
    static constexpr Duration kMostInterval{std::numeric_limits<int64_t>::max() / 4};

    void restart() { _timer.schedule_after(_interval.nanoseconds); }

    Timer _timer{this};
};

template <int32_t kBurst>
class TimedPush : public TimedPull {
public:
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPullToPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("INTERVAL", interval()).optional("BURST", burst(), kBurst).complete();
    }
    void add_handlers() override {
        TimedPull::add_handlers();
        add_setting_handler("burst", burst());
    }

protected:
    void take(PacketBatch& batch) override { output(0).push(batch); }
};

class TimedUnqueue final : public TimedPush<1> {
public:
    const char* class_name() const override { return "TimedUnqueue"; }
};

class Burster final : public TimedPush<8> {
public:
    const char* class_name() const override { return "Burster"; }
};

class TimedSink final : public TimedPull {
public:
    const char* class_name() const override { return "TimedSink"; }
    const char* port_count() const override { return "1/0"; }
    const char* processing() const override { return kPull; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("INTERVAL", interval(), Duration{clock::kSecond / 2}).complete();
    }

protected:
    void take(PacketBatch& batch) override { batch.clear(); }
};

}  // namespace

CLICK_ELEMENT(TimedUnqueue)
CLICK_ELEMENT(Burster)
CLICK_ELEMENT(TimedSink)

}  // namespace click
