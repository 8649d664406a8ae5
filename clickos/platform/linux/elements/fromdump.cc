// SPDX-License-Identifier: Apache-2.0
/*
=c
FromDump(FILENAME [, I<keywords>])
=s traces
reads packets from a pcap file
=d
Emits the packets of a file that C<tcpdump -w> or ToDump wrote, with their timestamps; C<-> is the standard input. Files of
either byte order, with micro- or nanoseconds, and compressed by gzip or bzip2 are read.

Keyword arguments are:
=over 8
=item STOP
Boolean. Whether the router stops at the end of the file. Default is false.
=item TIMING
Boolean. Whether packets come as far apart as their timestamps; the first one comes at once. Default is false.
=item SAMPLE
Real number. Each packet comes with this probability. Default is 1.
=item FORCE_IP
Boolean. If true, only IP packets go to output 0, with their IP header annotations set; others go to output 1 if it is
connected. Default is false.
=item START
Time in seconds since the epoch. Earlier packets are left out. C<START_AFTER> counts from the first packet instead.
=item END
Time in seconds since the epoch. The file counts as ended at the first packet that is not earlier. C<END_AFTER> counts
from the first packet, C<INTERVAL> from the first packet that is not left out.
=item END_CALL
A write handler and its value, called at the end. It excludes STOP. By default, with an end time, packets pause there.
=item FILEPOS
Unsigned. Where in the file the first packet lies. Default is behind the file's header.
=item MMAP
Boolean. Accepted for older configurations, changes nothing.
=item ACTIVE
Boolean. Whether packets come. Default is true.
=back
=h count read
Packets that came out.
=h packets read
The same as C<count>.
=h reset_counts write
Sets C<count> to 0.
=h sampling_prob read
The SAMPLE argument.
=h active read/write
The ACTIVE argument.
=h encap read
The encapsulation that the file names, such as C<ETHER>.
=h filename read
The FILENAME argument.
=h filesize read
The file's length in bytes, or C<-> for a pipe.
=h filepos read/write
Where in the file the next packet lies.
=h extend_interval write
Puts the end time off by so many seconds and goes on.
=h reset_timing write
With TIMING, has the next packet come at once.
=h stop write
Makes packets pause and the router stop.
=e
  FromDump(trace.pcap, STOP true) -> Print -> Discard;
=a ToDump, FromDevice
*/
#include <click/clock.hh>
#include <click/handlercall.hh>
#include <click/notifier.hh>

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/linux/pcap_file.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class FromDump final : public Element {
public:
    const char* class_name() const override { return "FromDump"; }
    const char* port_count() const override { return "0/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void cleanup() override { _file.close(); }
    void add_handlers() override;
    void pull(int port, PacketBatch& batch, unsigned most) override;
    bool run_task() override;
    void run_timer() override { wake(); }
    Notifier* empty_notifier(int port) override { return port == 0 ? &_ready : nullptr; }

private:
    static constexpr int64_t kNever = INT64_MAX;

    /// The next packet that is due, or null; then `_ended` says whether more may come later.
    PacketPtr take();
    bool read();
    bool wanted(Packet& packet);
    bool due(const Packet& packet);
    void set_times(const Packet& first);
    void end();
    void wake();
    std::string count() const { return std::to_string(_count); }
    void reset_counts() { _count = 0; }
    std::string sampling() const { return format("%g", _sample); }
    std::string active() const { return _active ? "true" : "false"; }
    int set_active(std::string_view value, ErrorHandler& errh);
    std::string encap() const { return _file.encapsulation().unparse(); }
    std::string filename() const { return _name; }
    std::string filesize() const { return _file.size() < 0 ? "-" : std::to_string(_file.size()); }
    std::string filepos() const { return std::to_string(_packet ? _packet_position : _file.position()); }
    int set_filepos(std::string_view value, ErrorHandler& errh);
    int extend_interval(std::string_view value, ErrorHandler& errh);
    void reset_timing() { _timing_set = false; }
    void stop();

    std::string _name;
    bool _timing = false;
    double _sample = 1;
    bool _force_ip = false;
    bool _active = true;
    Duration _start;
    bool _start_after = false;
    Duration _end_time;
    enum class End : uint8_t { Never, At, AfterFirst, AfterStart } _end_kind = End::Never;
    HandlerCall _end_call;
    uint64_t _position = 0;

    PcapReader _file;
    PacketPtr _packet;  ///< read, but not due yet
    uint64_t _packet_position = 0;
    bool _seen_first = false;
    bool _seen_start = false;
    bool _ended = false;
    int64_t _first_time = 0;
    int64_t _begin = 0;
    int64_t _finish = kNever;
    bool _timing_set = false;
    int64_t _timing_offset = 0;  ///< of the monotonic clock to the packets' timestamps
    uint64_t _random = 0;
    uint64_t _count = 0;
    Notifier _ready;
    NotifierSignal _room;
    Task _task{this};
    Timer _timer{this};
};

int FromDump::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    bool stop = false;
    bool mmap = false;
    Duration start_after;
    Duration end;
    Duration end_after;
    Duration interval;
    bool has_start = false;
    bool has_start_after = false;
    bool has_end = false;
    bool has_end_after = false;
    bool has_interval = false;
    if (Args(conf, this, errh)
                .mandatory("FILENAME", _name)
                .keyword("STOP", stop)
                .keyword("TIMING", _timing)
                .keyword("SAMPLE", _sample)
                .keyword("FORCE_IP", _force_ip)
                .keyword("START", _start)
                .given(has_start)
                .keyword("START_AFTER", start_after)
                .given(has_start_after)
                .keyword("END", end)
                .given(has_end)
                .keyword("END_AFTER", end_after)
                .given(has_end_after)
                .keyword("INTERVAL", interval)
                .given(has_interval)
                .keyword("END_CALL", _end_call)
                .keyword("FILEPOS", _position)
                .keyword("MMAP", mmap)
                .keyword("ACTIVE", _active)
                .complete() < 0 ||
        end_call(stop, _end_call, errh) < 0) {
        return -1;
    }
    if (has_start && has_start_after) {
        return errh.error("'START' and 'START_AFTER' are mutually exclusive");
    }
    if (has_end + has_end_after + has_interval > 1) {
        return errh.error("'END', 'END_AFTER', and 'INTERVAL' are mutually exclusive");
    }
    if (_sample < 0 || _sample > 1) {
        return errh.error("SAMPLE: must be between 0 and 1");
    }
    if (has_start_after) {
        _start = start_after;
        _start_after = true;
    }
    _end_kind = has_end ? End::At : has_end_after ? End::AfterFirst : has_interval ? End::AfterStart : End::Never;
    _end_time = has_end ? end : has_end_after ? end_after : interval;
    return 0;
}

