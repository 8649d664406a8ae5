// SPDX-License-Identifier: Apache-2.0
/*
=c
StatefulFirewall([I<keywords>])
=s ip
lets in only what belongs to connections that are allowed
=d
Stands between an inside that is trusted and an outside that is not. Expects packets of IPv4 and IPv6 with their IP
header annotations: from inside on input 0, which leave by output 0, and from outside on input 1, which leave by output 1.
Packets are not changed.

Whatever comes from inside may begin a connection. What comes from outside has to belong to one that there is. On the
third input, if it is connected, packets from outside may begin connections as well: put the services there that are
offered, chosen by an IPFilter or IPClassifier. Connections are those of

TCP (RFC 9293), which a SYN begins; segments that neither end would take, because they lie outside of its window or
acknowledge what was never sent, are rejected (RFC 5961);

UDP (RFC 4787): packets between two addresses and ports;

ICMP and ICMPv6: echo requests (RFC 5508) and the replies with their addresses and identifier;

and other protocols: packets between two addresses.

ICMP errors (unreachable, source quench, time exceeded, parameter problem; of ICMPv6 also packet too big, RFC 4890 4.3.1)
pass in both directions when they quote a packet of a connection that went the other way and go to its sender; connections
do not live longer by them. Other ICMP messages are rejected: neighbor discovery (RFC 4861) is between neighbors and goes
past this element. So are fragments without their ports: put an IPReassembler in front. Of IPv6 extension headers are
followed (RFC 8200 4), and fragments and packets whose routing header leads elsewhere first are rejected.

What is rejected leaves by output 2 if it is connected and is dropped if not.

With VERDICT_AFTER, a TCP or UDP connection that both sides have spoken in, TCP once it is established, is settled when so
many of its packets have passed. Packets of it then leave by output 3 from inside and by output 4 from outside, for a
switch to let the rest of the connection pass by itself; those that begin or end it (SYN, FIN, RST) still leave by
outputs 0 and 1. As not all of it comes by here any more, a settled connection is not held to its windows; a RST that
nothing here can confirm makes it one that is soon over, until another packet of it comes.

When there is no room for a new connection, one that would soon be over makes room, but no established TCP connection;
when there is none, the new one is rejected. Memory is taken when the router starts.

Keyword arguments are:
=over 8
=item CAPACITY
Unsigned. The most connections there are at once. Default is 65536.
=item TCP_TIMEOUT
Time value. How long established TCP connections are kept without a packet. Default is 2 hours and 4 minutes, the least
that RFC 5382 REQ-5 allows.
=item TCP_TRANSITORY_TIMEOUT
Time value. The same for those that are opening, closing or closed. Default is 4 minutes (RFC 5382 REQ-5).
=item UDP_TIMEOUT
Time value. The same for UDP, and for other protocols. Default is 5 minutes (RFC 4787 REQ-5).
=item ICMP_TIMEOUT
Time value. The same for echo requests. Default is 1 minute (RFC 5508 REQ-2).
=item VERDICT_AFTER
Unsigned. How many packets of a connection are looked at before it is settled. Default is 0, which is never.
=back
=h table read-only
The connections, a line for each: protocol, inside and outside, state and the seconds that are left:
C<tcp (1.0.0.2, 1234, 2.0.0.2, 80) ESTABLISHED exp7440>. UDP is C<REPLIED> when packets went both ways, C<UNREPLIED>
when they did not.
=h connections read-only
How many connections there are.
=h begun read-only
How many there have been.
=h expired read-only
How many of them ended because nothing came any more.
=h evicted read-only
How many made room for new ones.
=h passed read-only
How many packets passed.
=h rejected read-only
How many packets were rejected.
=h settled read-only
How many packets left by outputs 3 and 4.
=h capacity read-only
The CAPACITY argument.
=h clear write-only
Forgets all connections.
=h state read/write
The connections in a form that another firewall of the same configuration takes when it is written there, in chunks: read with the position
that the end of the first line says, until that is C<end>. The first line is C<connections 1 CLASS NOW NEXT>; the others are
C<PROTOCOL SADDR SPORT DADDR DPORT SIDE REPLIED AGE [TCP]>, where AGE is in milliseconds and REPLIED is 2 or 3 once it is settled.
=h state_since read-only
The same of what was used since a time: the parameter is C<SINCE [POSITION]>, SINCE being the NOW of an earlier chunk.
=e
  fw :: StatefulFirewall(CAPACITY 100000);
  inside :: Idle -> [0]fw; fw[0] -> Discard;
  outside :: Idle -> offered :: IPClassifier(dst tcp port 443, -);
  offered[0] -> [2]fw; offered[1] -> [1]fw; fw[1] -> Discard; fw[2] -> Discard;
  // A switch knows by the tag that it may let the rest of a connection pass by itself.
  door :: StatefulFirewall(VERDICT_AFTER 8);
  Idle -> [0]door; Idle -> [1]door; door[0] -> Discard; door[1] -> Discard; door[2] -> Discard;
  door[3] -> verdict :: VLANEncap(VLAN_ID 4094) -> Discard; door[4] -> verdict;
=a IPFilter, IPRewriter, IPReassembler
*/
#include <algorithm>

