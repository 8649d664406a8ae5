// SPDX-License-Identifier: Apache-2.0
/*
=c
ToIPSummaryDump(FILENAME [, I<keywords>])
=s traces
writes a line of text about each packet to a file
=d
Writes one line for each packet to FILENAME (C<-> is the standard output): the fields that FIELDS names, separated by
spaces, or a dash where a packet has no such field. Passes packets on if its output is connected; without one, pulls them
if its input is a pull input. The IP header must be marked. The file begins with C<!IPSummaryDump 1.3> and a line
C<!data> that names the fields.

Keyword arguments are:
=over 8
=item FIELDS
Names of fields, separated by spaces. Default is C<ip_src ip_dst>. There are C<timestamp>, C<ntimestamp> (always nine digits),
C<ts_sec>, C<ts_usec>, C<ts_usec1>; C<ip_src>, C<ip_dst>, C<ip_frag> (C<F> first, C<f> further fragment, C<!> must not be fragmented, C<.> none
of these), C<ip_fragoff>, C<ip_len>, C<ip_proto> (C<T>, C<U>, C<I> or a number), C<ip_hl>, C<ip_id>, C<ip_tos>,
C<ip_dscp>, C<ip_ecn>, C<ip_ttl>, C<ip_sum>, C<ip_opt> (as
C<rr{1.0.0.1}+2;ssrr{1.0.0.1^1.0.0.2};ts{1,!2}+2++3;ts.ip{1.0.0.1=1}+5;98;99=0:5:10>); C<sport>, C<dport>; C<tcp_seq>, C<tcp_ack>, C<tcp_off>, C<tcp_flags>,
C<tcp_window>, C<tcp_sum>, C<tcp_urp>, C<tcp_opt> (as C<mss1460;wscale3;sackok;ts1:2;sack5-9>, without
padding), C<tcp_ntopt> (without timestamps either), C<tcp_sack>; C<udp_len>, C<udp_sum>; C<icmp_type>, C<icmp_code>,
C<icmp_type_name>, C<icmp_code_name> (numbers where there is no name), C<icmp_flowid>, C<icmp_seqno>, C<icmp_nextmtu>;
C<payload_len>, C<payload> (in quotes; what is behind the TCP or UDP header, else behind the IP header), C<payload_md5_hex> (its MD5 checksum),
C<ip_capture_len>, C<wire_len>; C<eth_src>, C<eth_dst> of packets whose MAC header is marked;
and the annotations C<first_timestamp>, C<first_ntimestamp>, C<count> (1 + extra packets), C<aggregate>, C<link> (the paint) and C<direction> (the paint, C<< > >>
for 0 and C<< < >> for 1).
=item CONTENTS
The older name of FIELDS.
=item HEADER
Boolean. Whether the lines at the beginning are written. Default is true.
=item VERBOSE
Boolean. Whether the beginning also tells the host and the time. Default is false.
=item BANNER
String. Written as C<!creator "BANNER"> at the beginning. Default is none.
=item MULTIPACKET
Boolean. Whether a packet that stands for several ones has as many lines, unless C<count> is one of the fields. Default is
false.
=item CAREFUL_TRUNC
Boolean. Whether a packet that is shorter than its IP header says, also with its extra length annotation, is announced by a
line C<!bad truncated IP length>. Default is true.
=item BINARY
Boolean. Whether packets are written as binary records, which take less room, behind a line C<!binary>. Each is a length of
four bytes in network order, which counts itself and whose first bit says that a line of text follows, and the fields: eight
bytes for C<timestamp>, C<first_timestamp> (seconds and microseconds) and C<ts_usec1>; two for ports, C<ip_id>,
C<ip_fragoff>, C<tcp_window>, C<tcp_urp>, C<udp_len> and checksums; one for C<ip_frag>, C<ip_proto>, C<ip_hl>, C<ip_tos>,
C<ip_dscp>, C<ip_ecn>, C<ip_ttl>, C<tcp_off>, C<tcp_flags>, C<icmp_type>, C<icmp_code>, C<link> and C<direction>; the bytes of
TCP options behind their length in one, of C<payload> behind its length in four; four for all others. Default is false.
=item BAD_PACKETS
Boolean. Whether a line C<!bad MESSAGE> is written before a packet whose IP, TCP or UDP header is bad. Default is false.
=back
=h flush write
Writes out what is in the buffer.
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> ToIPSummaryDump(-, FIELDS timestamp ip_src sport ip_len);
=a FromIPSummaryDump, ToDump
*/
#include <unistd.h>

