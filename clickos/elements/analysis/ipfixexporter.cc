// SPDX-License-Identifier: Apache-2.0
/*
=c
IPFIXExporter([I<keywords>])
=s analysis
tells a collector about flows
=d
Passes packets from its input to output 0 and counts those of each IPv4 flow: packets of the same addresses, ports and
protocol, one way. Output 1 gets IPFIX messages (RFC 7011) about flows that ended, to be sent to a collector by UDP: the
records have sourceIPv4Address, destinationIPv4Address, sourceTransportPort, destinationTransportPort, protocolIdentifier,
tcpControlBits, flowEndReason, flowStartMilliseconds, flowEndMilliseconds, octetDeltaCount and packetDeltaCount (RFC 7012).
Octets are those of the IP packets; times are those of the packets' timestamps. The template is in the first message and
repeated. The IP header must be marked; other packets pass and are not counted. Ports of further fragments, and of protocols
without any, are 0.

A flow ends when it is silent for INACTIVE_TIMEOUT, after ACTIVE_TIMEOUT although it goes on, a second after TCP's FIN or RST,
and when room is needed for a new one: then the one that would end first goes.

Keyword arguments are:
=over 8
=item INACTIVE_TIMEOUT
Time. Default is 15 seconds.
=item ACTIVE_TIMEOUT
Time. Default is 30 minutes.
=item TEMPLATE_INTERVAL
Time. How often the template is repeated at most. Default is 10 minutes.
=item DOMAIN
Unsigned. The observation domain's number. Default is 0.
=item MTU
Unsigned, 128 to 65535. How long messages are at most. Default is 1400.
=item CAPACITY
Unsigned. How many flows are counted at once. Default is 65536.
=back
=h flows read
How many flows are counted now.
=h exported read
How many records were made.
=h messages read
How many messages were made.
=h flush write
Makes records of all flows now.
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> e :: IPFIXExporter -> Discard;
  e[1] -> Socket(UDP, 127.0.0.1, 4739);
=a AggregateIPFlows, AggregateCounter, Socket
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/task.hh>

#include <algorithm>

#include "lib/flow_table.hh"
#include "lib/timer_wheel.hh"
#include "net/ipfix.hh"
#include "net/transport.hh"

namespace click {

namespace {

using ipfix::EndReason;

struct FlowKey {
    uint32_t source;
    uint32_t destination;
    uint16_t source_port;
    uint16_t destination_port;
    uint32_t protocol;
};

struct Flow {
    int64_t first;  ///< by timestamps
    int64_t last;
    int64_t must_end;  ///< by the monotonic clock
    uint64_t octets;
    uint64_t packets;
    uint8_t tcp_flags;
};

constexpr ipfix::Field kFields[] = {
    {ipfix::kSourceIPv4Address, 4},   {ipfix::kDestinationIPv4Address, 4},
    {ipfix::kSourceTransportPort, 2}, {ipfix::kDestinationTransportPort, 2},
    {ipfix::kProtocolIdentifier, 1},  {ipfix::kTcpControlBits, 2},
    {ipfix::kFlowEndReason, 1},       {ipfix::kFlowStartMilliseconds, 8},
    {ipfix::kFlowEndMilliseconds, 8}, {ipfix::kOctetDeltaCount, 8},
    {ipfix::kPacketDeltaCount, 8},
};
constexpr size_t kRecordLength = [] {
    size_t sum = 0;
    for (const ipfix::Field& field : kFields) {
        sum += field.length;
    }
    return sum;
}();
constexpr size_t kTemplateLength = sizeof(ipfix::SetHeader) + 4 + sizeof kFields;

/// Writes numbers one behind the other, in network order.
class Writer {
public:
    explicit Writer(uint8_t* at) : _at(at) {}
    Writer& put(uint64_t value, unsigned size) {
        while (size-- > 0) {
            *_at++ = static_cast<uint8_t>(value >> size * 8);
        }
        return *this;
    }

private:
    uint8_t* _at;
};

class IPFIXExporter final : public Element {
public:
    const char* class_name() const override { return "IPFIXExporter"; }
    const char* port_count() const override { return "1/2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;
    void transform(PacketBatch& batch) override;
    void run_timer() override;

private:
    using Flows = FlowTable<FlowKey, Flow>;
    static constexpr uint32_t kUsual = 65536;
    static constexpr uint32_t kMost = 1U << 26;
    static constexpr uint32_t kUsualMtu = 1400;
    static constexpr int64_t kTick = clock::kSecond / 10;

    void count(const Packet& packet, const IpHeader& ip, int64_t now);
    void schedule(uint32_t handle, int64_t now);
    void end(uint32_t handle, EndReason reason);
    void send();
    void wait();
    void flush();
    std::string flows() const { return std::to_string(_flows.size()); }

    Duration _inactive;
    Duration _active;
    Duration _template_interval;
    uint32_t _domain = 0;
    uint32_t _mtu = kUsualMtu;
    uint32_t _capacity = kUsual;
    Flows _flows;
    TimerWheel _ends;
    Table<uint8_t> _records;  ///< that the next message will have
    size_t _record_count = 0;
    uint32_t _sequence = 0;  ///< records of earlier messages
    int64_t _next_template = 0;
    Tally _exported;
    Tally _messages;
    Timer _timer{this};
};

int IPFIXExporter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr int64_t kMinute = 60 * clock::kSecond;
    constexpr Duration kDay{24 * 60 * kMinute};
    if (Args(conf, this, errh)
            .keyword("INACTIVE_TIMEOUT", bounded(_inactive, Duration{kTick}, kDay), {kMinute / 4})
            .keyword("ACTIVE_TIMEOUT", bounded(_active, Duration{kTick}, kDay), {30 * kMinute})
            .keyword("TEMPLATE_INTERVAL", bounded(_template_interval, Duration{0}, kDay), {10 * kMinute})
            .keyword("DOMAIN", _domain, 0)
            .keyword("MTU", bounded(_mtu, 128, 65535), kUsualMtu)
            .keyword("CAPACITY", bounded(_capacity, 1, kMost), kUsual)
            .complete() < 0) {
        return -1;
    }
    // The template is in front of the records where it is due: each message has room for it.
    size_t room = _mtu - sizeof(ipfix::MessageHeader) - kTemplateLength - sizeof(ipfix::SetHeader);
    return _flows.allocate(_capacity, "flows", errh) < 0 ||
                   _ends.allocate(_capacity, kTick, clock::steady(), "flows", errh) < 0 ||
                   _records.allocate(room / kRecordLength * kRecordLength, "bytes", errh) < 0
               ? -1
               : 0;
}

int IPFIXExporter::initialize(ErrorHandler&) {
    _timer.initialize(this);
    return 0;
}

void IPFIXExporter::transform(PacketBatch& batch) {
    int64_t now = clock::steady();
    for (const Packet* packet : batch) {
        const IpHeader* ip = whole_ip_header(*packet);
        if (ip && ip->version() == 4) {
            count(*packet, *ip, now);
        }
    }
    if (_record_count > 0) {
        send();
    }
    wait();
}

void IPFIXExporter::count(const Packet& packet, const IpHeader& ip, int64_t now) {
    Segment segment{packet.network_header() + ip.header_length(), packet.network_length() - ip.header_length()};
    FlowKey key{ip.source, ip.destination, 0, 0, ip.protocol};
    uint8_t flags = 0;
    if (ip.first_fragment() && (ip.protocol == kIpProtoTcp || ip.protocol == kIpProtoUdp)) {
        if (const auto* udp = segment.header<UdpHeader>()) {  // the ports are in the same place
            key.source_port = udp->source;
            key.destination_port = udp->destination;
        }
        const auto* tcp = segment.header<TcpHeader>();
        flags = ip.protocol == kIpProtoTcp && tcp ? tcp->flags : 0;
    }
    int64_t time = packet.timestamp() != 0 ? packet.timestamp() : clock::now();
    uint32_t handle = _flows.find(key).handle;
    if (handle == Flows::kNone) {
        if (_flows.full()) {
            end(_ends.earliest(), EndReason::LackOfResources);
        }
        handle = _flows.insert(key);
        _flows[handle] = {time, time, now + _active.nanoseconds, 0, 0, 0};
    }
    Flow& flow = _flows[handle];
    flow.last = std::max(flow.last, time);
    flow.octets += ip.length();
    ++flow.packets;
    flow.tcp_flags |= flags;
    schedule(handle, now);
}

void IPFIXExporter::schedule(uint32_t handle, int64_t now) {
    const Flow& flow = _flows[handle];
    bool over = (flow.tcp_flags & (TcpHeader::kFin | TcpHeader::kRst)) != 0;
    int64_t silence = over ? std::min(clock::kSecond, _inactive.nanoseconds) : _inactive.nanoseconds;
    _ends.schedule(handle, std::min(now + silence, flow.must_end));
}

/// Makes a record of a flow and forgets it.
void IPFIXExporter::end(uint32_t handle, EndReason reason) {
    constexpr uint64_t kMillisecond = 1'000'000;
    const Flow& flow = _flows[handle];
    const FlowKey& key = _flows.key(handle);
    Writer(_records.data() + _record_count * kRecordLength)
        .put(net32(key.source), 4)
        .put(net32(key.destination), 4)
        .put(net16(key.source_port), 2)
        .put(net16(key.destination_port), 2)
        .put(key.protocol, 1)
        .put(flow.tcp_flags, 2)
        .put(static_cast<uint8_t>(reason), 1)
        .put(static_cast<uint64_t>(flow.first) / kMillisecond, 8)
        .put(static_cast<uint64_t>(flow.last) / kMillisecond, 8)
        .put(flow.octets, 8)
        .put(flow.packets, 8);
    _ends.cancel(handle);
    _flows.erase(handle);
    ++_exported;
    ++_record_count;
    if ((_record_count + 1) * kRecordLength > _records.size()) {
        send();
    }
}

/// Sends the records that there are.
void IPFIXExporter::send() {
    int64_t now = clock::steady();
    bool with_template = _messages.value() == 0 || now >= _next_template;
    size_t data = sizeof(ipfix::SetHeader) + _record_count * kRecordLength;
    size_t length = sizeof(ipfix::MessageHeader) + (with_template ? kTemplateLength : 0) + data;
    auto count = static_cast<uint32_t>(std::exchange(_record_count, 0));
    uint32_t sequence = std::exchange(_sequence, _sequence + count);
    PacketPtr packet = Packet::make(nullptr, static_cast<uint32_t>(length));
    if (!packet) {
        return;  // the collector sees by the sequence number what it missed
    }
    int64_t time = clock::now();
    Writer writer(packet->mutable_data());
    writer.put(ipfix::kVersion, 2).put(length, 2).put(static_cast<uint64_t>(time / clock::kSecond), 4);
    writer.put(sequence, 4).put(_domain, 4);
    if (with_template) {
        _next_template = now + _template_interval.nanoseconds;
        writer.put(ipfix::kTemplateSet, 2).put(kTemplateLength, 2);
        writer.put(ipfix::kFirstTemplate, 2).put(std::size(kFields), 2);
        for (const ipfix::Field& field : kFields) {
            writer.put(field.element, 2).put(field.length, 2);
        }
    }
    writer.put(ipfix::kFirstTemplate, 2).put(data, 2);
    size_t bytes = data - sizeof(ipfix::SetHeader);
    std::copy_n(_records.data(), bytes, packet->mutable_data() + length - bytes);
    packet->set_timestamp(time);
    ++_messages;
    output(1).push(std::move(packet));
}

void IPFIXExporter::run_timer() {
    int64_t now = clock::steady();
    _ends.advance(now, [&](uint32_t handle) {
        const Flow& flow = _flows[handle];
        bool over = (flow.tcp_flags & (TcpHeader::kFin | TcpHeader::kRst)) != 0;
        end(handle, over ? EndReason::End : flow.must_end <= now ? EndReason::Active : EndReason::Idle);
    });
    if (_record_count > 0) {
        send();
    }
    wait();
}

/// Has the timer expire when a flow may have to end.
void IPFIXExporter::wait() {
    int64_t next = _ends.next_event();
    if (next >= 0 && (!_timer.scheduled() || next < _timer.expiry())) {
        _timer.schedule_at(next);
    }
}

void IPFIXExporter::flush() {
    _flows.for_each([&](uint32_t handle) { end(handle, EndReason::Forced); });
    if (_record_count > 0) {
        send();
    }
}

void IPFIXExporter::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<IPFIXExporter&>(old);
    int64_t now = clock::steady();
    other._flows.for_each([&](uint32_t handle) {
        uint32_t place = _flows.insert(other._flows.key(handle));
        if (place != Flows::kNone) {
            _flows[place] = other._flows[handle];
            schedule(place, now);
        }
    });
    _sequence = other._sequence;
    _exported = other._exported;
    wait();
}

void IPFIXExporter::add_handlers() {
    add_read_handler<&IPFIXExporter::flows>("flows");
    add_data_handler("exported", _exported);
    add_data_handler("messages", _messages);
    add_write_handler<&IPFIXExporter::flush>("flush", 0, Handler::kButton);
}

}  // namespace

CLICK_ELEMENT(IPFIXExporter)

}  // namespace click
