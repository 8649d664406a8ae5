// SPDX-License-Identifier: Apache-2.0
/*
=c
InfiniteSource([DATA, LIMIT, BURST, ACTIVE, I<keywords>])
=s basicsources
makes packets whenever it gets a turn
=d
Pushes packets that hold DATA, BURST of them (1 by default) at each turn, until LIMIT packets are out; a negative LIMIT
(the default) means no end. On a pull output, makes a packet for each pull. Pauses while all queues downstream are full.

Keyword arguments are:
=over 8
=item DATA
String. What the packets hold. By default, a sentence of 64 bytes or more.
=item LENGTH
Integer. When it is given, the packets have this length: DATA is cut, or repeated to fill it. C<DATASIZE> is the same.
=item LIMIT
Integer. How many packets are made; negative for no limit. Default is -1.
=item BURST
Integer, at least 1. How many packets are made at each turn. Default is 1.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=item TIMESTAMP
Boolean. Whether packets are stamped with the time at which they are made. Default is true.
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
=h limit read/write
The LIMIT argument.
=h burst read/write
The BURST argument.
=h active read/write
The ACTIVE argument.
=h length read/write
The LENGTH argument.
=e
  InfiniteSource(DATA \<00 01 02>, LIMIT 3, STOP true) -> Print -> Discard;
=a RatedSource, TimedSource
*/
#include <click/clock.hh>
#include <click/handlercall.hh>
#include <click/notifier.hh>

#include "elements/standard/sourcedata.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class InfiniteSource final : public Element {
public:
    const char* class_name() const override { return "InfiniteSource"; }
    const char* port_count() const override { return "0/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override;
    void pull(int port, PacketBatch& batch, unsigned most) override;
    bool run_task() override;

private:
    enum { kActive, kLimit, kBurst, kLength };

    /// How many packets may still be made.
    uint64_t remaining() const {
        uint64_t limit = _limit >= 0 ? static_cast<uint64_t>(_limit) : ~uint64_t{0};
        return limit > _count ? limit - _count : 0;
    }
    unsigned make(PacketBatch& batch, uint64_t most);
    void start();
    std::string read_number(int which);
    int write_number(std::string_view value, int which, ErrorHandler& errh);
    std::string data() const { return _data.text(); }
    int set_data(std::string_view value, ErrorHandler&);
    std::string count() const { return std::to_string(_count); }
    void reset();

    SourceData _data;
    int64_t _limit = -1;
    int32_t _burst = 1;
    bool _active = true;
    bool _timestamp = true;
    uint64_t _count = 0;
    HandlerCall _end;
    NotifierSignal _room;
    Task _task{this};
};

int InfiniteSource::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    SourceData data;
    int64_t limit = -1;
    int32_t burst = 1;
    bool active = true;
    bool timestamp = true;
    bool stop = false;
    HandlerCall end;
    if (Args(conf, this, errh)
                .optional("DATA", data.text_argument())
                .optional("LIMIT", limit)
                .optional("BURST", burst)
                .optional("ACTIVE", active)
                .keyword("TIMESTAMP", timestamp)
                .keyword("LENGTH", data.length_argument())
                .keyword("DATASIZE", data.length_argument())
                .keyword("HEADROOM", data.headroom_argument())
                .keyword("STOP", stop)
                .keyword("END_CALL", end)
                .complete() < 0 ||
        end_call(stop, end, errh) < 0) {
        return -1;
    }
    if (burst < 1) {
        return errh.error("burst size must be >= 1");
    }
    if (initialized() && !end.empty() && end.initialize_write(*this, errh) < 0) {
        return -1;
    }
    data.prepare();
    _data = std::move(data);
    _limit = limit;
    _burst = burst;
    _active = active;
    _timestamp = timestamp;
    _end = std::move(end);
    return 0;
}

int InfiniteSource::initialize(ErrorHandler& errh) {
    if (output_is_push(0)) {
        _task.initialize(this, true);
        _room = NotifierSignal::downstream_full(*this, 0, &_task);
    }
    return _end.empty() ? 0 : _end.initialize_write(*this, errh);
}

