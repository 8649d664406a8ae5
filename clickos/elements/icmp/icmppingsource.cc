// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMPPingSource(SRC, DST [, I<keywords> INTERVAL, IDENTIFIER, DATA, LIMIT, ACTIVE, STOP, MIRROR, VERBOSE])
ICMPSendPings(SRC, DST [, I<keywords>])
=s icmp
sends ICMP echo requests and counts their answers
=d
Pushes an ICMP echo request (RFC 792) in IP from SRC to DST every INTERVAL, or gives one at each pull. Its optional input
takes the answers: packets with their IP header marked, of which those that answer a request of this element are counted,
and with VERBOSE reported as ping reports them.

Keyword arguments are:
=over 8
=use address-keywords
=item INTERVAL
Duration. Default is 1 second.
=item IDENTIFIER
The requests' identifier, 0 to 65535. Default is 0.
=item DATA
String. What the requests carry. Default is nothing.
=item LIMIT
Integer. How many requests are sent; negative for no limit. Default is -1.
=item ACTIVE
Boolean. Whether requests are sent. Default is true.
=item STOP
Boolean. Whether the router stops an INTERVAL after the last request. Default is false.
=item MIRROR
Boolean. Whether an answer makes the next request leave at once, LIMIT or not. For a push output. Default is false.
=item VERBOSE
Boolean. Whether answers are reported. Default is true where the input is connected.
=back
=h count read
How many requests were sent.
=h replies read
How many of them were answered.
=h summary read
What was sent, answered and lost, and the least, mean and greatest time between, as ping sums up.
=h rtt_min read
The least time between a request and its answer, in seconds.
=h rtt_avg read
The mean of these times.
=h rtt_max read
The greatest of these times.
=h reset_counts write
Sets all of these to 0 and starts anew.
=h active read/write
The ACTIVE argument.
=h interval read/write
The INTERVAL argument.
=h limit read/write
The LIMIT argument.
=use address-handlers
=e
  ICMPPingSource(10.0.0.1, 10.0.0.2, LIMIT 3, STOP true) -> IPPrint(ping) -> Discard;
  ICMPSendPings(10.0.0.1, 10.0.0.2, INTERVAL 0.5, LIMIT 3) -> IPPrint(ping) -> Discard;
=a ICMPPingEncap, ICMPPingResponder
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/router.hh>
#include <click/task.hh>

#include "elements/icmp/icmpencapsulation.hh"
#include "lib/format.hh"
#include "net/transport.hh"
#include "platform/platform.hh"

