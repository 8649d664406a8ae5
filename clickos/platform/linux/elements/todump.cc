// SPDX-License-Identifier: Apache-2.0
/*
=c
ToDump(FILENAME [, SNAPLEN, ENCAP, I<keywords>])
=s traces
writes packets to a pcap file
=d
Writes each packet to a file that C<tcpdump -r> and FromDump can read; C<-> is the standard output. A packet without a
timestamp is written with the current time. Passes packets on if its output is connected; without one, pulls them if its
input is a pull input.

Keyword arguments are:
=over 8
=item SNAPLEN
Unsigned. At most so many bytes of each packet are written; 0 for all. Default is 2000.
=item ENCAP
What packets begin with: C<ETHER> (the default), C<IP>, C<FDDI>, C<ATM>, C<802_11>, C<SLL>, C<AIRONET>, C<HDLC>,
C<PPP_HDLC>, C<PPP>, C<SUNATM>, C<PRISM> or C<NULL>.
=item USE_ENCAP_FROM
Names of elements. Takes what their C<encap> handlers say, which must be the same for all. It excludes ENCAP.
=item EXTRA_LENGTH
Boolean. Whether a packet's extra length annotation counts into its original length. Default is true.
=item NANO
Boolean. Whether timestamps have nanoseconds. Default is false.
=item UNBUFFERED
Boolean. Whether each packet is written at once, so that others can read the file as it grows. Default is false.
=back
=h count read
Packets written.
=h packets read
The same as C<count>.
=h filesize read
Bytes written.
=h filename read
The FILENAME argument.
=h reset_counts write
Sets C<count> to 0.
=h flush write
Writes out what is in the buffer.
=e
  InfiniteSource(LIMIT 5, STOP true) -> ToDump(trace.pcap, ENCAP IP);
=a FromDump
*/
#include <fcntl.h>
#include <unistd.h>

#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/handlercall.hh>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "lang/confparse.hh"
#include "net/encapsulation.hh"
#include "platform/linux/packet_sink.hh"
#include "platform/linux/pcap_file.hh"
#include "platform/platform.hh"

