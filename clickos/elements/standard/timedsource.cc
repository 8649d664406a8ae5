// SPDX-License-Identifier: Apache-2.0
/*
=c
TimedSource([INTERVAL, DATA, I<keywords>])
=s basicsources
makes a packet every so often
=d
Pushes a packet that holds DATA every INTERVAL (0.5 seconds by default), the first one an INTERVAL after the start.

Keyword arguments are:
=over 8
=item INTERVAL
Duration. Default is 0.5 seconds.
=item DATA
String. What the packets hold. By default, a sentence of 64 bytes or more.
=item LIMIT
Integer. How many packets are made; negative for no limit. Default is -1.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=item LENGTH
Integer. When it is given, the packets have this length: DATA is cut, or repeated to fill it. C<DATASIZE> is the same.
=use source-keywords
=back
=use source-count
=h data read/write
The DATA argument.
=h interval read/write
The INTERVAL argument.
=h active read/write
The ACTIVE argument.
=h limit read/write
The LIMIT argument.
=use source-lengths
=e
  TimedSource(0.1, LIMIT 3, STOP true) -> Print -> Discard;
=a RatedSource, InfiniteSource
*/
#include <click/clock.hh>
#include <click/task.hh>

#include <limits>

#include "elements/standard/source.hh"

namespace click {

namespace {

constexpr Duration kDefaultInterval{clock::kSecond / 2};

class TimedSource final : public SourceElement {
public:
    const char* class_name() const override { return "TimedSource"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;
    void run_timer() override;

protected:
    void start() override;

private:
    auto interval() { return bounded(_interval, Duration{0}, Duration{std::numeric_limits<int64_t>::max()}); }

    Duration _interval = kDefaultInterval;
    Timer _timer{this};
};

int TimedSource::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Settings next;
    Args args(conf, this, errh);
    args.optional("INTERVAL", interval(), kDefaultInterval)
        .optional("DATA", next.data.text_argument())
        .keyword("LIMIT", next.limit)
        .keyword("ACTIVE", next.active);
    if (complete(args, next, errh) < 0) {
        return -1;
    }
    adopt(std::move(next));
    return 0;
}

int TimedSource::initialize(ErrorHandler& errh) {
    _timer.initialize(this);
    if (active()) {
        _timer.schedule_after(_interval.nanoseconds);
    }
    return SourceElement::initialize(errh);
}

void TimedSource::run_timer() {
    if (exhausted()) {
        end();
        return;
    }
    output(0).push(make(clock::now()));
    if (active()) {
        _timer.reschedule_after(_interval.nanoseconds);
    }
}

void TimedSource::start() {
    if (!active()) {
        _timer.unschedule();
    } else if (!_timer.scheduled()) {
        _timer.schedule_after(_interval.nanoseconds);
    }
}

void TimedSource::add_handlers() {
    add_source_handlers();
    add_setting_handler("interval", interval());
}

}  // namespace

CLICK_ELEMENT(TimedSource)

}  // namespace click
