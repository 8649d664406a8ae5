// SPDX-License-Identifier: Apache-2.0
/*
=c
CoDel([TARGET, INTERVAL, I<keywords> QUEUES])
=s aqm
drops packets that have waited too long
=d
Controlled delay (RFC 8289). Packets are pulled through it from a queue, and their timestamps say when they came there: put
a SetTimestamp in front of the queue. When the waits of packets have been longer than TARGET (5 ms by default) for INTERVAL
(100 ms), one packet is dropped, and then more, each an INTERVAL divided by the root of their number behind the one before,
until a wait is shorter again. The last packet of a queue is not dropped, nor one without a timestamp.

What is dropped leaves by output 1 if that is connected.

Keyword arguments are:
=over 8
=item QUEUES
Names of queues, separated by spaces, in place of the nearest ones upstream.
=back
=h target read/write
The TARGET argument.
=h interval read/write
The INTERVAL argument.
=h queues read
The names of the queues, one a line.
=h drops read
How many packets were dropped.
=h dropping read
Whether packets are being dropped now.
=e
  RatedSource(RATE 1000) -> SetTimestamp -> Queue -> CoDel -> RatedUnqueue(500) -> Discard;
=a FQCoDel, RED, PI, SetTimestamp
*/
#include <click/clock.hh>

#include <algorithm>

#include "elements/aqm/watchedqueues.hh"
#include "lib/codel.hh"
#include "lib/elapsed.hh"

namespace click {

namespace {

class CoDel final : public Element {
public:
    const char* class_name() const override { return "CoDel"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "l/lh"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("TARGET", time(_target), kTarget)
            .optional("INTERVAL", time(_interval), kInterval)
            .keyword("QUEUES", _queues.argument(), {})
            .complete();
    }
    int initialize(ErrorHandler& errh) override { return _queues.find(*this, errh); }
    void add_handlers() override {
        add_setting_handler("target", time(_target));
        add_setting_handler("interval", time(_interval));
        add_read_handler<&CoDel::queues>("queues");
        add_data_handler("drops", _drops);
        add_read_handler<&CoDel::dropping>("dropping");
    }

    void pull(int, PacketBatch& batch, unsigned most) override {
        PacketBatch dropped;
        most = std::min(most, batch.room());
        for (unsigned tries = PacketBatch::kCapacity; most > 0 && tries > 0; --tries) {
            PacketPtr packet = input(0).pull();
            if (!packet) {
                _codel.empty();
                break;
            }
            if (to_drop(*packet)) {
                ++_drops;
                dropped.append(std::move(packet));
            } else {
                batch.append(std::move(packet));
                --most;
            }
        }
        if (!dropped.empty()) {
            checked_push(1, dropped);
        }
    }

private:
    static constexpr Duration kTarget{5'000'000};
    static constexpr Duration kInterval{100'000'000};

    static Bounded<Duration> time(Duration& value) {
        return bounded(value, Duration{1}, Duration{60 * clock::kSecond});
    }

    bool to_drop(const Packet& packet) {
        int64_t stamp = packet.timestamp();
        if (stamp == 0) {
            return false;
        }
        ControlledDelay::Settings settings{_target.nanoseconds, _interval.nanoseconds};
        return _codel.drops(settings, elapsed(stamp, clock::now()), _queues.length() == 0, clock::steady());
    }
    std::string queues() const { return _queues.names(); }
    std::string dropping() const { return show_value(_codel.dropping()); }

    Duration _target = kTarget;
    Duration _interval = kInterval;
    WatchedQueues _queues;
    ControlledDelay _codel;
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(CoDel)

}  // namespace click
