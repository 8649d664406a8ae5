// SPDX-License-Identifier: Apache-2.0
/*
=c
ToIPFlowDumps(FILEPATTERN [, I<keywords>])
=s traces
writes a summary of each TCP or UDP flow to a file of its own
=d
Writes a line for each TCP or UDP packet, as ToIPSummaryDump does, to the file of its flow, which is told by the aggregate
annotation: AggregateIPFlows comes before. Packets without that annotation, further fragments and other protocols have no
line. Passes packets on if its output is connected; without one, pulls them if its input is a pull input. The IP header must
be marked.

FILEPATTERN is the file's name, in which stand for
=over 8
=item %n, %x, %X
the aggregate annotation, in decimal or hexadecimal; its bytes from the first to the fourth are C<%.0n> to C<%.3n>, its upper
and lower 16 bits C<%.4n> and C<%.5n>;
=item %s, %d
the source and destination address; its bytes are C<%.0s> to C<%.3s>;
=item %S, %D
the source and destination port;
=item %p
C<T> for TCP, C<U> for UDP;
=item %%
a percent sign.
=back
A width may stand behind the percent sign, as in C<%6n>: shorter fields are filled on the left with spaces, or with zeros if
the width begins with C<0>. Folders are made as needed. The source is who sent the first packet, or its receiver if its paint
is odd. A file that is there already is replaced, also one that another flow has the same name for.

A file begins with the lines C<!IPSummaryDump 1.3>, C<!flowid SRC SPORT DST DPORT T> (or C<U>), C<!aggregate N>,
C<!firsttime TIMESTAMP> and C<!data FIELDS>; a line C<< !firstseq > SEQ >> comes before the first TCP packet of each direction.
Fields are C<timestamp>, C<direction>, for TCP C<tcp_flags>, C<tcp_seq>, C<payload_len> and C<tcp_ack>, for UDP C<payload_len>.

Keyword arguments are:
=over 8
=item ABSOLUTE_TIME
Boolean. Whether timestamps are those of the packets. If not, they count from the flow's first packet. Default is false.
=item ABSOLUTE_SEQ
Boolean. Whether sequence numbers are those of the packets. If not, they count from the first one of their direction. Default
is false.
=item BINARY
Boolean. Whether packets are written as binary records. Default is false.
=item TCP_OPT
Boolean. Whether TCP packets have a field C<tcp_ntopt> too. Default is false.
=item TCP_WINDOW
Boolean. Whether TCP packets have a field C<tcp_window> too. Default is false.
=item IP_ID
Boolean. Whether packets have a field C<ip_id> too. Default is false.
=item MINCOUNT
Unsigned, at most 100. Flows with fewer packets have no file. Default is 0.
=item NOTIFIER
Accepted for older configurations, changes nothing.
=item CAPACITY
Unsigned. How many flows there may be. Default is 65536.
=back
=h missed read
Packets of flows for which there was no room.
=h flush write
Writes out what is in the buffers.
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> AggregateIPFlows -> ToIPFlowDumps(flows/%06n) -> Discard;
=a AggregateIPFlows, ToIPSummaryDump, FromIPSummaryDump
*/
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <click/annotations.hh>
#include <click/clock.hh>

#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "elements/analysis/summarybinary.hh"
#include "elements/analysis/summaryheaders.hh"
#include "lib/elapsed.hh"
#include "lib/format.hh"
#include "net/transport.hh"
#include "platform/linux/flow_file_name.hh"
#include "platform/linux/packet_sink.hh"
#include "platform/platform.hh"

namespace click {

namespace {

struct FlowDump {
    FlowEnds ends;
    int64_t first_time = 0;
    uint32_t packets = 0;
    std::optional<uint32_t> first_sequence[2];  ///< by direction
    bool begun = false;                         ///< its file has a beginning
    std::string text;                           ///< not written yet
};

/// Makes the folders in which the file lies; what cannot be made shows when the file is opened.
void make_folders(const std::string& name) {
    constexpr mode_t kUsual = 0777;
    for (size_t slash = name.find('/', 1); slash != std::string::npos; slash = name.find('/', slash + 1)) {
        mkdir(name.substr(0, slash).c_str(), kUsual);
    }
}

class ToIPFlowDumps final : public PacketSink {
public:
    const char* class_name() const override { return "ToIPFlowDumps"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler&) override {
        begin_pulling();
        return 0;
    }
    void take_state(Element& old, ErrorHandler& errh) override;
    void cleanup() override { flush(); }
    void add_handlers() override {
        add_data_handler("missed", _missed);
        add_write_handler<&ToIPFlowDumps::flush>("flush", 0, Handler::kButton);
    }
    void transform(PacketBatch& batch) override {
        for (const Packet* packet : batch) {
            note(*packet);
        }
    }

private:
    static constexpr size_t kBufferSize = 1024;
    static constexpr uint32_t kMostMinimum = 100;

