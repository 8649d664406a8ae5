// SPDX-License-Identifier: Apache-2.0
/*
=block red-handlers
=h avg_queue_size read
The average length.
=h queues read
The names of the queues, one a line.
=h drops read
How many packets were marked.
=h stats read
Current length, average length and drops, for people.
*/
/*
=c
RED(MIN_THRESH, MAX_THRESH, MAX_P [, I<keywords> QUEUES, STABILITY, SIMPLE])
=s aqm
drops packets by random early detection
=d
Marks packets with a probability that depends on the average length of queues (Floyd and Jacobson 1993): the nearest ones
downstream where RED is pushed to, upstream where it is pulled from. Marked packets leave by output 1 if it is connected,
else they are dropped; others leave by output 0.

At an average of MIN_THRESH and below, nothing is marked. From there to MAX_THRESH, the probability rises from 0 to MAX_P.

Keyword arguments are:
=over 8
=item QUEUES
Names of queues, separated by spaces, to look at in place of the nearest ones.
=item STABILITY
Integer, 0 to 31. How stable the average is: each new length weighs 2 to the power of -STABILITY. Default is 4.
=item SIMPLE
Boolean. True marks everything when the average is above MAX_THRESH; else the probability rises from MAX_P to 1 while the
average goes from MAX_THRESH to twice as much. Default is false.
=back
=h min_thresh read/write
The MIN_THRESH argument.
=h max_thresh read/write
The MAX_THRESH argument.
=h max_p read/write
The MAX_P argument.
=use red-handlers
=e
  InfiniteSource(LIMIT 1000, BURST 10) -> RED(5, 50, 0.02) -> Queue(100) -> Unqueue -> Discard;
=a AdaptiveRED, PI, CoDel, Queue
*/
/*
=c
AdaptiveRED(TARGET, MAX_P [, I<keywords> QUEUES, STABILITY, SIMPLE])
=s aqm
drops packets by adaptive random early detection
=d
RED with thresholds of half of TARGET and of three halves, which moves its MAX_P twice a second so that the average length
stays near TARGET packets (Floyd, Gummadi and Shenker 2001).

Keyword arguments are:
=over 8
=item QUEUES
Names of queues, separated by spaces, to look at in place of the nearest ones.
=item STABILITY
Integer, 0 to 31. How stable the average is: each new length weighs 2 to the power of -STABILITY. Default is 10.
=item SIMPLE
Boolean. True marks everything when the average is above the upper threshold. Default is false.
=back
=h target_queue read/write
The TARGET argument.
=h min_thresh read
The lower threshold.
=h max_thresh read
The upper threshold.
=h max_p read/write
The probability at the upper threshold, as it is now.
=use red-handlers
=e
  InfiniteSource(LIMIT 1000, BURST 10) -> AdaptiveRED(25, 0.02) -> Queue(100) -> Unqueue -> Discard;
=a RED, PI, CoDel, Queue
*/
#include <click/clock.hh>
#include <click/task.hh>

#include <algorithm>

#include "elements/aqm/watchedqueues.hh"
#include "elements/standard/packetfilter.hh"
#include "lib/format.hh"
#include "lib/red.hh"

namespace click {

namespace {

using Settings = RandomEarlyDetection::Settings;

/// What both have in common: everything but how the thresholds are given.
class RedElement : public PacketFilter<RedElement> {
public:
    bool can_live_reconfigure() const override { return true; }
    int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        WatchedQueues old = _queues;
        if (Element::live_reconfigure(conf, errh) < 0) {
            return -1;
        }
        if (_queues.find(*this, errh) < 0) {
            _queues = old;
            return -1;
        }
        return 0;
    }
    int initialize(ErrorHandler& errh) override { return _queues.find(*this, errh); }
    void take_state(Element& old, ErrorHandler&) override {
        auto& other = static_cast<RedElement&>(old);
        Settings settings = _red.settings();
        _red = other._red;
        _red.settings() = settings;
        _drops = other._drops;
    }
    void add_handlers() override {
        add_setting_handler("max_p", bounded(_red.settings().probability, 0, 1));
        add_read_handler<&RedElement::average>("avg_queue_size");
        add_read_handler<&RedElement::queues>("queues");
        add_data_handler("drops", _drops);
        add_read_handler<&RedElement::stats>("stats");
    }

