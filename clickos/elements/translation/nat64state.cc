// SPDX-License-Identifier: Apache-2.0
#include "elements/translation/nat64state.hh"

#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

namespace {

constexpr int64_t kTick = clock::kSecond / 10;

}  // namespace

int Nat64State::allocate(uint32_t capacity, ErrorHandler& errh) {
    if (_bindings.allocate(capacity, "bindings", errh) < 0 || _sessions.allocate(capacity, "sessions", errh) < 0 ||
        _lives.allocate(capacity, kTick, clock::steady(), "sessions", errh) < 0) {
        return -1;
    }
    _next_port = static_cast<uint32_t>(platform::entropy());
    return 0;
}

/// A new binding: to the same port where it is free, else to one of the same class (RFC 6146 3.5.1.1: below 1024 or not,
/// even or odd). kNone after a few that are taken.
uint32_t Nat64State::bind(const End& host, IPAddress address) {
    constexpr unsigned kTries = 64;
    constexpr uint32_t kFirstUser = 1024;
    bool system = host.port < kFirstUser && host.protocol != kIpProtoIcmp;
    uint32_t first = system ? 2 : kFirstUser;
    uint32_t span = system ? kFirstUser - first : 0x10000 - first;
    uint16_t port = host.port;
    for (unsigned i = 0; i < kTries && !_bindings.full(); ++i) {
        End end = public_end(address, port, host.protocol);
        if (!_bindings.find(end)) {
            return _bindings.insert({host, end});
        }
        _next_port = _next_port * 1664525 + 1013904223;
        port = static_cast<uint16_t>(first + (((_next_port >> 8) % span) & ~1U) + (host.port & 1U));
    }
    return decltype(_bindings)::kNone;
}

/// Whether a packet may be the first one of a session, and which phase that begins in.
bool Nat64State::begins(bool outward, uint8_t protocol, uint8_t tcp_flags, Session& session) {
    if (protocol != kIpProtoTcp) {
        return true;
    }
    constexpr uint8_t kOpening = TcpHeader::kSyn | TcpHeader::kAck | TcpHeader::kRst;
    if ((tcp_flags & kOpening) == TcpHeader::kSyn) {
        session.phase = outward ? Phase::V6Init : Phase::V4Init;
        return true;
    }
    // A connection that is older than what we know goes on for a while (RFC 6146 3.5.2.2, CLOSED).
    session.phase = Phase::Transitory;
    return outward;
}

/// The next phase of a connection (RFC 6146 3.5.2.2), and for how long it lives from now on; 0: as long as before.
int64_t Nat64State::follow_tcp(Session& session, bool outward, uint8_t tcp_flags, const Timeouts& timeouts) {
    bool syn = (tcp_flags & TcpHeader::kSyn) != 0;
    bool fin = (tcp_flags & TcpHeader::kFin) != 0;
    bool reset = (tcp_flags & TcpHeader::kRst) != 0;
    switch (session.phase) {
        case Phase::V4Init:
            if (outward && syn) {
                session.phase = Phase::Established;
                return timeouts.tcp;
            }
            return 0;
        case Phase::V6Init:
            if (!outward && syn) {
                session.phase = Phase::Established;
                return timeouts.tcp;
            }
            return outward && syn ? timeouts.tcp_transitory : 0;
        case Phase::Established:
        case Phase::V4Fin:
        case Phase::V6Fin:
            if (reset && session.phase == Phase::Established) {
                session.phase = Phase::Transitory;
                return timeouts.tcp_transitory;
            }
            if (fin && session.phase == (outward ? Phase::V4Fin : Phase::V6Fin)) {
                session.phase = Phase::BothFin;
                return timeouts.tcp_transitory;
            }
            if (fin && session.phase == Phase::Established) {
                session.phase = outward ? Phase::V6Fin : Phase::V4Fin;
            }
            return timeouts.tcp;
        case Phase::BothFin:
            return 0;
        case Phase::Transitory:
            if (!reset) {
                session.phase = Phase::Established;
                return timeouts.tcp;
            }
            return 0;
    }
    return 0;
}

