// SPDX-License-Identifier: Apache-2.0
/*
=c
FromNetFlowSummaryDump(FILE [, I<keywords>])
=s traces
makes packets of a summary of NetFlow records
=d
Emits an IPv4 packet for each line of a file that says what a router counted (NetFlow); C<-> is the standard input. Files
compressed by gzip or bzip2 are read. Empty lines and those that begin with C<!> or C<#> are no packets. All others have at
least 15 fields, separated by vertical bars, of which these are used, counted from 0: 0 source and 1 destination address,
3 input and 4 output interface, 5 count of packets, 6 count of bytes, 7 time of the first and 8 of the last packet (Unix
time; 0 where it is not known), 9 source and 10 destination port, 12 the flags of TCP that any packet had, 13 IP protocol,
14 IP type of service.

A packet has its headers, and stands for all packets of the flow by its extra packets annotation, for all their bytes by its
extra length annotation. Its timestamp is that of the last packet, or of the first where there is no other; the first
timestamp annotation that of the first. Checksums are not set.

Keyword arguments are:
=over 8
=item STOP
Boolean. Whether the router stops at the end of the file. Default is false.
=item END_CALL
A write handler and its value, called at the end. It excludes STOP.
=item TIMING
Boolean. Whether packets come as far apart as their timestamps; the first one comes at once. Default is false.
=item ACTIVE
Boolean. Whether packets come. Default is true.
=item SAMPLE
Real number. Each packet comes with this probability. Default is 1.
=item ZERO
Boolean. Whether what the file does not say is zero; if not, it is random. Default is true.
=item MULTIPACKET
Boolean. Whether there is a packet for each of the flow, at most 65536: they share its bytes evenly, and their timestamps
go evenly from the first packet's time to the last one's. Default is false.
=item LINK
Which interface the paint annotation is: C<input> (the default), C<output>, or C<both>, the input in the upper four bits
and the output in the lower ones. Larger numbers than there is room for become the largest.
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
Always C<IP>.
=h filename read
The FILE argument.
=h filesize read
The file's length in bytes, or C<-> for a pipe.
=h filepos read
Where in the file the next line lies.
=h reset_timing write
With TIMING, has the next packet come at once.
=h stop write
Makes packets pause and the router stop.
=e
  FromNetFlowSummaryDump(flows.txt, STOP true, MULTIPACKET true) -> IPPrint -> Discard;
=a FromIPSummaryDump, IPFIXExporter
*/
#include <algorithm>
#include <array>
#include <string_view>

#include "elements/analysis/summarypacket.hh"
#include "lang/confparse.hh"
#include "platform/linux/input_file.hh"
#include "platform/linux/trace_source.hh"

namespace click {

namespace {

/// What a line says, apart from its packets' headers.
struct FlowRecord {
    SummaryPacket packet;
    uint32_t count = 1;
    uint64_t bytes = 0;
    int64_t first = 0;
    int64_t last = 0;
};

class FromNetFlowSummaryDump final : public TraceSource {
public:
    const char* class_name() const override { return "FromNetFlowSummaryDump"; }
    const char* port_count() const override { return "0/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override {
        return _file.open(_name, errh) < 0 ? -1 : TraceSource::initialize(errh);
    }
    void cleanup() override { _file.close(); }
    void add_handlers() override {
        add_trace_handlers();
        add_data_handler("filename", _name);
        add_read_handler<&FromNetFlowSummaryDump::of_file>("encap", kEncapsulation);
        add_read_handler<&FromNetFlowSummaryDump::of_file>("filesize", kSize);
        add_read_handler<&FromNetFlowSummaryDump::of_file>("filepos", kPosition);
    }

private:
    enum class Link : uint8_t { Input, Output, Both };
    enum { kEncapsulation, kSize, kPosition };
    static constexpr size_t kFields = 15;
    static constexpr uint32_t kMostPackets = 65536;

    bool read() override;
    bool next_record();
    bool parse(std::string_view line, FlowRecord& record) const;
    uint8_t paint(uint64_t input, uint64_t output) const;
    PacketPtr next_packet();
    std::string of_file(int what) const {
        bool unknown = what == kSize && _file.size() < 0;
        int64_t number = what == kSize ? _file.size() : static_cast<int64_t>(_file.position());
        return what == kEncapsulation ? "IP" : (unknown ? "-" : std::to_string(number));
    }

