// SPDX-License-Identifier: Apache-2.0
/*
=c
RatedSource([DATA, RATE, LIMIT, ACTIVE, I<keywords>])
=s basicsources
makes packets at a given rate
=d
Pushes packets that hold DATA, RATE of them a second (10 by default), until LIMIT packets are out; a negative LIMIT (the
default) means no end. On a pull output, gives a packet to a pull when the rate allows one.

Keyword arguments are:
=over 8
=item DATA
String. What the packets hold. By default, a sentence of 64 bytes or more.
=item LENGTH
Integer. When it is given, the packets have this length: DATA is cut, or repeated to fill it. C<DATASIZE> is the same.
=item RATE
Integer. Packets a second. Default is 10.
=item BANDWIDTH
Bandwidth. Sets RATE so that the packets' bytes amount to this.
=item LIMIT
Integer. How many packets are made; negative for no limit. Default is -1.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=item HEADROOM
Integer. How many bytes are left free before the data. Default is 64.
=item STOP
Boolean. Whether the router stops when the LIMIT is reached. Default is false.
=item END_CALL
A write handler and its value, called when the LIMIT is reached. It excludes STOP.
=back
=h count read
How many packets were made.
=h reset write
Sets the count to 0 and starts anew.
=h data read/write
The DATA argument.
=h rate read/write
The RATE argument.
=h limit read/write
The LIMIT argument.
=h active read/write
The ACTIVE argument.
=h length read/write
The LENGTH argument.
=e
  RatedSource(RATE 100, LIMIT 5, STOP true) -> Print -> Discard;
=a InfiniteSource, TimedSource
*/
#include <click/clock.hh>
#include <click/handlercall.hh>

#include <algorithm>

#include "elements/standard/sourcedata.hh"
#include "lang/confparse.hh"
#include "lib/tokenbucket.hh"