    using Fields = std::vector<const SummaryField*>;

    void note(const Packet& packet);
    void begin(FlowDump& flow, uint32_t aggregate, const Packet& packet, const FlowEnds& ends);
    void add_line(FlowDump& flow, const std::string& line) const;
    std::string sequence_word(const FlowDump& flow, bool back, uint32_t number) const;
    std::string word(const SummaryField& field, const FlowDump& flow, bool back, const Packet& packet) const;
    void write_out(FlowDump& flow, uint32_t aggregate);
    void flush();

    std::string _pattern;
    bool _absolute_time = false;
    bool _absolute_sequence = false;
    bool _binary = false;
    uint32_t _minimum = 0;
    uint32_t _capacity = 0;
    Fields _fields[2];  ///< of UDP and TCP packets
    std::map<uint32_t, FlowDump> _flows;
    bool _failed = false;
    Tally _missed;
};

int ToIPFlowDumps::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kUsual = 65536;
    bool options = false;
    bool window = false;
    bool id = false;
    RawArg notifier;
    if (Args(conf, this, errh)
            .mandatory("FILEPATTERN", _pattern)
            .keyword("ABSOLUTE_TIME", _absolute_time, false)
            .keyword("ABSOLUTE_SEQ", _absolute_sequence, false)
            .keyword("BINARY", _binary, false)
            .keyword("TCP_OPT", options, false)
            .keyword("TCP_WINDOW", window, false)
            .keyword("IP_ID", id, false)
            .keyword("MINCOUNT", bounded(_minimum, 0, kMostMinimum), 0)
            .keyword("NOTIFIER", notifier)
            .keyword("CAPACITY", _capacity, kUsual)
            .complete() < 0) {
        return -1;
    }
    size_t bad = 0;
    if (!expand_flow_file_name(_pattern, {}, 0, bad)) {
        return errh.error("FILEPATTERN: bad escape at '%s'", _pattern.substr(bad).c_str());
    }
    for (bool tcp : {false, true}) {
        Fields& fields = _fields[tcp ? 1 : 0];
        fields.clear();
        const auto add = [&](bool wanted, std::string_view name) {
            if (wanted) {
                fields.push_back(find_summary_field(name));
            }
        };
        add(true, "timestamp");
        add(id, "ip_id");
        add(true, "direction");
        add(tcp, "tcp_flags");
        add(tcp, "tcp_seq");
        add(true, "payload_len");
        add(tcp, "tcp_ack");
        add(tcp && window, "tcp_window");
        add(tcp && options, "tcp_ntopt");
    }
    return 0;
}

/// Appends a line that is no packet.
void ToIPFlowDumps::add_line(FlowDump& flow, const std::string& line) const {
    flow.text += _binary ? pack_summary_text(line + '\n') : line + '\n';
}

void ToIPFlowDumps::begin(FlowDump& flow, uint32_t aggregate, const Packet& packet, const FlowEnds& ends) {
    flow.ends = ends;
    if (packet.anno_u8(anno::kPaint) & 1U) {
        std::swap(flow.ends.source, flow.ends.destination);
        std::swap(flow.ends.source_port, flow.ends.destination_port);
    }
    flow.first_time = packet.timestamp();
    flow.text = format("!IPSummaryDump 1.3\n!flowid %s %u %s %u %c\n!aggregate %u\n!firsttime %s\n!data",
                       IPAddress(flow.ends.source).unparse().c_str(), net16(flow.ends.source_port),
                       IPAddress(flow.ends.destination).unparse().c_str(), net16(flow.ends.destination_port),
                       ends.tcp ? 'T' : 'U', aggregate, clock::unparse(flow.first_time).c_str());
    for (const SummaryField* field : _fields[ends.tcp ? 1 : 0]) {
        flow.text += ' ';
        flow.text += field->name;
    }
    flow.text += _binary ? "\n!binary\n" : "\n";
}

std::string ToIPFlowDumps::sequence_word(const FlowDump& flow, bool back, uint32_t number) const {
    return std::to_string(_absolute_sequence ? number : number - flow.first_sequence[back ? 1 : 0].value_or(number));
}

std::string ToIPFlowDumps::word(const SummaryField& field, const FlowDump& flow, bool back,
                                const Packet& packet) const {
    if (field.name == "timestamp" && !_absolute_time) {
        return clock::unparse(elapsed(flow.first_time, packet.timestamp()));
    }
    if (field.name == "direction") {
        return back ? "<" : ">";
    }
    const auto* tcp = flow.ends.tcp ? summary_transport<TcpHeader>(packet, kIpProtoTcp, kIpProtoTcp) : nullptr;
    if (tcp && field.name == "tcp_seq") {
        return sequence_word(flow, back, net32(tcp->sequence));
    }
    if (tcp && field.name == "tcp_ack") {
        return (tcp->flags & TcpHeader::kAck) != 0 ? sequence_word(flow, !back, net32(tcp->acknowledgement)) : "-";
    }
    std::string word;
    return field.append(packet, word) ? word : "-";
}

void ToIPFlowDumps::note(const Packet& packet) {
    uint32_t aggregate = packet.anno_u32(anno::kAggregate);
    const auto* tcp = summary_transport<TcpHeader>(packet, kIpProtoTcp, kIpProtoTcp);
    const auto* udp = summary_transport<UdpHeader>(packet, kIpProtoUdp, kIpProtoUdp);
    if (aggregate == 0 || (!tcp && !udp)) {
        return;
    }
    auto found = _flows.find(aggregate);
    if (found == _flows.end()) {
        if (_flows.size() >= _capacity) {
            ++_missed;
            return;
        }
        const IpHeader* ip = ip_header(packet);
        found = _flows.emplace(aggregate, FlowDump()).first;
        begin(found->second, aggregate, packet,
              {ip->source, ip->destination, tcp ? tcp->source : udp->source, tcp ? tcp->destination : udp->destination,
               tcp != nullptr});
    }
    FlowDump& flow = found->second;
    bool back = (packet.anno_u8(anno::kPaint) & 1U) != 0;
    if (tcp && flow.ends.tcp) {
        if (std::optional<uint32_t>& first = flow.first_sequence[back ? 1 : 0]; !first) {
            first = net32(tcp->sequence);
            add_line(flow, format("!firstseq %c %u", back ? '<' : '>', *first));
        }
    }
    const Fields& fields = _fields[flow.ends.tcp ? 1 : 0];
    std::vector<std::string> words;
    words.reserve(fields.size());
    for (const SummaryField* field : fields) {
        words.push_back(word(*field, flow, back, packet));
    }
    if (_binary) {
        flow.text += pack_summary_record(fields, words);
    } else {
        for (const std::string& one : words) {
            flow.text += one;
            flow.text += ' ';
        }
        flow.text.back() = '\n';
    }
    ++flow.packets;
    if (flow.text.size() >= kBufferSize) {
        write_out(flow, aggregate);
    }
}

void ToIPFlowDumps::write_out(FlowDump& flow, uint32_t aggregate) {
    if (flow.text.empty() || flow.packets < _minimum) {
        return;
    }
    size_t bad = 0;
    std::string name = expand_flow_file_name(_pattern, flow.ends, aggregate, bad).value_or("");
    if (!flow.begun) {
        make_folders(name);
    }
    constexpr mode_t kUsual = 0666;
    int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (flow.begun ? O_APPEND : O_TRUNC), kUsual);
    ssize_t written = fd;
    for (size_t done = 0; written >= 0 && done < flow.text.size();
         done += static_cast<size_t>(std::max<ssize_t>(written, 0))) {
        written = write(fd, flow.text.data() + done, flow.text.size() - done);
    }
    if (written < 0 && !_failed) {
        _failed = true;
        platform::log(declaration() + ": " + name + ": " + std::strerror(errno) + "\n");
    }
    if (fd >= 0) {
        close(fd);
    }
    flow.begun = true;
    flow.text.clear();
}

void ToIPFlowDumps::flush() {
    for (auto& [aggregate, flow] : _flows) {
        write_out(flow, aggregate);
    }
}

void ToIPFlowDumps::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<ToIPFlowDumps&>(old);
    if (other._pattern == _pattern && other._binary == _binary && other._fields[0] == _fields[0] &&
        other._fields[1] == _fields[1]) {
        _flows.swap(other._flows);
        _missed = other._missed;
    }
}

}  // namespace

CLICK_ELEMENT(ToIPFlowDumps)

}  // namespace click
