// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/trace_source.hh"

#include <click/clock.hh>

#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

Args& TraceSource::trace_arguments(Args& args, bool& stop) {
    return args.keyword("STOP", stop)
        .keyword("TIMING", _timing)
        .keyword("SAMPLE", _sample)
        .keyword("END_CALL", _end_call)
        .keyword("ACTIVE", _active);
}

int TraceSource::check_arguments(bool stop, ErrorHandler& errh) {
    if (_sample < 0 || _sample > 1) {
        return errh.error("SAMPLE: must be between 0 and 1");
    }
    return end_call(stop, _end_call, errh);
}

int TraceSource::initialize(ErrorHandler& errh) {
    if (!_end_call.empty() && _end_call.initialize_write(*this, errh) < 0) {
        return -1;
    }
    _random = platform::entropy();
    _timer.initialize(this);
    _task.initialize(this, false);
    if (output_is_push(0)) {
        _room = NotifierSignal::downstream_full(*this, 0, &_task);
    }
    wake();
    return 0;
}

void TraceSource::take_progress(const TraceSource& old) {
    _timing_set = old._timing_set;
    _timing_offset = old._timing_offset;
    _count = old._count;
}

bool TraceSource::sampled() {
    if (_sample >= 1) {
        return true;
    }
    // xorshift64* (Vigna 2016): the upper 53 bits make a number in [0, 1).
    _random ^= _random >> 12;
    _random ^= _random << 25;
    _random ^= _random >> 27;
    return static_cast<double>((_random * 0x2545f4914f6cdd1dU) >> 11) * 0x1p-53 < _sample;
}

/// Whether the time has come for a packet; if not, the timer is set.
bool TraceSource::due(const Packet& packet) {
    if (!_timing) {
        return true;
    }
    int64_t now = clock::steady();
    if (!_timing_set) {
        _timing_set = true;
        _timing_offset = now - packet.timestamp();
    }
    int64_t when = packet.timestamp() + _timing_offset;
    if (when <= now) {
        return true;
    }
    _timer.schedule_at(when);
    _ready.sleep();
    return false;
}

PacketPtr TraceSource::take() {
    while (read()) {
        if (!due(*_packet)) {
            return {};
        }
        ++_count;
        if (PacketPtr packet = admit(std::move(_packet))) {
            return packet;
        }
    }
    _ended = true;
    return {};
}

bool TraceSource::run_task() {
    if (!_active || _ended || !_room.active()) {
        return false;
    }
    PacketPtr packet = take();
    if (packet) {
        output(0).push(std::move(packet));
        _task.reschedule();
        return true;
    }
    end();
    return false;
}

void TraceSource::pull(int, PacketBatch& batch, unsigned most) {
    if (!_active || _ended) {
        _ready.sleep();
        return;
    }
    for (; most > 0; --most) {
        PacketPtr packet = take();
        if (!packet) {
            end();
            return;
        }
        batch.append(std::move(packet));
    }
}

/// What happens when there are no more packets, as opposed to none yet.
void TraceSource::end() {
    if (_ended) {
        _ready.sleep();
        LogErrorHandler errh;
        _end_call.write(errh);
    }
}

void TraceSource::wake() {
    if (!_active || _ended) {
        return;
    }
    _ready.wake();
    if (output_is_push(0)) {
        _task.reschedule();
    }
}

std::string TraceSource::sampling() const { return format("%g", _sample); }

void TraceSource::stop() {
    _active = false;
    router().please_stop();
}

void TraceSource::add_trace_handlers() {
    add_data_handler("count", _count);
    add_data_handler("packets", _count);
    add_write_handler<&TraceSource::reset_counts>("reset_counts", 0, Handler::kButton);
    add_read_handler<&TraceSource::sampling>("sampling_prob");
    add_setting_handler<&TraceSource::wake>("active", _active);
    add_write_handler<&TraceSource::reset_timing>("reset_timing", 0, Handler::kButton);
    add_write_handler<&TraceSource::stop>("stop", 0, Handler::kButton);
}

}  // namespace click