#include <click/clock.hh>
#include <click/task.hh>

#include "elements/firewall/connection.hh"
#include "elements/standard/stateelement.hh"
#include "lib/format.hh"
#include "lib/timer_wheel.hh"

namespace click {

namespace {

class StatefulFirewall final : public StateElement {
public:
    const char* class_name() const override { return "StatefulFirewall"; }
    const char* port_count() const override { return "2-3/2-5"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;
    void run_timer() override;

    void push(int port, PacketBatch& batch) override {
        const unsigned side = port == kInside ? 0 : 1;
        const int64_t now = clock::steady();
        PacketBatch rejected;
        PacketBatch settled;
        batch.map([&](PacketPtr packet) {
            const Verdict verdict = judge(*packet, side, port != kOutside, now);
            if (verdict == Verdict::Reject) [[unlikely]] {
                rejected.append(std::move(packet));
            } else if (verdict == Verdict::Settled) {
                settled.append(std::move(packet));
            }
            return packet;
        });
        _passed += batch.size() + settled.size();
        _rejected += rejected.size();
        _settled += settled.size();
        output(static_cast<int>(side)).push(batch);
        checked_push(kRejects, rejected);
        checked_push(kSettled + static_cast<int>(side), settled);
    }

private:
    static constexpr int kInside = 0;
    static constexpr int kOutside = 1;
    static constexpr int kRejects = 2;
    static constexpr int kSettled = 3;
    enum class Verdict : uint8_t { Reject, Pass, Settled };
    static constexpr int64_t kTick = 100'000'000;
    static constexpr Duration kMostLifetime{20 * 86400 * clock::kSecond};

    Verdict judge(const Packet& packet, unsigned side, bool may_begin, int64_t now);
    bool accept_error(const ConnectionPacket& packet, unsigned side) const;
    bool begin(const ConnectionPacket& packet, unsigned side, int64_t now);
    void forget(uint32_t handle);
    int64_t lifetime(uint32_t handle) const;
    std::string read_table() const;
    std::string read_connections() const { return std::to_string(_connections.size()); }
    void write_clear();
    const char* state_kind() const override { return "connections"; }
    uint32_t state_end() override { return _connections.end(); }
    bool append_state(uint32_t place, const StateQuery& query, std::string& text) override;
    bool take_state_line(std::string_view line, int64_t now, bool store) override;
    void restore(const ConnectionKey& key, const Connection& connection, int64_t used);

    FlowTable<ConnectionKey, Connection> _connections;
    TimerWheel _ends;
    Timer _timer{this};
    uint32_t _capacity = 0;
    Duration _tcp;
    Duration _tcp_transitory;
    Duration _udp;
    Duration _icmp;
    uint32_t _verdict_after = 0;
    Tally _begun;
    Tally _expired;
    Tally _evicted;
    Tally _passed;
    Tally _rejected;
    Tally _settled;
};

int StatefulFirewall::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kDefaultCapacity = 1U << 16;
    constexpr uint32_t kMostCapacity = 1U << 26;
    auto lifetime = [](Duration& place) { return bounded(place, Duration{kTick}, kMostLifetime); };
    return Args(conf, this, errh)
        .keyword("CAPACITY", bounded(_capacity, 1, kMostCapacity), kDefaultCapacity)
        .keyword("TCP_TIMEOUT", lifetime(_tcp), Duration{7440 * clock::kSecond})
        .keyword("TCP_TRANSITORY_TIMEOUT", lifetime(_tcp_transitory), Duration{240 * clock::kSecond})
        .keyword("UDP_TIMEOUT", lifetime(_udp), Duration{300 * clock::kSecond})
        .keyword("ICMP_TIMEOUT", lifetime(_icmp), Duration{60 * clock::kSecond})
        .keyword("VERDICT_AFTER", _verdict_after, 0U)
        .complete();
}

int StatefulFirewall::initialize(ErrorHandler& errh) {
    if (_verdict_after > 0 && noutputs() <= kSettled + 1) {
        return errh.error("VERDICT_AFTER needs outputs 3 and 4");
    }
    if (_connections.allocate(_capacity, "connections", errh) < 0 ||
        _ends.allocate(_capacity, kTick, clock::steady(), "connections", errh) < 0) {
        return -1;
    }
    _timer.initialize(this);
    _timer.schedule_after(clock::kSecond);
    return 0;
}

StatefulFirewall::Verdict StatefulFirewall::judge(const Packet& packet, unsigned side, bool may_begin, int64_t now) {
    ConnectionPacket parsed;
    auto passes = [](bool accepted) { return accepted ? Verdict::Pass : Verdict::Reject; };
    if (!parsed.parse(packet)) {
        return Verdict::Reject;
    }
    if (parsed.quoted) {
        return passes(accept_error(parsed, side));
    }
    auto found = _connections.find(parsed.key(side));
    uint32_t handle = found.handle;
    if (found && parsed.tcp && may_begin && _connections[handle].tcp.over() && parsed.tcp->begins()) {
        forget(handle);  // another one between the same ends
        found = {};
    }
    if (!found) {
        return passes(may_begin && begin(parsed, side, now));
    }
    Connection& connection = _connections[handle];
    const bool follows = !parsed.tcp || connection.tcp.follow(*parsed.tcp, side);
    if (!follows && !(connection.settled && connection.tcp.rejoin(*parsed.tcp, side))) {
        return Verdict::Reject;
    }
    connection.replied |= side != connection.begun_by;
    const bool doubtful = !follows && parsed.tcp->flags & TcpSegment::kRst;
    _ends.schedule(handle,
                   now + (doubtful ? std::min(_tcp_transitory.nanoseconds, _tcp.nanoseconds) : lifetime(handle)));
    return _verdict_after > 0 && connection.settle(parsed, _verdict_after) ? Verdict::Settled : Verdict::Pass;
}

/// The error goes to who sent the quoted packet, which went the other way.
bool StatefulFirewall::accept_error(const ConnectionPacket& packet, unsigned side) const {
    return packet.quotes_receiver && static_cast<bool>(_connections.find(packet.key(1 - side)));
}

bool StatefulFirewall::begin(const ConnectionPacket& packet, unsigned side, int64_t now) {
    Connection connection;
    connection.begun_by = static_cast<uint8_t>(side);
    if ((packet.tcp && !connection.tcp.begin(*packet.tcp, side)) || packet.only_answers) {
        return false;
    }
    if (_connections.full()) {
        uint32_t first = _ends.earliest();
        if (first == TimerWheel::kNone || _connections[first].tcp.lasting()) {
            return false;
        }
        forget(first);
        ++_evicted;
    }
    uint32_t handle = _connections.insert(packet.key(side));
    _connections[handle] = connection;
    _ends.schedule(handle, now + lifetime(handle));
    ++_begun;
    return true;
}

int64_t StatefulFirewall::lifetime(uint32_t handle) const {
    switch (_connections.key(handle).protocol) {
        case kIpProtoTcp:
            return (_connections[handle].tcp.lasting() ? _tcp : _tcp_transitory).nanoseconds;
        case kIpProtoIcmp:
        case kIp6Icmp:
            return _icmp.nanoseconds;
        default:
            return _udp.nanoseconds;
    }
}

void StatefulFirewall::forget(uint32_t handle) {
    _ends.cancel(handle);
    _connections.erase(handle);
}

void StatefulFirewall::run_timer() {
    constexpr int64_t kSoon = 1'000'000;
    bool all = _ends.advance(clock::steady(), [this](uint32_t handle) {
        _connections.erase(handle);
        ++_expired;
    });
    _timer.schedule_after(all ? clock::kSecond : kSoon);
}

std::string StatefulFirewall::read_table() const {
    std::string text;
    const int64_t now = clock::steady();
    for (uint32_t handle = 0; handle < _connections.end(); ++handle) {
        if (_connections.has(handle)) {
            auto left = static_cast<long long>((_ends.deadline(handle) - now) / clock::kSecond);
            text += unparse(_connections.key(handle), _connections[handle]) + format(" exp%lld\n", left);
        }
    }
    return text;
}

void StatefulFirewall::write_clear() {
    _connections.for_each([this](uint32_t handle) { forget(handle); });
}

void StatefulFirewall::add_handlers() {
    add_read_handler<&StatefulFirewall::read_table>("table", 0, Handler::kExpensive);
    add_read_handler<&StatefulFirewall::read_connections>("connections");
    add_data_handler("begun", _begun);
    add_data_handler("expired", _expired);
    add_data_handler("evicted", _evicted);
    add_data_handler("passed", _passed);
    add_data_handler("rejected", _rejected);
    add_data_handler("settled", _settled);
    add_data_handler("capacity", _capacity);
    add_write_handler<&StatefulFirewall::write_clear>("clear", 0, Handler::kButton);
    add_state_handlers();
}

void StatefulFirewall::restore(const ConnectionKey& key, const Connection& connection, int64_t used) {
    uint32_t handle = _connections.insert(key);
    _connections[handle] = connection;
    _ends.schedule(handle, used + lifetime(handle));
}

bool StatefulFirewall::append_state(uint32_t place, const StateQuery& query, std::string& text) {
    if (!_connections.has(place)) {
        return false;
    }
    const int64_t used = _ends.deadline(place) - lifetime(place);
    const ConnectionKey& key = _connections.key(place);
    const Connection& connection = _connections[place];
    if (!query.wants(used)) {
        return false;
    }
    text += unparse_state(key, connection, query.age(used));
    return true;
}

bool StatefulFirewall::take_state_line(std::string_view line, int64_t now, bool store) {
    uint32_t age;
    ConnectionKey key;
    Connection connection;
    if (!parse_state(line, key, connection, age)) {
        return false;
    }
    if (!store) {
        return true;
    }
    if (auto found = _connections.find(key)) {
        forget(found.handle);
    }
    if (_connections.full()) {
        return false;
    }
    restore(key, connection, used_at(now, age));
    return true;
}

void StatefulFirewall::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<StatefulFirewall&>(old);
    _begun += other._begun.value();
    _expired += other._expired.value();
    _evicted += other._evicted.value();
    _passed += other._passed.value();
    _rejected += other._rejected.value();
    _settled += other._settled.value();
    other._connections.for_each([&](uint32_t handle) {
        if (!_connections.full()) {
            restore(other._connections.key(handle), other._connections[handle],
                    other._ends.deadline(handle) - other.lifetime(handle));
        }
    });
}

}  // namespace

CLICK_ELEMENT(StatefulFirewall)

}  // namespace click