namespace click {

namespace {

constexpr Duration kDefaultInterval{clock::kSecond};

class ICMPPingSource : public Element {
public:
    ICMPPingSource() { _ip.protocol = kIpProtoIcmp; }
    const char* class_name() const override { return "ICMPPingSource"; }
    const char* port_count() const override { return "0-1/1"; }
    const char* processing() const override { return "h/a"; }
    const char* flow_code() const override { return "x/y"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;
    void push(int port, PacketBatch& batch) override;
    void pull(int port, PacketBatch& batch, unsigned most) override;
    void run_timer() override;

private:
    /// When the requests that may still be answered left; a slot for each of the last sequence numbers.
    static constexpr size_t kSlots = 256;
    struct Sent {
        int64_t at = 0;
        uint16_t sequence = 0;
        bool waiting = false;
    };

    /// Times between requests and their answers, in microseconds.
    struct RoundTrips {
        int64_t least = 0;
        int64_t greatest = 0;
        int64_t sum = 0;
    };
    enum RoundTrip { kLeast, kMean, kGreatest };

    PacketPtr request();
    bool answered(const Packet& packet);
    void note_round_trip(int64_t microseconds);
    int64_t round_trip(int which) const;
    std::string summary() const;
    std::string read_round_trip(int which) const;
    void start();
    void reset();
    Bounded<Duration> interval() { return bounded(_interval, Duration{1}, Duration{INT64_MAX}); }
    bool exhausted() const { return !_mirror && _limit >= 0 && _count.value() >= static_cast<uint64_t>(_limit); }

    IpFields _ip;
    Duration _interval = kDefaultInterval;
    uint16_t _identifier = 0;
    std::string _data;
    int64_t _limit = -1;
    bool _active = true;
    bool _stop = false;
    bool _mirror = false;
    bool _verbose = true;
    uint16_t _sequence = 0;
    Sent _sent[kSlots];
    Tally _count;
    Tally _replies;
    RoundTrips _round_trips;
    Timer _timer{this};
};

class ICMPSendPings final : public ICMPPingSource {
public:
    const char* class_name() const override { return "ICMPSendPings"; }
};

int ICMPPingSource::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    return Args(conf, this, errh)
        .mandatory("SRC", _ip.source)
        .mandatory("DST", _ip.destination)
        .keyword("INTERVAL", interval(), kDefaultInterval)
        .keyword("IDENTIFIER", _identifier, 0)
        .keyword("DATA", _data, {})
        .keyword("LIMIT", _limit, -1)
        .keyword("ACTIVE", _active, true)
        .keyword("STOP", _stop, false)
        .keyword("MIRROR", _mirror, false)
        .keyword("VERBOSE", _verbose, ninputs() > 0)
        .complete();
}

int ICMPPingSource::initialize(ErrorHandler&) {
    _timer.initialize(this);
    start();
    return 0;
}

PacketPtr ICMPPingSource::request() {
    PacketPtr packet = Packet::make(_data.data(), static_cast<uint32_t>(_data.size()));
    packet = packet ? encapsulate_echo_request(std::move(packet), _ip, _identifier, _sequence) : PacketPtr();
    if (packet) {
        packet->set_timestamp(clock::now());
        _sent[_sequence % kSlots] = {clock::steady(), _sequence, true};
        ++_sequence;
        ++_ip.id;
        ++_count;
    }
    return packet;
}

void ICMPPingSource::pull(int, PacketBatch& batch, unsigned most) {
    for (; most > 0 && _active && !exhausted(); --most) {
        PacketPtr packet = request();
        if (!packet) {
            return;
        }
        batch.append(std::move(packet));
    }
    if (exhausted() && _stop) {
        router().please_stop();
    }
}

void ICMPPingSource::run_timer() {
    if (exhausted()) {
        if (_stop) {
            router().please_stop();
        }
        return;
    }
    if (PacketPtr packet = request()) {
        output(0).push(std::move(packet));
    }
    if (_active) {
        _timer.reschedule_after(_interval.nanoseconds);
    }
}

void ICMPPingSource::push(int, PacketBatch& batch) {
    for (const Packet* packet : batch) {
        if (answered(*packet) && _mirror && _active && output_is_push(0)) {
            _timer.schedule_after(0);
        }
    }
    batch.clear();
}

bool ICMPPingSource::answered(const Packet& packet) {
    const IpHeader* ip = whole_ip_header(packet);
    const auto* reply = ip && ip->protocol == kIpProtoIcmp ? ip_segment(packet, *ip).header<IcmpEchoHeader>() : nullptr;
    if (!reply || reply->type != kIcmpEchoReply || reply->identifier != net16(_identifier) ||
        ip->destination != _ip.source.network_order()) {
        return false;
    }
    uint16_t sequence = net16(reply->sequence);
    Sent& request = _sent[sequence % kSlots];
    if (!request.waiting || request.sequence != sequence) {
        return false;
    }
    request.waiting = false;
    ++_replies;
    int64_t microseconds = (clock::steady() - request.at) / 1000;
    note_round_trip(microseconds);
    if (_verbose) {
        platform::log(format("%s: %u bytes from %s: icmp_seq=%u ttl=%u time=%lld.%03lld ms\n", name().c_str(),
                             ip->length() - ip->header_length(), IPAddress(ip->source).unparse().c_str(), sequence,
                             ip->ttl, static_cast<long long>(microseconds / 1000),
                             static_cast<long long>(microseconds % 1000)));
    }
    return true;
}

void ICMPPingSource::note_round_trip(int64_t microseconds) {
    bool first = _replies.value() == 1;
    _round_trips.least = first || microseconds < _round_trips.least ? microseconds : _round_trips.least;
    _round_trips.greatest = first || microseconds > _round_trips.greatest ? microseconds : _round_trips.greatest;
    _round_trips.sum += microseconds;
}

std::string ICMPPingSource::summary() const {
    uint64_t sent = _count.value();
    uint64_t received = _replies.value();
    std::string text = format("%llu packets transmitted, %llu received, %llu%% packet loss\n",
                              static_cast<unsigned long long>(sent), static_cast<unsigned long long>(received),
                              static_cast<unsigned long long>(sent > received ? (sent - received) * 100 / sent : 0));
    if (received > 0) {
        auto milliseconds = [](int64_t time) { return static_cast<double>(time) / 1000; };
        text += format("rtt min/avg/max = %.3f/%.3f/%.3f ms\n", milliseconds(_round_trips.least),
                       milliseconds(round_trip(kMean)), milliseconds(_round_trips.greatest));
    }
    return text;
}

int64_t ICMPPingSource::round_trip(int which) const {
    auto received = static_cast<int64_t>(_replies.value());
    return which == kLeast      ? _round_trips.least
           : which == kGreatest ? _round_trips.greatest
                                : _round_trips.sum / (received > 0 ? received : 1);
}

std::string ICMPPingSource::read_round_trip(int which) const {
    constexpr int64_t kNanoseconds = 1000;
    return clock::unparse(round_trip(which) * kNanoseconds);
}

void ICMPPingSource::start() {
    if (_active && output_is_push(0) && !exhausted() && !_timer.scheduled()) {
        _timer.schedule_after(0);
    }
}

void ICMPPingSource::reset() {
    _count.reset();
    _replies.reset();
    _round_trips = {};
    start();
}

void ICMPPingSource::add_handlers() {
    add_data_handler("count", _count);
    add_data_handler("replies", _replies);
    add_read_handler<&ICMPPingSource::summary>("summary");
    add_read_handler<&ICMPPingSource::read_round_trip>("rtt_min", kLeast);
    add_read_handler<&ICMPPingSource::read_round_trip>("rtt_avg", kMean);
    add_read_handler<&ICMPPingSource::read_round_trip>("rtt_max", kGreatest);
    add_write_handler<&ICMPPingSource::reset>("reset_counts", 0, Handler::kButton);
    add_setting_handler<&ICMPPingSource::start>("active", _active);
    add_setting_handler<&ICMPPingSource::start>("limit", _limit);
    add_setting_handler("interval", interval());
    add_setting_handler("src", _ip.source);
    add_setting_handler("dst", _ip.destination);
}

}  // namespace

CLICK_ELEMENT(ICMPPingSource)
CLICK_ELEMENT(ICMPSendPings)

}  // namespace click
