// SPDX-License-Identifier: Apache-2.0
/*
=c
NAT64(PREFIX, POOL [, I<keywords> UDP_TIMEOUT, ICMP_TIMEOUT, TCP_TIMEOUT, TCP_TRANS_TIMEOUT, CAPACITY])
=s nat
lets IPv6 hosts reach IPv4 through shared addresses
=d
A stateful translator (RFC 6146). IPv6 packets of input 0, with their header marked, whose destination is an IPv4 address
embedded in PREFIX (RFC 6052) leave by output 0 as IPv4 packets from an address of POOL; IPv4 packets of input 1 for a bound
port of POOL leave by output 1 as IPv6 packets. TCP, UDP and ICMP echo are translated, and ICMP errors about them; headers
are made as by ProtocolTranslator64 and ProtocolTranslator46. Time to live and hop limit are carried over: DecIP6HLIM and
DecIPTTL count.

A host's port is bound to one port of one address of POOL for all that it sends to (endpoint-independent mapping), which
keeps its parity, and itself where it is free; all bindings of a host are of one address. As long as it has a session,
anybody may send to it (endpoint-independent filtering), for TCP by opening a connection. TCP sessions follow RFC 6146 3.5.2.

Dropped are fragments (put a reassembler before), other protocols, what is for nobody, packets to addresses that are not of
PREFIX or from such (hairpinning is not done), and what needs a new session when CAPACITY is reached.

Sessions survive hot-swapping, where PREFIX, POOL and CAPACITY stay.

Keyword arguments are:
=over 8
=item PREFIX
IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits; C<64:ff9b::/96> is the well-known one.
=item POOL
IPv4 addresses, separated by spaces.
=item UDP_TIMEOUT
Time value. How long a UDP session lives without packets. Default is 5 minutes; at least 2.
=item ICMP_TIMEOUT
Time value. How long an ICMP session lives without packets. Default is 1 minute.
=item TCP_TIMEOUT
Time value. How long an established connection lives without packets. Default, and least, is 2 hours and 4 minutes.
=item TCP_TRANS_TIMEOUT
Time value. How long one that begins or ends lives. Default, and least, is 4 minutes.
=item CAPACITY
Unsigned. How many sessions there are at most. Default is 65536.
=back
=h table read-only
One line a session: protocol, IPv6 address and port, address and port of POOL, the other end's address and port, seconds
that it has left. The port of ICMP is the identifier.
=h count read-only
How many sessions there are.
=h bindings read-only
How many ports are bound.
=h drops read-only
How many packets were dropped.
=h state read/write
The sessions in a form that another translator of the same configuration takes when it is written there, in chunks: read with the position
that the end of the first line says, until that is C<end>. The first line is C<sessions 1 CLASS NOW NEXT>; the others are
C<AGE PROTOCOL HOST PORT PUBLIC PORT REMOTE PORT PHASE>, where AGE is in
milliseconds.
=h state_since read-only
The same of what was used since a time: the parameter is C<SINCE [POSITION]>, SINCE being the NOW of an earlier chunk.
=e
  nat :: NAT64(64:ff9b::/96, 192.0.2.1 192.0.2.2);
  ... -> CheckIP6Header -> DecIP6HLIM -> [0] nat [0] -> ...
  ... -> CheckIPHeader -> DecIPTTL -> [1] nat [1] -> ...
=a ProtocolTranslator64, NAT66, IPRewriter
*/
#include <click/task.hh>

#include "elements/ip/addresslist.hh"
#include "elements/standard/stateelement.hh"
#include "elements/translation/nat64state.hh"

namespace click {

namespace {

class NAT64 final : public StateElement, private TranslationMap {
public:
    const char* class_name() const override { return "NAT64"; }
    const char* port_count() const override { return "2/2"; }
    const char* processing() const override { return kPush; }
    const char* flow_code() const override { return "xy/xy"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler&) override {
        _timer.initialize(this);
        _seed = platform::entropy();
        return 0;
    }
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override {
        add_read_handler<&NAT64::table>("table", 0, Handler::kExpensive);
        add_read_handler<&NAT64::number>("count", kSessions);
        add_read_handler<&NAT64::number>("bindings", kBindings);
        add_data_handler("drops", _drops);
        add_state_handlers();
    }
    void push(int port, PacketBatch& batch) override {
        batch.map([&](PacketPtr packet) {
            packet =
                port == 0 ? translate_to_ip4(std::move(packet), *this) : translate_to_ip6(std::move(packet), *this);
            if (!packet) {
                ++_drops;
            }
            return packet;
        });
        watch();
        output(port).push(batch);
    }
    void run_timer() override {
        bool done = _state->expire(clock::steady());
        if (done) {
            watch();
        } else {
            _timer.schedule_after(0);
        }
    }

private:
    enum Number { kSessions, kBindings };

