// SPDX-License-Identifier: Apache-2.0
/*
=c
FromIPSummaryDump(FILENAME [, I<keywords>])
=s traces
makes packets of lines of text
=d
Emits an IPv4 packet for each line of a file that ToIPSummaryDump wrote, or somebody by hand; C<-> is the standard input.
Files compressed by gzip or bzip2 are read. What a line does not say of its packet is zero. The IP header and destination
annotations are set; packets shorter than their IP header says have the rest in their extra length annotation.

A line holds words separated by spaces, one for each field, a dash where there is nothing to say. Lines that begin with C<!>
or C<#> are no packets:
=over 8
=item !data FIELDS
Names the fields of the lines that follow, as ToIPSummaryDump does.
=item !flowid SRC SPORT DST DPORT [PROTO]
Says what addresses, ports and protocol packets have whose lines do not; those whose C<direction> is C<< < >> have them the
other way round.
=item !proto PROTO
Says which protocol packets have whose lines do not.
=item !aggregate AGGREGATE
Says which aggregate annotation packets have whose lines do not.
=item !IPSummaryDump VERSION
Which version of the format follows: in C<1.0>, C<ip_fragoff> counts eight bytes each.
=item !binary
What follows is not lines but records, as ToIPSummaryDump writes them if BINARY is true.
=back

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
=item ZERO
Boolean. Whether payload that no line gives is zero; if not, it is random. Default is true.
=item CHECKSUM
Boolean. Whether packets have all bytes that their IP header says, and right checksums of IP, TCP, UDP and ICMP. Default is
false.
=item PROTO
The protocol of packets of which no line says it: a name or a number. Default is TCP.
=item MULTIPACKET
Boolean. Whether a line whose C<count> is N makes N packets, not one that stands for N. Default is false.
=item SAMPLE
Real number. Each packet comes with this probability. Default is 1.
=item FIELDS
The fields of lines before any C<!data>. C<CONTENTS>, C<DEFAULT_FIELDS> and C<DEFAULT_CONTENTS> are the same.
=item FLOWID
What a line C<!flowid> would say. C<DEFAULT_FLOWID> is the same.
=item ALLOW_NONEXISTENT
Boolean. Whether a file that there is not is taken for an empty one. Default is false.
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
The FILENAME argument.
=h filesize read
The file's length in bytes, or C<-> for a pipe.
=h filepos read
Where in the file the next line lies.
=h reset_timing write
With TIMING, has the next packet come at once.
=h stop write
Makes packets pause and the router stop.
=e
  FromIPSummaryDump(flows.txt, STOP true, CHECKSUM true) -> IPPrint -> Discard;
=a ToIPSummaryDump, FromDump
*/
#include <unistd.h>

#include <algorithm>

#include "elements/analysis/summarybinary.hh"
#include "elements/analysis/summaryfields.hh"
#include "elements/analysis/summarypacket.hh"
#include "lang/confparse.hh"
#include "platform/linux/input_file.hh"
#include "platform/linux/trace_source.hh"