    std::string _name;
    SummaryPacketStyle _style;
    bool _multipacket = false;
    Link _link = Link::Input;
    LineFile _file;
    FlowRecord _record;
    uint32_t _made = 0;  ///< packets of the record
    uint32_t _left = 0;
    bool _complained = false;
};

int FromNetFlowSummaryDump::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    bool stop = false;
    std::string link = "input";
    Args args(conf, this, errh);
    args.mandatory("FILE", _name);
    trace_arguments(args, stop).keyword("ZERO", _style.zero).keyword("MULTIPACKET", _multipacket).keyword("LINK", link);
    if (args.complete() < 0 || check_arguments(stop, errh) < 0) {
        return -1;
    }
    if (link != "input" && link != "output" && link != "both") {
        return errh.error("LINK: expected 'input', 'output' or 'both', got '%s'", link.c_str());
    }
    _link = link == "input" ? Link::Input : (link == "output" ? Link::Output : Link::Both);
    return 0;
}

uint8_t FromNetFlowSummaryDump::paint(uint64_t input, uint64_t output) const {
    constexpr uint64_t kMost = 255;
    constexpr uint64_t kMostOfBoth = 15;
    if (_link == Link::Both) {
        return static_cast<uint8_t>(std::min(input, kMostOfBoth) << 4 | std::min(output, kMostOfBoth));
    }
    return static_cast<uint8_t>(std::min(_link == Link::Input ? input : output, kMost));
}

bool FromNetFlowSummaryDump::parse(std::string_view line, FlowRecord& record) const {
    std::array<std::string_view, kFields> fields;
    for (size_t i = 0; i < kFields; ++i) {
        size_t bar = line.find('|');
        fields[i] = trim(line.substr(0, bar));
        if (bar == std::string_view::npos && i + 1 < kFields) {
            return false;
        }
        line.remove_prefix(bar == std::string_view::npos ? line.size() : bar + 1);
    }
    auto number = [&](size_t field, uint64_t most) {
        uint64_t value = 0;
        return parse_unsigned(fields[field], value) && value <= most ? value : most + 1;
    };
    IPAddress source;
    IPAddress destination;
    constexpr uint64_t kByte = 255;
    constexpr uint64_t kPort = 65535;
    constexpr uint64_t kNumber = UINT32_MAX;
    constexpr int64_t kSecond = 1'000'000'000;
    uint64_t input = number(3, kNumber);
    uint64_t output = number(4, kNumber);
    uint64_t count = number(5, kNumber);
    uint64_t bytes = number(6, kNumber);
    uint64_t first = number(7, kNumber);
    uint64_t last = number(8, kNumber);
    uint64_t source_port = number(9, kPort);
    uint64_t destination_port = number(10, kPort);
    uint64_t flags = number(12, kByte);
    uint64_t protocol = number(13, kByte);
    uint64_t service = number(14, kByte);
    if (!parse_ip_address(fields[0], source) || !parse_ip_address(fields[1], destination) ||
        std::max({input, output, count, bytes, first, last}) > kNumber || count == 0 ||
        std::max(source_port, destination_port) > kPort || std::max({flags, protocol, service}) > kByte) {
        return false;
    }
    SummaryPacket& packet = record.packet;
    packet.ip.source = source.network_order();
    packet.ip.destination = destination.network_order();
    packet.ip.tos = static_cast<uint8_t>(service);
    packet.protocol = static_cast<uint8_t>(protocol);
    packet.source_port = static_cast<uint16_t>(source_port);
    packet.destination_port = static_cast<uint16_t>(destination_port);
    packet.tcp.flags = static_cast<uint8_t>(flags);
    packet.paint = paint(input, output);
    record.count = static_cast<uint32_t>(count);
    record.bytes = bytes;
    record.first = static_cast<int64_t>(first) * kSecond;
    record.last = last != 0 ? static_cast<int64_t>(last) * kSecond : record.first;
    packet.first_timestamp = record.first;
    return true;
}

bool FromNetFlowSummaryDump::next_record() {
    LogErrorHandler errh;
    std::string_view line;
    while (_file.next(line, errh)) {
        line = trim(line);
        if (line.empty() || line[0] == '!' || line[0] == '#') {
            continue;
        }
        _record = {};
        if (parse(line, _record)) {
            _made = 0;
            _left = _multipacket ? std::min(_record.count, kMostPackets) : 1;
            return true;
        }
        if (!_complained) {
            constexpr size_t kShown = 80;
            std::string shown(line.substr(0, kShown));
            errh.error("%s: expected a record of %u fields or more, separated by '|', got '%s'",
                       _file.landmark().c_str(), static_cast<unsigned>(kFields), shown.c_str());
            _complained = true;
        }
    }
    return false;
}

PacketPtr FromNetFlowSummaryDump::next_packet() {
    SummaryPacket& packet = _record.packet;
    packet.timestamp = _record.last;
    uint64_t bytes = _record.bytes;
    if (_multipacket) {
        uint32_t packets = _made + _left;
        bytes = _record.bytes / packets + (_made < _record.bytes % packets ? 1 : 0);
        int64_t span = std::max<int64_t>(_record.last - _record.first, 0);
        packet.timestamp = _record.first + (packets > 1 ? span / (packets - 1) * _made : 0);
    } else {
        packet.count = _record.count;
    }
    packet.wire_length = static_cast<uint32_t>(bytes);
    packet.ip_length = static_cast<uint32_t>(std::min<uint64_t>(bytes, UINT16_MAX));
    ++_made;
    --_left;
    return make_packet(packet, _style);
}

bool FromNetFlowSummaryDump::read() {
    while (!_packet) {
        if (_left == 0 && !next_record()) {
            return false;
        }
        _packet = next_packet();
        if (_packet && !sampled()) {
            _packet.reset();
        }
    }
    return true;
}

}  // namespace

CLICK_ELEMENT(FromNetFlowSummaryDump)

}  // namespace click