    bool passes(const Packet&) {
        bool marked = _red.marks(_queues.length(), clock::steady(), random_numbers());
        _drops += marked ? 1 : 0;
        return !marked;
    }

protected:
    Args& common_arguments(Args& args, Settings& next, bool& simple, unsigned stability) {
        next.stability = stability;
        return args.mandatory("MAX_P", bounded(next.probability, 0, 1))
            .keyword("QUEUES", _queues.argument(), {})
            .keyword("STABILITY", bounded(next.stability, 0, RandomEarlyDetection::kMostStability))
            .keyword("SIMPLE", simple, false);
    }

    RandomEarlyDetection _red;
    WatchedQueues _queues;

private:
    std::string average() const { return format("%.3f", _red.average()); }
    std::string queues() const { return _queues.names(); }
    std::string stats() const {
        return std::to_string(_queues.length()) + " current queue\n" + average() + " avg queue\n" + show_value(_drops) +
               " drops\n";
    }

    Tally _drops;
};

class RED final : public RedElement {
public:
    const char* class_name() const override { return "RED"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Settings next;
        bool simple = false;
        Args args(conf, this, errh);
        args.mandatory("MIN_THRESH", bounded(next.least, 0, RandomEarlyDetection::kMostThreshold))
            .mandatory("MAX_THRESH", bounded(next.most, 0, RandomEarlyDetection::kMostThreshold));
        if (common_arguments(args, next, simple, kStability).complete() < 0) {
            return -1;
        }
        if (next.least > next.most) {
            return errh.error("MIN_THRESH %u is greater than MAX_THRESH %u", next.least, next.most);
        }
        next.gentle = !simple;
        _red.settings() = next;
        return 0;
    }
    void add_handlers() override {
        RedElement::add_handlers();
        add_setting_handler("min_thresh", bounded(_red.settings().least, 0, RandomEarlyDetection::kMostThreshold));
        add_setting_handler("max_thresh", bounded(_red.settings().most, 0, RandomEarlyDetection::kMostThreshold));
    }

private:
    static constexpr unsigned kStability = 4;
};

class AdaptiveRED final : public RedElement {
public:
    const char* class_name() const override { return "AdaptiveRED"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Settings next;
        bool simple = false;
        uint32_t target = 0;
        Args args(conf, this, errh);
        args.mandatory("TARGET", bounded(target, kLeastTarget, kMostTarget));
        if (common_arguments(args, next, simple, kStability).complete() < 0) {
            return -1;
        }
        next.gentle = !simple;
        _target = target;
        _red.settings() = next;
        set_thresholds();
        return 0;
    }
    int initialize(ErrorHandler& errh) override {
        _timer.initialize(this);
        _timer.schedule_after(kInterval);
        return RedElement::initialize(errh);
    }
    void add_handlers() override {
        RedElement::add_handlers();
        add_setting_handler<&AdaptiveRED::set_thresholds>("target_queue", bounded(_target, kLeastTarget, kMostTarget));
        add_data_handler("min_thresh", _red.settings().least);
        add_data_handler("max_thresh", _red.settings().most);
    }

    /// Adds to the probability and multiplies it down, as section 3 of the paper has it.
    void run_timer() override {
        Settings& settings = _red.settings();
        double width = static_cast<double>(settings.most) - settings.least;
        double average = _red.average();
        double& probability = settings.probability;
        if (average > settings.least + 0.6 * width && probability <= 0.5) {
            probability += std::min(0.01, probability / 4);
        } else if (average < settings.least + 0.4 * width && probability >= 0.01) {
            probability *= 0.9;
        }
        _timer.reschedule_after(kInterval);
    }

private:
    static constexpr uint32_t kLeastTarget = 10;
    static constexpr uint32_t kMostTarget = RandomEarlyDetection::kMostThreshold / 2;
    static constexpr unsigned kStability = 10;
    static constexpr int64_t kInterval = clock::kSecond / 2;

    void set_thresholds() {
        _red.settings().least = _target / 2;
        _red.settings().most = _target + _target / 2;
    }

    uint32_t _target = kLeastTarget;
    Timer _timer{this};
};

}  // namespace

CLICK_ELEMENT(RED)
CLICK_ELEMENT(AdaptiveRED)

}  // namespace click