int InfiniteSource::live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = Element::live_reconfigure(conf, errh);
    start();
    return result;
}

unsigned InfiniteSource::make(PacketBatch& batch, uint64_t most) {
    most = std::min(most, remaining());
    // A batch is made at one moment: reading the clock for each packet would cost more than forwarding it.
    int64_t now = _timestamp && most > 0 ? clock::now() : 0;
    unsigned made = 0;
    while (made < most && !batch.full()) {
        PacketPtr packet = _data.make();
        if (!packet) {
            break;
        }
        packet->set_timestamp(now);
        batch.append(std::move(packet));
        ++made;
    }
    _count += made;
    return made;
}

bool InfiniteSource::run_task() {
    if (!_active || !_room.active()) {
        return false;
    }
    uint64_t before = _count;
    for (uint64_t left = _task.turn_budget(static_cast<uint64_t>(_burst), remaining()); left > 0;) {
        PacketBatch batch;
        unsigned made = make(batch, left);
        if (made == 0) {
            break;
        }
        output(0).push(batch);
        left -= made;
    }
    bool worked = _count > before;
    _task.turn_moved(_count - before);
    if (worked) {
        _task.reschedule();
    } else if (_limit >= 0 && _count >= static_cast<uint64_t>(_limit)) {
        LogErrorHandler errh;
        _end.write(errh);
    } else {
        _task.reschedule();  // out of memory: packets on their way will come back
    }
    return worked;
}

void InfiniteSource::pull(int, PacketBatch& batch, unsigned most) {
    if (!_active || most == 0) {
        return;
    }
    if (make(batch, most) == 0 && _limit >= 0 && _count >= static_cast<uint64_t>(_limit)) {
        LogErrorHandler errh;
        _end.write(errh);
    }
}

void InfiniteSource::start() {
    if (_active && initialized() && output_is_push(0)) {
        _task.reschedule();
    }
}

std::string InfiniteSource::read_number(int which) {
    switch (which) {
        case kActive:
            return _active ? "true" : "false";
        case kLimit:
            return std::to_string(_limit);
        case kBurst:
            return std::to_string(_burst);
        default:
            return std::to_string(_data.length());
    }
}

int InfiniteSource::write_number(std::string_view value, int which, ErrorHandler& errh) {
    int result = 0;
    if (which == kActive) {
        result = read_value(value, _active, errh);
    } else if (which == kLimit) {
        result = read_value(value, _limit, errh);
    } else if (which == kBurst) {
        int32_t burst = 0;
        if (read_value(value, burst, errh) < 0 || burst < 1) {
            return errh.error("burst parameter must be integer >= 1");
        }
        _burst = burst;
    } else {
        result = _data.set_length(value, errh);
    }
    start();
    return result;
}

int InfiniteSource::set_data(std::string_view value, ErrorHandler&) {
    _data.set_text(unquote(value));
    return 0;
}

void InfiniteSource::reset() {
    _count = 0;
    start();
}

void InfiniteSource::add_handlers() {
    add_read_handler<&InfiniteSource::count>("count");
    add_write_handler<&InfiniteSource::reset>("reset", 0, Handler::kButton);
    add_read_handler<&InfiniteSource::data>("data", 0, Handler::kRaw);
    add_write_handler<&InfiniteSource::set_data>("data");
    static constexpr struct {
        const char* name;
        int which;
        uint32_t flags;
    } kNumbers[] = {
        {"active", kActive, Handler::kCheckbox}, {"limit", kLimit, 0}, {"burst", kBurst, 0}, {"length", kLength, 0}};
    for (const auto& number : kNumbers) {
        add_read_handler<&InfiniteSource::read_number>(number.name, number.which, number.flags);
        add_write_handler<&InfiniteSource::write_number>(number.name, number.which);
    }
}

}  // namespace

CLICK_ELEMENT(InfiniteSource)

}  // namespace click
