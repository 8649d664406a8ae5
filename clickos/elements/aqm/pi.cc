// SPDX-License-Identifier: Apache-2.0
/*
=c
PI(TARGET [, I<keywords> QUEUES, W, A, B])
=s aqm
drops packets by a proportional integral controller
=d
Marks packets with a probability that a proportional integral controller (Hollot, Misra, Towsley and Gong 2001) moves so that
the length of queues stays near TARGET packets: W times a second, A times the difference to TARGET is added, and B times the
difference that there was before is taken away. The queues are the nearest ones downstream where PI is pushed to, upstream
where it is pulled from. Marked packets leave by output 1 if it is connected, else they are dropped.

Keyword arguments are:
=over 8
=item QUEUES
Names of queues, separated by spaces, to look at in place of the nearest ones.
=item W
Integer, 1 to 10000. How often a second the probability is moved. Default is 170.
=item A
Real number, 0 to 1. Default is 0.00001822.
=item B
Real number, 0 to 1. Default is 0.00001816.
=back
=h target_queue read/write
The TARGET argument.
=h p read
The probability.
=h queues read
The names of the queues, one a line.
=h drops read
How many packets were marked.
=e
  RatedSource(RATE 1000) -> PI(20) -> Queue -> RatedUnqueue(500) -> Discard;
=a RED, CoDel
*/
#include <click/clock.hh>
#include <click/task.hh>

#include <algorithm>

#include "elements/aqm/watchedqueues.hh"
#include "elements/standard/packetfilter.hh"
#include "lib/random.hh"

namespace click {

namespace {

class PI final : public PacketFilter<PI> {
public:
    const char* class_name() const override { return "PI"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("TARGET", _target)
            .keyword("QUEUES", _queues.argument(), {})
            .keyword("W", bounded(_frequency, 1, 10000), 170)
            .keyword("A", bounded(_integral, 0, 1), 1.822e-5)
            .keyword("B", bounded(_proportional, 0, 1), 1.816e-5)
            .complete();
    }
    int initialize(ErrorHandler& errh) override {
        _timer.initialize(this);
        _timer.schedule_after(clock::kSecond / _frequency);
        return _queues.find(*this, errh);
    }
    void add_handlers() override {
        add_setting_handler("target_queue", _target);
        add_read_handler<&PI::probability>("p");
        add_read_handler<&PI::queues>("queues");
        add_data_handler("drops", _drops);
    }

    void run_timer() override {
        auto length = static_cast<double>(_queues.length());
        double change = _integral * (length - _target) - _proportional * (_before - _target);
        _probability = std::clamp(_probability + change, 0.0, 1.0);
        _before = length;
        _timer.reschedule_after(clock::kSecond / _frequency);
    }
    bool passes(const Packet&) {
        constexpr double kAll = uint64_t{RandomNumbers::kMost} + 1;
        bool marked = random_numbers().happens(static_cast<uint32_t>(_probability * kAll));
        _drops += marked ? 1 : 0;
        return !marked;
    }

private:
    std::string probability() const { return show_value(_probability); }
    std::string queues() const { return _queues.names(); }

    uint32_t _target = 0;
    int32_t _frequency = 170;
    double _integral = 0;
    double _proportional = 0;
    WatchedQueues _queues;
    double _probability = 0;
    double _before = 0;
    Tally _drops;
    Timer _timer{this};
};

}  // namespace

CLICK_ELEMENT(PI)

}  // namespace click