namespace click {

static bool parse_arg(std::string_view text, Encapsulation& value, ArgContext& context) {
    return parse_encapsulation(unquote(text), value) || context.error("bad encapsulation type");
}

namespace {

class ToDump final : public PacketSink {
public:
    const char* class_name() const override { return "ToDump"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void cleanup() override;
    void add_handlers() override;

    void transform(PacketBatch& batch) override {
        for (const Packet* packet : batch) {
            write_packet(*packet);
        }
        if (_unbuffered) {
            flush();
        }
    }

private:
    static constexpr size_t kBufferSize = size_t{64} << 10;
    static constexpr uint32_t kWholePackets = 65535;

    bool same_file(const ToDump& other) const {
        return other._fd >= 0 && other._name == _name && other._encapsulation == _encapsulation &&
               other._nanoseconds == _nanoseconds;
    }
    int use_encap_of(const std::string& elements, ErrorHandler& errh);
    void write_header();
    void write_packet(const Packet& packet);
    void append(const void* bytes, size_t length) { _buffer.append(static_cast<const char*>(bytes), length); }
    void flush();
    std::string count() const { return std::to_string(_count); }
    std::string filesize() const { return std::to_string(_written + _buffer.size()); }
    std::string filename() const { return _name; }
    void reset_counts() { _count = 0; }

    std::string _name;
    uint32_t _snap_length = 2000;
    Encapsulation _encapsulation;
    std::string _encap_from;
    bool _extra_length = true;
    bool _nanoseconds = false;
    bool _unbuffered = false;
    int _fd = -1;
    std::string _buffer;
    uint64_t _written = 0;
    uint64_t _count = 0;
    bool _failed = false;
};

int ToDump::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    bool has_encap = false;
    RawArg encap_from;
    bool has_encap_from = false;
    if (Args(conf, this, errh)
            .mandatory("FILENAME", _name)
            .optional("SNAPLEN", _snap_length)
            .optional("ENCAP", _encapsulation)
            .given(has_encap)
            .keyword("USE_ENCAP_FROM", encap_from)
            .given(has_encap_from)
            .keyword("EXTRA_LENGTH", _extra_length)
            .keyword("NANO", _nanoseconds)
            .keyword("UNBUFFERED", _unbuffered)
            .complete() < 0) {
        return -1;
    }
    if (has_encap && has_encap_from) {
        return errh.error("specify at most one of 'ENCAP' and 'USE_ENCAP_FROM'");
    }
    _encap_from = encap_from.text;
    return 0;
}

int ToDump::initialize(ErrorHandler& errh) {
    if (!_encap_from.empty() && use_encap_of(_encap_from, errh) < 0) {
        return -1;
    }
    begin_pulling();
    Router* replaced = router().replaced();
    Element* old = replaced ? replaced->find(name()) : nullptr;
    if (old && std::string_view(old->class_name()) == class_name() && same_file(static_cast<const ToDump&>(*old))) {
        return 0;  // take_state brings the file; opening it anew would empty it
    }
    _fd = _name == "-" ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                       : open(_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (_fd < 0) {
        return errh.error("%s: %s", _name.c_str(), std::strerror(errno));
    }
    _buffer.reserve(kBufferSize + kWholePackets);
    write_header();
    return 0;
}

int ToDump::use_encap_of(const std::string& elements, ErrorHandler& errh) {
    bool first = true;
    for (const std::string& name : split_words(elements)) {
        Router::HandlerRef handler = router().find_handler(unquote(name) + ".encap", this);
        Encapsulation encapsulation;
        if (!handler || !handler.handler->read ||
            !parse_encapsulation(trim(router().read(handler, {}, errh)), encapsulation)) {
            return errh.error("USE_ENCAP_FROM: '%s' has no encapsulation", name.c_str());
        }
        if (!first && encapsulation != _encapsulation) {
            return errh.error("USE_ENCAP_FROM: elements disagree on the encapsulation type");
        }
        _encapsulation = encapsulation;
        first = false;
    }
    return 0;
}

void ToDump::write_header() {
    PcapHeader header{};
    header.magic = _nanoseconds ? PcapHeader::kNanoseconds : PcapHeader::kMicroseconds;
    header.major_version = 2;
    header.minor_version = 4;
    header.snap_length = _snap_length != 0 ? _snap_length : kWholePackets;
    header.link_type = _encapsulation.link_type();
    append(&header, sizeof header);
    flush();
}

void ToDump::write_packet(const Packet& packet) {
    if (_failed) {
        return;
    }
    int64_t time = packet.timestamp() != 0 ? packet.timestamp() : clock::now();
    PcapRecord record;
    record.seconds = static_cast<uint32_t>(time / clock::kSecond);
    record.fraction = static_cast<uint32_t>(time % clock::kSecond / (_nanoseconds ? 1 : 1000));
    record.captured = _snap_length != 0 ? std::min(packet.length(), _snap_length) : packet.length();
    record.length = packet.length() + (_extra_length ? packet.anno_u32(anno::kExtraLength) : 0);
    append(&record, sizeof record);
    append(packet.data(), record.captured);
    ++_count;
    if (_buffer.size() >= kBufferSize) {
        flush();
    }
}

void ToDump::flush() {
    size_t done = 0;
    while (done < _buffer.size() && !_failed) {
        ssize_t written = write(_fd, _buffer.data() + done, _buffer.size() - done);
        if (written >= 0) {
            done += static_cast<size_t>(written);
        } else if (errno != EINTR) {
            _failed = true;
            platform::log(declaration() + ": " + _name + ": " + std::strerror(errno) + "\n");
        }
    }
    _written += done;
    _buffer.clear();
}

void ToDump::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<ToDump&>(old);
    if (!same_file(other)) {
        return;
    }
    other.flush();
    _fd = other._fd;
    other._fd = -1;
    _written = other._written;
    _count = other._count;
}

void ToDump::cleanup() {
    if (_fd >= 0) {
        flush();
        close(_fd);
        _fd = -1;
    }
}

void ToDump::add_handlers() {
    add_read_handler<&ToDump::count>("count");
    add_read_handler<&ToDump::count>("packets");
    add_read_handler<&ToDump::filesize>("filesize");
    add_read_handler<&ToDump::filename>("filename");
    add_write_handler<&ToDump::reset_counts>("reset_counts", 0, Handler::kButton);
    add_write_handler<&ToDump::flush>("flush", 0, Handler::kButton);
}

}  // namespace

CLICK_ELEMENT(ToDump)

}  // namespace click