namespace click {

namespace {

class FromIPSummaryDump final : public TraceSource {
public:
    const char* class_name() const override { return "FromIPSummaryDump"; }
    const char* port_count() const override { return "0/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void cleanup() override { _file.close(); }
    void add_handlers() override;

private:
    struct Field {
        const SummaryField* field;
        SummaryReader read;  ///< null: what it says makes no packet
    };
    static constexpr uint32_t kMostCopies = 65536;

    bool read() override;
    bool next_words(std::vector<std::string>& words, ErrorHandler& errh);
    PacketPtr packet_of(const std::vector<std::string>& words, ErrorHandler& errh);
    void directive(std::string_view line, ErrorHandler& errh);
    int set_fields(std::string_view names, ErrorHandler& errh);
    int set_flow(std::string_view words, ErrorHandler& errh);
    bool set_protocol(std::string_view word);
    std::string encap() const { return "IP"; }
    std::string filesize() const { return _file.size() < 0 ? "-" : std::to_string(_file.size()); }
    std::string filepos() const { return std::to_string(_file.position()); }

    std::string _name;
    SummaryPacketStyle _style;
    bool _multipacket = false;
    bool _allow_nonexistent = false;
    LineFile _file;
    std::vector<Field> _fields;
    SummaryPacket _usual;  ///< what lines say that are no packets
    bool _has_flow = false;
    bool _binary = false;
    bool _complained = false;
    uint32_t _copies = 0;  ///< how many more packets the last line makes
    PacketPtr _copied;
};

int FromIPSummaryDump::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    bool stop = false;
    std::string fields;
    std::string flow;
    std::string protocol;
    Args args(conf, this, errh);
    args.mandatory("FILENAME", _name);
    trace_arguments(args, stop)
        .keyword("ZERO", _style.zero)
        .keyword("CHECKSUM", _style.checksum)
        .keyword("PROTO", protocol)
        .keyword("MULTIPACKET", _multipacket)
        .keyword("ALLOW_NONEXISTENT", _allow_nonexistent);
    for (const char* name : {"DEFAULT_CONTENTS", "DEFAULT_FIELDS", "CONTENTS", "FIELDS"}) {
        args.keyword(name, fields);
    }
    for (const char* name : {"DEFAULT_FLOWID", "FLOWID"}) {
        args.keyword(name, flow);
    }
    if (args.complete() < 0 || check_arguments(stop, errh) < 0) {
        return -1;
    }
    if (!protocol.empty() && !set_protocol(protocol)) {
        return errh.error("PROTO: unknown protocol '%s'", protocol.c_str());
    }
    return (!fields.empty() && set_fields(fields, errh) < 0) || (!flow.empty() && set_flow(flow, errh) < 0) ? -1 : 0;
}

int FromIPSummaryDump::initialize(ErrorHandler& errh) {
    bool missing = _allow_nonexistent && _name != "-" && access(_name.c_str(), F_OK) != 0;
    if (!missing && _file.open(_name, errh) < 0) {
        return -1;
    }
    return TraceSource::initialize(errh);
}

void FromIPSummaryDump::take_state(Element& old, ErrorHandler& errh) {
    // The same file goes on where it was.
    auto& other = static_cast<FromIPSummaryDump&>(old);
    if (other._name == _name && other._file.size() >= 0 && _file.size() == other._file.size() &&
        _file.seek(other._file.position(), errh) >= 0) {
        take_progress(other);
        _fields = other._fields;
        _usual = other._usual;
        _has_flow = other._has_flow;
        _binary = other._binary;
        _packet = std::move(other._packet);
        _copies = other._copies;
        _copied = std::move(other._copied);
    }
}

bool FromIPSummaryDump::set_protocol(std::string_view word) {
    SummaryPacket parsed;
    bool good = find_summary_reader("ip_proto")(word, parsed) && parsed.protocol;
    _style.protocol = good ? *parsed.protocol : _style.protocol;
    return good;
}

int FromIPSummaryDump::set_fields(std::string_view names, ErrorHandler& errh) {
    std::vector<Field> fields;
    for (const std::string& word : split_words(names)) {
        std::string name = unquote(word);
        const SummaryField* field = find_summary_field(name);
        if (!field) {
            errh.warning("unknown content type '%s'", name.c_str());
        }
        fields.push_back({field, field ? find_summary_reader(field->name) : nullptr});
    }
    _fields = std::move(fields);
    return _fields.empty() ? errh.error("no contents specified") : 0;
}

int FromIPSummaryDump::set_flow(std::string_view text, ErrorHandler& errh) {
    constexpr const char* kFields[] = {"ip_src", "sport", "ip_dst", "dport", "ip_proto"};
    std::vector<std::string> words = split_words(text);
    SummaryPacket flow = _usual;
    flow.protocol.reset();
    bool good = words.size() == 4 || words.size() == std::size(kFields);
    for (size_t i = 0; good && i < words.size(); ++i) {
        good = words[i] == "-" || find_summary_reader(kFields[i])(words[i], flow);
    }
    if (!good) {
        return errh.error("bad flow ID; should be 'SRC SPORT DST DPORT [PROTO]'");
    }
    _usual = flow;
    _has_flow = true;
    return 0;
}

void FromIPSummaryDump::directive(std::string_view line, ErrorHandler& errh) {
    std::string_view rest = line;
    std::string_view word = take_word(rest);
    rest = trim(rest);
    if (word == "!IPSummaryDump") {
        _usual.offsets_of_eight = rest == "1.0";
    } else if (word == "!data" || word == "!contents") {
        set_fields(rest, errh);
    } else if (word == "!flowid") {
        set_flow(rest, errh);
    } else if (word == "!proto") {
        if (!set_protocol(rest)) {
            errh.warning("bad protocol '%.*s'", static_cast<int>(rest.size()), rest.data());
        }
    } else if (word == "!aggregate") {
        if (!find_summary_reader("aggregate")(rest, _usual)) {
            errh.warning("bad aggregate '%.*s'", static_cast<int>(rest.size()), rest.data());
        }
    } else if (word == "!binary") {
        _binary = true;
    }
}

/// The words of the next line that is a packet; false at the end.
bool FromIPSummaryDump::next_words(std::vector<std::string>& words, ErrorHandler& errh) {
    std::string_view line;
    while (_file.is_open()) {
        if (_binary) {
            std::vector<const SummaryField*> fields;
            std::ranges::transform(_fields, std::back_inserter(fields), &Field::field);
            std::string_view record;
            bool text = false;
            if (!_file.take(kSummaryRecordHead, record, errh) ||
                !_file.take(summary_record_length(record, text), record, errh)) {
                return false;
            }
            if (!text) {
                words = unpack_summary_record(fields, record);
                return true;
            }
            line = record;
        } else if (!_file.next(line, errh)) {
            return false;
        }
        line = trim(line);
        if (line.starts_with('!')) {
            PrefixErrorHandler here(errh, _file.landmark() + ": ");
            directive(line, here);
        } else if (!line.empty() && line[0] != '#') {
            words = split_words(line);
            return true;
        }
    }
    return false;
}

PacketPtr FromIPSummaryDump::packet_of(const std::vector<std::string>& words, ErrorHandler& errh) {
    SummaryPacket summary = _usual;
    bool good = !_fields.empty();
    const char* complaint = good ? "packet parse error" : "no '!data' provided";
    for (size_t i = 0; i < _fields.size() && i < words.size(); ++i) {
        bool said = words[i] != "-" && _fields[i].read;
        good = (!said || _fields[i].read(words[i], summary)) && good;
    }
    if ((!good || words.size() < _fields.size()) && !_complained) {
        errh.error("%s: %s", _file.landmark().c_str(), complaint);
        _complained = true;
    }
    if (!good) {
        return {};
    }
    if (_has_flow && summary.backwards) {
        std::swap(summary.source_port, summary.destination_port);
        uint32_t source = summary.ip.source;
        summary.ip.source = summary.ip.destination;
        summary.ip.destination = source;
    }
    _copies = _multipacket ? std::min(summary.count, kMostCopies) - 1 : 0;
    summary.count = _multipacket ? 1 : summary.count;
    return make_packet(summary, _style);
}

bool FromIPSummaryDump::read() {
    LogErrorHandler errh;
    while (!_packet) {
        if (_copies > 0 && _copied) {
            --_copies;
            _packet = _copied->clone();
        } else {
            std::vector<std::string> words;
            if (!next_words(words, errh)) {
                return false;
            }
            _packet = packet_of(words, errh);
            _copied = _packet && _copies > 0 ? _packet->clone() : PacketPtr();
        }
        if (_packet && !sampled()) {
            _packet.reset();
        }
    }
    return true;
}

void FromIPSummaryDump::add_handlers() {
    add_trace_handlers();
    add_read_handler<&FromIPSummaryDump::encap>("encap");
    add_data_handler("filename", _name);
    add_read_handler<&FromIPSummaryDump::filesize>("filesize");
    add_read_handler<&FromIPSummaryDump::filepos>("filepos");
}

}  // namespace

CLICK_ELEMENT(FromIPSummaryDump)

}  // namespace click