/// Finds or begins the session of a packet, and lets it live on.
bool Nat64State::use(uint32_t binding, IPAddress remote, uint16_t remote_port, bool outward, uint8_t protocol,
                     uint8_t tcp_flags, const Timeouts& timeouts) {
    SessionKey key{binding, remote.network_order(), remote_port};
    uint32_t handle = _sessions.find(key).handle;
    int64_t life = protocol == kIpProtoUdp ? timeouts.udp : protocol == kIpProtoIcmp ? timeouts.icmp : 0;
    if (handle == decltype(_sessions)::kNone) {
        Session session;
        if (!begins(outward, protocol, tcp_flags, session)) {
            return false;
        }
        handle = _sessions.insert(key);
        if (handle == decltype(_sessions)::kNone) {
            return false;
        }
        _sessions[handle] = session;
        ++_bindings[binding].sessions;
        if (protocol == kIpProtoTcp) {
            life = session.phase == Phase::V4Init ? kIncomingSyn : timeouts.tcp_transitory;
        }
    } else if (protocol == kIpProtoTcp) {
        life = follow_tcp(_sessions[handle], outward, tcp_flags, timeouts);
    }
    if (life != 0) {
        _lives.schedule(handle, clock::steady() + life);
    }
    return true;
}

bool Nat64State::send(const Flow6& from, IPAddress remote, IPAddress address, const Timeouts& timeouts, Flow4& to) {
    // An echo reply answers what came from outside: its identifier is the one of the public end's side.
    bool answers = from.protocol == kIpProtoIcmp && from.source_port == 0 && from.destination_port != 0;
    uint16_t port = answers ? from.destination_port : from.source_port;
    End host = host_end(from.source, port, from.protocol);
    uint32_t binding = _bindings.find(host).handle;
    bool fresh = binding == decltype(_bindings)::kNone;
    if (fresh) {
        Session ignored;
        if (_sessions.full() || answers || !begins(true, from.protocol, from.tcp_flags, ignored)) {
            return false;
        }
        binding = bind(host, address);
        if (binding == decltype(_bindings)::kNone) {
            return false;
        }
    }
    uint16_t remote_port = from.protocol == kIpProtoIcmp ? 0 : from.destination_port;
    if (!use(binding, remote, remote_port, true, from.protocol, from.tcp_flags, timeouts)) {
        return false;
    }
    uint16_t public_port = 0;
    find_public(from.source, port, from.protocol, to.source, public_port);
    (answers ? to.destination_port : to.source_port) = public_port;
    return true;
}

bool Nat64State::receive(const Flow4& from, const Timeouts& timeouts, Flow6& to) {
    bool asks = from.protocol == kIpProtoIcmp && from.destination_port == 0 && from.source_port != 0;
    uint16_t port = asks ? from.source_port : from.destination_port;
    auto found = _bindings.find(public_end(from.destination, port, from.protocol));
    uint16_t remote_port = from.protocol == kIpProtoIcmp ? 0 : from.source_port;
    if (!found || !use(found.handle, from.source, remote_port, false, from.protocol, from.tcp_flags, timeouts)) {
        return false;
    }
    const End& host = _bindings.key(found.handle, 0);
    to.destination = host.address;
    (asks ? to.source_port : to.destination_port) = host.port;
    return true;
}

bool Nat64State::find_public(const IP6Address& host, uint16_t port, uint8_t protocol, IPAddress& address,
                             uint16_t& public_port) const {
    auto found = _bindings.find(host_end(host, port, protocol));
    if (!found) {
        return false;
    }
    const End& end = _bindings.key(found.handle, 1);
    constexpr size_t kMappedAt = 12;
    address = IPAddress::read(end.address.data() + kMappedAt);
    public_port = end.port;
    return true;
}

bool Nat64State::find_host(IPAddress address, uint16_t public_port, uint8_t protocol, IP6Address& host,
                           uint16_t& port) const {
    auto found = _bindings.find(public_end(address, public_port, protocol));
    if (!found) {
        return false;
    }
    host = _bindings.key(found.handle, 0).address;
    port = _bindings.key(found.handle, 0).port;
    return true;
}