namespace click {

namespace {

class RatedSource final : public Element {
public:
    const char* class_name() const override { return "RatedSource"; }
    const char* port_count() const override { return "0/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override;
    void pull(int port, PacketBatch& batch, unsigned most) override;
    bool run_task() override;
    void run_timer() override { _task.reschedule(); }

private:
    enum { kActive, kLimit, kRate, kLength };

    bool exhausted() const { return _limit >= 0 && _count >= static_cast<uint64_t>(_limit); }
    PacketPtr make();
    void set_rate(uint32_t rate);
    void start();
    std::string read_number(int which);
    int write_number(std::string_view value, int which, ErrorHandler& errh);
    std::string data() const { return _data.text(); }
    int set_data(std::string_view value, ErrorHandler&);
    std::string count() const { return std::to_string(_count); }
    void reset();

    SourceData _data;
    uint32_t _rate = 10;
    TokenBucket _bucket;
    int64_t _limit = -1;
    bool _active = true;
    uint64_t _count = 0;
    HandlerCall _end;
    Task _task{this};
    Timer _timer{this};
};

int RatedSource::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    SourceData data;
    uint32_t rate = 10;
    Bandwidth bandwidth;
    bool has_bandwidth = false;
    int64_t limit = -1;
    bool active = true;
    bool stop = false;
    HandlerCall end;
    if (Args(conf, this, errh)
                .optional("DATA", data.text_argument())
                .optional("RATE", rate)
                .optional("LIMIT", limit)
                .optional("ACTIVE", active)
                .keyword("LENGTH", data.length_argument())
                .keyword("DATASIZE", data.length_argument())
                .keyword("HEADROOM", data.headroom_argument())
                .keyword("STOP", stop)
                .keyword("BANDWIDTH", bandwidth)
                .given(has_bandwidth)
                .keyword("END_CALL", end)
                .complete() < 0 ||
        end_call(stop, end, errh) < 0) {
        return -1;
    }
    if (initialized() && !end.empty() && end.initialize_write(*this, errh) < 0) {
        return -1;
    }
    data.prepare();
    if (has_bandwidth) {
        rate = static_cast<uint32_t>(bandwidth.bytes_per_second / std::max<size_t>(data.length(), 1));
    }
    _data = std::move(data);
    _limit = limit;
    _active = active;
    _end = std::move(end);
    set_rate(rate);
    return 0;
}

int RatedSource::initialize(ErrorHandler& errh) {
    if (output_is_push(0)) {
        _task.initialize(this, true);
        _timer.initialize(this);
    }
    _bucket.set_tokens(1, clock::steady());
    return _end.empty() ? 0 : _end.initialize_write(*this, errh);
}

int RatedSource::live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = Element::live_reconfigure(conf, errh);
    start();
    return result;
}

void RatedSource::set_rate(uint32_t rate) {
    if (initialized()) {
        _bucket.refill(clock::steady());  // at the old rate until now
    }
    // A late turn makes up for at most a hundredth of a second.
    _rate = rate;
    _bucket.configure(rate, rate < 200 ? 2 : rate / 100);
}

PacketPtr RatedSource::make() {
    PacketPtr packet = _data.make();
    if (packet) {
        packet->set_timestamp(clock::now());
        ++_count;
    }
    return packet;
}

bool RatedSource::run_task() {
    if (!_active) {
        return false;
    }
    if (exhausted()) {
        LogErrorHandler errh;
        _end.write(errh);
        return false;
    }
    int64_t now = clock::steady();
    _bucket.refill(now);
    uint64_t left = _limit >= 0 ? static_cast<uint64_t>(_limit) - _count : ~uint64_t{0};
    uint64_t most = std::min<uint64_t>(_task.turn_budget(1, left), PacketBatch::kCapacity);
    PacketBatch batch;
    while (batch.size() < most && _bucket.remove(1)) {
        PacketPtr packet = make();
        if (!packet) {
            break;
        }
        batch.append(std::move(packet));
    }
    _task.turn_moved(batch.size());
    if (!batch.empty()) {
        output(0).push(batch);
        _task.reschedule();
        return true;
    }
    if (_rate > 0) {
        _timer.schedule_at(_bucket.time_of(1, now));
    }
    return false;
}

void RatedSource::pull(int, PacketBatch& batch, unsigned most) {
    if (!_active || most == 0) {
        return;
    }
    if (exhausted()) {
        LogErrorHandler errh;
        _end.write(errh);
        return;
    }
    _bucket.refill(clock::steady());
    while (most-- > 0 && !exhausted() && _bucket.remove(1)) {
        batch.append(make());
    }
}

void RatedSource::start() {
    if (_active && initialized() && output_is_push(0)) {
        _timer.unschedule();
        _task.reschedule();
    }
}

std::string RatedSource::read_number(int which) {
    switch (which) {
        case kActive:
            return _active ? "true" : "false";
        case kLimit:
            return std::to_string(_limit);
        case kRate:
            return std::to_string(_rate);
        default:
            return std::to_string(_data.length());
    }
}

int RatedSource::write_number(std::string_view value, int which, ErrorHandler& errh) {
    int result = 0;
    if (which == kActive) {
        result = read_value(value, _active, errh);
    } else if (which == kLimit) {
        result = read_value(value, _limit, errh);
    } else if (which == kRate) {
        uint32_t rate;
        result = read_value(value, rate, errh);
        if (result >= 0) {
            set_rate(rate);
        }
    } else {
        result = _data.set_length(value, errh);
    }
    start();
    return result;
}

int RatedSource::set_data(std::string_view value, ErrorHandler&) {
    _data.set_text(unquote(value));
    return 0;
}

void RatedSource::reset() {
    _count = 0;
    _bucket.set_tokens(1, clock::steady());
    start();
}

void RatedSource::add_handlers() {
    add_read_handler<&RatedSource::count>("count");
    add_write_handler<&RatedSource::reset>("reset", 0, Handler::kButton);
    add_read_handler<&RatedSource::data>("data", 0, Handler::kRaw);
    add_write_handler<&RatedSource::set_data>("data");
    static constexpr struct {
        const char* name;
        int which;
        uint32_t flags;
    } kNumbers[] = {
        {"active", kActive, Handler::kCheckbox}, {"limit", kLimit, 0}, {"rate", kRate, 0}, {"length", kLength, 0}};
    for (const auto& number : kNumbers) {
        add_read_handler<&RatedSource::read_number>(number.name, number.which, number.flags);
        add_write_handler<&RatedSource::write_number>(number.name, number.which);
    }
}

}  // namespace

CLICK_ELEMENT(RatedSource)

}  // namespace click