#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/router.hh>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "elements/analysis/summarybinary.hh"
#include "elements/analysis/summaryfields.hh"
#include "lang/confparse.hh"
#include "net/ip.hh"
#include "platform/linux/packet_sink.hh"

namespace click {

namespace {

struct FieldList {
    std::vector<const SummaryField*> fields;
};

bool parse_arg(std::string_view text, FieldList& value, ArgContext& context) {
    value.fields.clear();
    bool good = true;
    for (const std::string& word : split_words(text)) {
        const SummaryField* field = find_summary_field(unquote(word));
        if (field) {
            value.fields.push_back(field);
        } else {
            good = context.error("unknown content type '%s'", unquote(word).c_str());
        }
    }
    return good && (!value.fields.empty() || context.error("no contents specified"));
}

/// What is wrong with the headers of a packet, or null.
const char* what_is_bad(const Packet& packet) {
    const IpHeader* ip = ip_header(packet);
    if (!ip) {
        return "no IP header";
    }
    uint64_t captured = packet.network_length();
    if (ip->version() != 4) {
        return "IP version";
    }
    if (ip->header_length() < sizeof(IpHeader) || ip->header_length() > captured) {
        return "IP header length";
    }
    if (ip->length() < ip->header_length()) {
        return "IP length";
    }
    const uint8_t* segment = packet.network_header() + ip->header_length();
    uint64_t there = std::min<uint64_t>(captured, ip->length()) - ip->header_length();
    if (ip->first_fragment() && ip->protocol == kIpProtoTcp) {
        if (there < sizeof(TcpHeader)) {
            return "truncated TCP header";
        }
        unsigned length = reinterpret_cast<const TcpHeader*>(segment)->header_length();
        return length < sizeof(TcpHeader) || length > there ? "TCP header length" : nullptr;
    }
    return ip->first_fragment() && ip->protocol == kIpProtoUdp && there < sizeof(UdpHeader) ? "truncated UDP header"
                                                                                            : nullptr;
}

class ToIPSummaryDump final : public PacketSink {
public:
    const char* class_name() const override { return "ToIPSummaryDump"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void cleanup() override;
    void add_handlers() override { add_write_handler<&ToIPSummaryDump::flush>("flush", 0, Handler::kButton); }

    void transform(PacketBatch& batch) override {
        for (const Packet* packet : batch) {
            write_packet(*packet);
        }
    }

private:
    /// One packet has no more lines than this, whatever its annotation says.
    static constexpr uint32_t kMostLines = 65536;

    bool goes_on_from(const ToIPSummaryDump& old) const { return old._file && old._name == _name; }
    void write_header();
    void write_packet(const Packet& packet);
    void write_line(std::string line);
    void flush() { std::fflush(_file); }

    std::string _name;
    FieldList _contents;
    std::string _banner;
    bool _header = true;
    bool _verbose = false;
    bool _multipacket = false;
    bool _careful = true;
    bool _binary = false;
    bool _bad_packets = false;
    std::FILE* _file = nullptr;
    std::string _line;
};

int ToIPSummaryDump::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    FieldList usual{{find_summary_field("ip_src"), find_summary_field("ip_dst")}};
    FieldList older;
    bool is_older = false;
    bool is_newer = false;
    if (Args(conf, this, errh)
            .mandatory("FILENAME", _name)
            .keyword("CONTENTS", older)
            .given(is_older)
            .keyword("FIELDS", _contents, usual)
            .given(is_newer)
            .keyword("HEADER", _header, true)
            .keyword("VERBOSE", _verbose, false)
            .keyword("BANNER", _banner, {})
            .keyword("MULTIPACKET", _multipacket, false)
            .keyword("CAREFUL_TRUNC", _careful, true)
            .keyword("BINARY", _binary, false)
            .keyword("BAD_PACKETS", _bad_packets, false)
            .complete() < 0) {
        return -1;
    }
    if (is_older && !is_newer) {
        _contents = std::move(older);
    }
    const auto counts = [](const SummaryField* field) { return field->name == "count"; };
    _multipacket = _multipacket && std::ranges::none_of(_contents.fields, counts);
    return 0;
}

int ToIPSummaryDump::initialize(ErrorHandler& errh) {
    begin_pulling();
    Router* replaced = router().replaced();
    Element* old = replaced ? replaced->find(name()) : nullptr;
    if (old && std::string_view(old->class_name()) == class_name() &&
        goes_on_from(static_cast<const ToIPSummaryDump&>(*old))) {
        return 0;  // take_state brings the file
    }
    _file = _name == "-" ? stdout : std::fopen(_name.c_str(), "we");
    if (!_file) {
        return errh.error("%s: %s", _name.c_str(), std::strerror(errno));
    }
    if (_header) {
        write_header();
    }
    return 0;
}

void ToIPSummaryDump::write_header() {
    std::string text = "!IPSummaryDump 1.3\n";
    if (!_banner.empty()) {
        text += "!creator \"" + _banner + "\"\n";
    }
    if (_verbose) {
        constexpr size_t kLongestName = 255;
        char host[kLongestName + 1] = {};
        if (gethostname(host, kLongestName) == 0) {
            text += std::string("!host ") + host + "\n";
        }
        int64_t now = clock::now();
        auto seconds = static_cast<time_t>(now / clock::kSecond);
        tm parts{};
        char date[32] = {};
        std::strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", localtime_r(&seconds, &parts));
        text += "!runtime " + clock::unparse(now) + " (" + date + ")\n";
    }
    text += "!data";
    for (const SummaryField* field : _contents.fields) {
        text += ' ';
        text += field->name;
    }
    text += _binary ? "\n!binary\n" : "\n";
    std::fwrite(text.data(), 1, text.size(), _file);
}

/// A line that is no packet.
void ToIPSummaryDump::write_line(std::string line) {
    line += '\n';
    std::string text = _binary ? pack_summary_text(line) : std::move(line);
    std::fwrite(text.data(), 1, text.size(), _file);
}

void ToIPSummaryDump::write_packet(const Packet& packet) {
    const char* bad = _bad_packets ? what_is_bad(packet) : nullptr;
    if (bad) {
        write_line(std::string("!bad ") + bad);
    }
    const IpHeader* ip = _careful && !bad ? whole_ip_header(packet) : nullptr;
    if (ip && uint64_t{packet.network_length()} + packet.anno_u32(anno::kExtraLength) < ip->length()) {
        write_line("!bad truncated IP length");
    }
    _line.clear();
    std::vector<std::string> words;
    for (const SummaryField* field : _contents.fields) {
        size_t begin = _line.size();
        if (!field->append(packet, _line)) {
            _line += '-';
        }
        if (_binary) {
            words.push_back(_line.substr(begin));
        }
        _line += ' ';
    }
    if (_binary) {
        _line = pack_summary_record(_contents.fields, words);
    } else {
        _line.back() = '\n';
    }
    uint32_t more = _multipacket ? std::min(packet.anno_u32(anno::kExtraPackets), kMostLines - 1) : 0;
    for (uint32_t i = 0; i <= more; ++i) {
        std::fwrite(_line.data(), 1, _line.size(), _file);
    }
}

void ToIPSummaryDump::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<ToIPSummaryDump&>(old);
    if (goes_on_from(other)) {
        _file = std::exchange(other._file, nullptr);
    }
}

void ToIPSummaryDump::cleanup() {
    if (_file && _file != stdout) {
        std::fclose(_file);
    }
    _file = nullptr;
}

}  // namespace

CLICK_ELEMENT(ToIPSummaryDump)

}  // namespace click