int FromDump::initialize(ErrorHandler& errh) {
    if (!_end_call.empty() && _end_call.initialize_write(*this, errh) < 0) {
        return -1;
    }
    if (_file.open(_name, errh) < 0 || (_position != 0 && _file.seek(_position, errh) < 0)) {
        return -1;
    }
    if (_force_ip && !can_hold_ip(_file.encapsulation())) {
        return errh.error("%s: unknown linktype %u; can't force IP packets", _name.c_str(),
                          _file.encapsulation().link_type());
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

void FromDump::take_state(Element& old, ErrorHandler& errh) {
    // The same file goes on where it was.
    auto& other = static_cast<FromDump&>(old);
    if (other._name != _name || other._file.size() < 0 || _file.size() != other._file.size()) {
        return;
    }
    uint64_t position = other._packet ? other._packet_position : other._file.position();
    if (_file.seek(position, errh) >= 0) {
        _seen_first = other._seen_first;
        _seen_start = other._seen_start;
        _first_time = other._first_time;
        _timing_set = other._timing_set;
        _timing_offset = other._timing_offset;
        _count = other._count;
    }
}

void FromDump::set_times(const Packet& first) {
    _first_time = first.timestamp();
    _seen_first = true;
    _begin = _start.nanoseconds + (_start_after ? _first_time : 0);
    if (_end_kind == End::At || _end_kind == End::AfterFirst) {
        _finish = _end_time.nanoseconds + (_end_kind == End::AfterFirst ? _first_time : 0);
    }
}

/// Whether a packet belongs to what was asked for.
bool FromDump::wanted(Packet& packet) {
    if (!_seen_first) {
        set_times(packet);
    }
    if (packet.timestamp() < _begin) {
        return false;
    }
    if (!_seen_start) {
        _seen_start = true;
        if (_end_kind == End::AfterStart) {
            _finish = packet.timestamp() + _end_time.nanoseconds;
        }
    }
    if (_sample < 1 && packet.timestamp() < _finish) {
        // xorshift64* (Vigna 2016): the upper 53 bits make a number in [0, 1).
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        return static_cast<double>((_random * 0x2545f4914f6cdd1dU) >> 11) * 0x1p-53 < _sample;
    }
    return true;
}

/// Whether the time has come for a packet; if not, the timer is set.
bool FromDump::due(const Packet& packet) {
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

/// Reads on to the next packet that belongs to what was asked for. False at the end.
bool FromDump::read() {
    while (!_packet) {
        LogErrorHandler errh;
        _packet_position = _file.position();
        _packet = _file.next(errh);
        if (!_packet) {
            return false;
        }
        if (!wanted(*_packet)) {
            _packet.reset();
        }
    }
    return _packet->timestamp() < _finish;
}

PacketPtr FromDump::take() {
    while (read()) {
        if (!due(*_packet)) {
            return {};
        }
        ++_count;
        if (!_force_ip || mark_ip_header(*_packet, _file.encapsulation())) {
            return std::move(_packet);
        }
        checked_push(1, std::move(_packet));
    }
    _ended = true;
    return {};
}

bool FromDump::run_task() {
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

void FromDump::pull(int, PacketBatch& batch, unsigned most) {
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
void FromDump::end() {
    if (_ended) {
        _ready.sleep();
        LogErrorHandler errh;
        _end_call.write(errh);
    }
}

void FromDump::wake() {
    if (!_active || _ended) {
        return;
    }
    _ready.wake();
    if (output_is_push(0)) {
        _task.reschedule();
    }
}

int FromDump::set_active(std::string_view value, ErrorHandler& errh) {
    int result = read_value(value, _active, errh);
    wake();
    return result;
}

int FromDump::set_filepos(std::string_view value, ErrorHandler& errh) {
    uint64_t position;
    if (read_value(value, position, errh) < 0 || _file.seek(position, errh) < 0) {
        return -1;
    }
    _packet.reset();
    _ended = false;
    wake();
    return 0;
}

int FromDump::extend_interval(std::string_view value, ErrorHandler& errh) {
    Duration more;
    ArgContext context(this, errh, "extend_interval");
    if (!parse_arg(trim(value), more, context)) {
        return -1;
    }
    if (_finish != kNever) {
        _finish += more.nanoseconds;
        _ended = false;
        wake();
    }
    return 0;
}

void FromDump::stop() {
    _active = false;
    router().please_stop();
}

void FromDump::add_handlers() {
    add_read_handler<&FromDump::count>("count");
    add_read_handler<&FromDump::count>("packets");
    add_write_handler<&FromDump::reset_counts>("reset_counts", 0, Handler::kButton);
    add_read_handler<&FromDump::sampling>("sampling_prob");
    add_read_handler<&FromDump::active>("active", 0, Handler::kCheckbox);
    add_write_handler<&FromDump::set_active>("active");
    add_read_handler<&FromDump::encap>("encap");
    add_read_handler<&FromDump::filename>("filename");
    add_read_handler<&FromDump::filesize>("filesize");
    add_read_handler<&FromDump::filepos>("filepos");
    add_write_handler<&FromDump::set_filepos>("filepos");
    add_write_handler<&FromDump::extend_interval>("extend_interval");
    add_write_handler<&FromDump::reset_timing>("reset_timing", 0, Handler::kButton);
    add_write_handler<&FromDump::stop>("stop", 0, Handler::kButton);
}

}  // namespace

CLICK_ELEMENT(FromDump)

}  // namespace click