    const char* state_kind() const override { return "sessions"; }
    uint32_t state_end() override { return _state->end(); }
    bool append_state(uint32_t place, const StateQuery& query, std::string& text) override;
    bool take_state_line(std::string_view line, int64_t now, bool store) override;
    void state_taken() override { watch(); }
    bool map(const Flow6& from, bool quoted, Flow4& to) override;
    bool map(const Flow4& from, bool quoted, Flow6& to) override;
    IPAddress pool_address(const IP6Address& host) const {
        uint64_t hash = keyed_hash(&host, sizeof host, _seed);
        return _pool.addresses[(hash >> 32) % _pool.addresses.size()];
    }
    void watch() {
        int64_t next = _state->next_event();
        if (next >= 0 && (!_timer.scheduled() || next < _timer.expiry())) {
            _timer.schedule_at(next);
        }
    }
    std::string table() const { return _state->unparse(clock::steady()); }
    std::string number(int which) const {
        return std::to_string(which == kSessions ? _state->sessions() : _state->bindings());
    }

    TranslationPrefix _prefix;
    IPAddressList _pool;
    Nat64State::Timeouts _timeouts;
    std::unique_ptr<Nat64State> _state;
    /// The ends of the packet that the ICMP error in work is about.
    IPAddress _quoted_public;
    IP6Address _quoted_host;
    uint64_t _seed = 0;
    Timer _timer{this};
    Tally _drops;
};

int NAT64::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr Duration kLongest{INT64_MAX / 4};
    constexpr uint32_t kDefaultCapacity = 65536;
    Nat64State::Timeouts least;
    Duration udp{least.udp};
    Duration icmp{least.icmp};
    Duration tcp{least.tcp};
    Duration transitory{least.tcp_transitory};
    uint32_t capacity = kDefaultCapacity;
    if (Args(conf, this, errh)
            .mandatory("PREFIX", _prefix)
            .mandatory("POOL", _pool)
            .keyword("UDP_TIMEOUT", bounded(udp, Duration{120 * clock::kSecond}, kLongest))
            .keyword("ICMP_TIMEOUT", bounded(icmp, Duration{clock::kSecond}, kLongest))
            .keyword("TCP_TIMEOUT", bounded(tcp, Duration{least.tcp}, kLongest))
            .keyword("TCP_TRANS_TIMEOUT", bounded(transitory, Duration{least.tcp_transitory}, kLongest))
            .keyword("CAPACITY", bounded(capacity, 1, 1U << 24))
            .complete() < 0) {
        return -1;
    }
    if (_pool.addresses.empty()) {
        return errh.error("POOL: no addresses");
    }
    _timeouts = {udp.nanoseconds, icmp.nanoseconds, tcp.nanoseconds, transitory.nanoseconds};
    _state = std::make_unique<Nat64State>();
    return _state->allocate(capacity, errh);
}

void NAT64::take_state(Element& old, ErrorHandler&) {
    auto& predecessor = static_cast<NAT64&>(old);
    _drops += predecessor._drops.value();
    if (predecessor._prefix == _prefix && predecessor._pool.addresses == _pool.addresses &&
        predecessor._state->capacity() == _state->capacity()) {
        std::swap(_state, predecessor._state);
        _seed = predecessor._seed;
        watch();
    }
}

/// AGE, and what the state says of a session.
bool NAT64::append_state(uint32_t place, const StateQuery& query, std::string& text) {
    if (!_state->has(place) || !query.wants(_state->used(place, _timeouts))) {
        return false;
    }
    text += std::to_string(query.age(_state->used(place, _timeouts))) + " " + _state->record(place);
    return true;
}

bool NAT64::take_state_line(std::string_view line, int64_t now, bool store) {
    uint64_t age;
    return take_number(line, UINT32_MAX, age) && _state->restore(line, store, used_at(now, age), _timeouts);
}

bool NAT64::map(const Flow6& from, bool quoted, Flow4& to) {
    if (quoted) {
        // It went from IPv4 to IPv6: its destination is the host's end.
        bool asks = from.protocol == kIpProtoIcmp && from.source_port != 0;
        uint16_t& port = asks ? to.source_port : to.destination_port;
        bool known = _prefix.extract(from.source, to.source) &&
                     _state->find_public(from.destination, asks ? from.source_port : from.destination_port,
                                         from.protocol, to.destination, port);
        _quoted_public = to.destination;
        return known;
    }
    IPAddress remote;
    if (!_prefix.extract(from.destination, remote)) {
        return false;
    }
    to.destination = remote;
    if (from.has_ports) {
        IPAddress inside;
        return !_prefix.extract(from.source, inside) &&
               _state->send(from, remote, pool_address(from.source), _timeouts, to);
    }
    // An error: of the host itself, or of a router on the way, which has no address of its own outside.
    to.source = _quoted_public;
    return from.protocol == kIpProtoIcmp;
}

bool NAT64::map(const Flow4& from, bool quoted, Flow6& to) {
    if (quoted) {
        bool answers = from.protocol == kIpProtoIcmp && from.source_port == 0;
        uint16_t& port = answers ? to.destination_port : to.source_port;
        bool known = _state->find_host(from.source, answers ? from.destination_port : from.source_port, from.protocol,
                                       to.source, port);
        to.destination = _prefix.embed(from.destination);
        _quoted_host = to.source;
        return known;
    }
    to.source = _prefix.embed(from.source);
    if (from.has_ports) {
        return _state->receive(from, _timeouts, to);
    }
    to.destination = _quoted_host;
    return from.protocol == kIpProtoIcmp;
}

}  // namespace

CLICK_ELEMENT(NAT64)

}  // namespace click
