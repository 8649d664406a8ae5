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

#include "lang/confparse.hh"
#include "platform/linux/pcap_file.hh"
#include "platform/linux/trace_source.hh"

namespace click {

namespace {

class FromDump final : public TraceSource {
public:
    const char* class_name() const override { return "FromDump"; }
    const char* port_count() const override { return "0/1-2"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void cleanup() override { _file.close(); }
    void add_handlers() override;

private:
    static constexpr int64_t kNever = INT64_MAX;

    bool read() override;
    PacketPtr admit(PacketPtr packet) override;
    bool wanted(Packet& packet);
    void set_times(const Packet& first);
    std::string encap() const { return _file.encapsulation().unparse(); }
    std::string filename() const { return _name; }
    std::string filesize() const { return _file.size() < 0 ? "-" : std::to_string(_file.size()); }
    std::string filepos() const { return std::to_string(_packet ? _packet_position : _file.position()); }
    int set_filepos(std::string_view value, ErrorHandler& errh);
    int extend_interval(std::string_view value, ErrorHandler& errh);

    std::string _name;
    bool _force_ip = false;
    Duration _start;
    bool _start_after = false;
    Duration _end_time;
    enum class End : uint8_t { Never, At, AfterFirst, AfterStart } _end_kind = End::Never;
    uint64_t _position = 0;

    PcapReader _file;
    uint64_t _packet_position = 0;
    bool _seen_first = false;
    bool _seen_start = false;
    int64_t _first_time = 0;
    int64_t _begin = 0;
    int64_t _finish = kNever;
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
    Args args(conf, this, errh);
    if (trace_arguments(args, stop)
                .mandatory("FILENAME", _name)
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
                .keyword("FILEPOS", _position)
                .keyword("MMAP", mmap)
                .complete() < 0 ||
        check_arguments(stop, errh) < 0) {
        return -1;
    }
    if (has_start && has_start_after) {
        return errh.error("'START' and 'START_AFTER' are mutually exclusive");
    }
    if (has_end + has_end_after + has_interval > 1) {
        return errh.error("'END', 'END_AFTER', and 'INTERVAL' are mutually exclusive");
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
    if (_file.open(_name, errh) < 0 || (_position != 0 && _file.seek(_position, errh) < 0)) {
        return -1;
    }
    if (_force_ip && !can_hold_ip(_file.encapsulation())) {
        return errh.error("%s: unknown linktype %u; can't force IP packets", _name.c_str(),
                          _file.encapsulation().link_type());
    }
    return TraceSource::initialize(errh);
}

void FromDump::take_state(Element& old, ErrorHandler& errh) {
    // The same file goes on where it was.
    auto& other = static_cast<FromDump&>(old);
    if (other._name != _name || other._file.size() < 0 || _file.size() != other._file.size()) {
        return;
    }
    uint64_t position = other._packet ? other._packet_position : other._file.position();
    if (_file.seek(position, errh) >= 0) {
        take_progress(other);
        _seen_first = other._seen_first;
        _seen_start = other._seen_start;
        _first_time = other._first_time;
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
    return packet.timestamp() >= _finish || sampled();
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

PacketPtr FromDump::admit(PacketPtr packet) {
    if (_force_ip && !mark_ip_header(*packet, _file.encapsulation())) {
        checked_push(1, std::move(packet));
        return {};
    }
    return packet;
}

int FromDump::set_filepos(std::string_view value, ErrorHandler& errh) {
    uint64_t position;
    if (read_value(value, position, errh) < 0 || _file.seek(position, errh) < 0) {
        return -1;
    }
    _packet.reset();
    restart();
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
        restart();
    }
    return 0;
}

void FromDump::add_handlers() {
    add_trace_handlers();
    add_read_handler<&FromDump::encap>("encap");
    add_read_handler<&FromDump::filename>("filename");
    add_read_handler<&FromDump::filesize>("filesize");
    add_read_handler<&FromDump::filepos>("filepos");
    add_write_handler<&FromDump::set_filepos>("filepos");
    add_write_handler<&FromDump::extend_interval>("extend_interval");
}

}  // namespace

CLICK_ELEMENT(FromDump)

}  // namespace click
