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
=item HEADROOM
Integer. How many bytes are left free before the data. Default is 64.
=item STOP
Boolean. Whether the router stops when the LIMIT is reached. Default is false.
=back
=h count read
How many packets were made.
=h reset write
Sets the count to 0 and starts anew.
=h data read/write
The DATA argument.
=h interval read/write
The INTERVAL argument.
=h active read/write
The ACTIVE argument.
=e
  TimedSource(0.1, LIMIT 3, STOP true) -> Print -> Discard;
=a RatedSource, InfiniteSource
*/
#include <click/clock.hh>
#include <click/handlercall.hh>

#include "elements/standard/sourcedata.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class TimedSource final : public Element {
public:
    const char* class_name() const override { return "TimedSource"; }
    const char* port_count() const override { return "0/1"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override;
    void run_timer() override;

private:
    void start();
    std::string count() const { return std::to_string(_count); }
    void reset();
    std::string data() const { return _data.text(); }
    int set_data(std::string_view value, ErrorHandler&);
    std::string interval() const { return clock::unparse(_interval.nanoseconds); }
    int set_interval(std::string_view value, ErrorHandler& errh);
    std::string active() const { return _active ? "true" : "false"; }
    int set_active(std::string_view value, ErrorHandler& errh);

    SourceData _data;
    Duration _interval{clock::kSecond / 2};
    int64_t _limit = -1;
    bool _active = true;
    bool _stop = false;
    uint64_t _count = 0;
    Timer _timer{this};
};

int TimedSource::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    SourceData data;
    Duration interval{clock::kSecond / 2};
    int64_t limit = -1;
    bool active = true;
    bool stop = false;
    if (Args(conf, this, errh)
            .optional("INTERVAL", interval)
            .optional("DATA", data.text_argument())
            .keyword("LIMIT", limit)
            .keyword("ACTIVE", active)
            .keyword("STOP", stop)
            .keyword("HEADROOM", data.headroom_argument())
            .complete() < 0) {
        return -1;
    }
    data.prepare();
    _data = std::move(data);
    _interval = interval;
    _limit = limit;
    _active = active;
    _stop = stop;
    start();
    return 0;
}

int TimedSource::initialize(ErrorHandler&) {
    _timer.initialize(this);
    if (_active) {
        _timer.schedule_after(_interval.nanoseconds);
    }
    return 0;
}

void TimedSource::run_timer() {
    if (_limit >= 0 && _count >= static_cast<uint64_t>(_limit)) {
        if (_stop) {
            router().please_stop();
        }
        return;
    }
    if (PacketPtr packet = _data.make()) {
        packet->set_timestamp(clock::now());
        ++_count;
        output(0).push(std::move(packet));
    }
    if (_active) {
        _timer.reschedule_after(_interval.nanoseconds);
    }
}

void TimedSource::start() {
    if (!initialized()) {
        return;
    }
    if (!_active) {
        _timer.unschedule();
    } else if (!_timer.scheduled()) {
        _timer.schedule_after(_interval.nanoseconds);
    }
}

void TimedSource::reset() {
    _count = 0;
    start();
}

int TimedSource::set_data(std::string_view value, ErrorHandler&) {
    _data.set_text(unquote(value));
    return 0;
}

int TimedSource::set_interval(std::string_view value, ErrorHandler& errh) {
    ArgContext context(this, errh, "interval");
    return parse_arg(trim(value), _interval, context) ? 0 : -1;
}

int TimedSource::set_active(std::string_view value, ErrorHandler& errh) {
    int result = read_value(value, _active, errh);
    start();
    return result;
}

void TimedSource::add_handlers() {
    add_read_handler<&TimedSource::count>("count");
    add_write_handler<&TimedSource::reset>("reset", 0, Handler::kButton);
    add_read_handler<&TimedSource::data>("data", 0, Handler::kRaw);
    add_write_handler<&TimedSource::set_data>("data");
    add_read_handler<&TimedSource::interval>("interval");
    add_write_handler<&TimedSource::set_interval>("interval");
    add_read_handler<&TimedSource::active>("active", 0, Handler::kCheckbox);
    add_write_handler<&TimedSource::set_active>("active");
}

}  // namespace

CLICK_ELEMENT(TimedSource)

}  // namespace click