void Nat64State::end_session(uint32_t handle) {
    uint32_t binding = _sessions.key(handle).binding;
    _sessions.erase(handle);
    if (--_bindings[binding].sessions == 0) {
        _bindings.erase(binding);
    }
}

bool Nat64State::expire(int64_t now) {
    return _lives.advance(now, [this](uint32_t handle) { end_session(handle); });
}

std::string Nat64State::ends(uint32_t session) const {
    constexpr size_t kMappedAt = 12;
    const SessionKey& key = _sessions.key(session);
    const End& host = _bindings.key(key.binding, 0);
    const End& end = _bindings.key(key.binding, 1);
    return format("%u %s %u %s %u %s %u", host.protocol, host.address.unparse().c_str(), host.port,
                  IPAddress::read(end.address.data() + kMappedAt).unparse().c_str(), end.port,
                  IPAddress(key.remote).unparse().c_str(), key.remote_port);
}

std::string Nat64State::unparse(int64_t now) const {
    std::string text;
    for (uint32_t handle = 0; handle < _sessions.end(); ++handle) {
        if (_sessions.has(handle)) {
            text += ends(handle) + " " + clock::unparse(_lives.deadline(handle) - now) + "\n";
        }
    }
    return text;
}

int64_t Nat64State::life(uint32_t session, const Timeouts& timeouts) const {
    uint8_t protocol = _bindings.key(_sessions.key(session).binding, 0).protocol;
    if (protocol != kIpProtoTcp) {
        return protocol == kIpProtoIcmp ? timeouts.icmp : timeouts.udp;
    }
    switch (_sessions[session].phase) {
        case Phase::V4Init:
            return kIncomingSyn;
        case Phase::Established:
        case Phase::V4Fin:
        case Phase::V6Fin:
            return timeouts.tcp;
        default:
            return timeouts.tcp_transitory;
    }
}

int64_t Nat64State::used(uint32_t place, const Timeouts& timeouts) const {
    return _lives.deadline(place) - life(place, timeouts);
}

std::string Nat64State::record(uint32_t place) const {
    return ends(place) + " " + std::to_string(static_cast<unsigned>(_sessions[place].phase));
}

bool Nat64State::restore(std::string_view record, bool store, int64_t used, const Timeouts& timeouts) {
    auto take = [&](uint64_t most, uint64_t& number) {
        return parse_unsigned(take_word(record), number) && number <= most;
    };
    uint64_t protocol;
    uint64_t host_port;
    uint64_t public_port;
    uint64_t remote_port;
    uint64_t phase;
    IP6Address host_address;
    IPAddress public_address;
    IPAddress remote;
    if (!take(UINT8_MAX, protocol) || !parse_ip6_address(take_word(record), host_address) ||
        !take(UINT16_MAX, host_port) || !parse_ip_address(take_word(record), public_address) ||
        !take(UINT16_MAX, public_port) || !parse_ip_address(take_word(record), remote) ||
        !take(UINT16_MAX, remote_port) || !take(static_cast<uint64_t>(Phase::Transitory), phase) || !record.empty()) {
        return false;
    }
    if (!store) {
        return true;
    }
    End host = host_end(host_address, static_cast<uint16_t>(host_port), static_cast<uint8_t>(protocol));
    End end = public_end(public_address, static_cast<uint16_t>(public_port), static_cast<uint8_t>(protocol));
    auto by_host = _bindings.find(host);
    if (by_host.handle != _bindings.find(end).handle || _sessions.full()) {
        return false;
    }
    uint32_t binding = by_host ? by_host.handle : _bindings.insert({host, end});
    if (binding == decltype(_bindings)::kNone) {
        return false;
    }
    SessionKey key{binding, remote.network_order(), static_cast<uint32_t>(remote_port)};
    uint32_t handle = _sessions.find(key).handle;
    if (handle == decltype(_sessions)::kNone) {
        handle = _sessions.insert(key);
        ++_bindings[binding].sessions;
    }
    _sessions[handle].phase = static_cast<Phase>(phase);
    _lives.schedule(handle, used + life(handle, timeouts));
    return true;
}

}  // namespace click
