// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/clock.hh>

#include "elements/translation/translation.hh"
#include "lib/flow_table.hh"
#include "lib/timer_wheel.hh"

namespace click {

/// What a stateful translator remembers (RFC 6146 3): bindings of IPv6 hosts' ports to ports of its IPv4 addresses, and
/// the sessions that use them, whose ends are the bindings' ends. Its memory is taken once; when it is full, who is new
/// has to wait.
class Nat64State {
public:
    struct Timeouts {
        int64_t udp = 300 * clock::kSecond;
        int64_t icmp = 60 * clock::kSecond;
        int64_t tcp = 7440 * clock::kSecond;
        int64_t tcp_transitory = 240 * clock::kSecond;
    };
    /// How long a connection from outside has for its answer (RFC 6146 4, TCP_INCOMING_SYN).
    static constexpr int64_t kIncomingSyn = 6 * clock::kSecond;

    /// Takes memory for `capacity` sessions and as many bindings. -1 after a report.
    int allocate(uint32_t capacity, ErrorHandler& errh);
    uint32_t capacity() const { return _sessions.capacity(); }
    uint32_t bindings() const { return _bindings.size(); }
    uint32_t sessions() const { return _sessions.size(); }

    /// The public end of what `from` sends to `remote`, with a session for it: a new one takes a port of `address`.
    /// False when there is none and may be none.
    bool send(const Flow6& from, IPAddress remote, IPAddress address, const Timeouts& timeouts, Flow4& to);
    /// Who gets what comes from outside for a public end: somebody with a binding.
    bool receive(const Flow4& from, const Timeouts& timeouts, Flow6& to);

    /// The public end of an IPv6 end, and the reverse; false when it has none. Changes nothing.
    bool find_public(const IP6Address& host, uint16_t port, uint8_t protocol, IPAddress& address,
                     uint16_t& public_port) const;
    bool find_host(IPAddress address, uint16_t public_port, uint8_t protocol, IP6Address& host, uint16_t& port) const;

    /// Ends sessions whose time is over; false when there may be more.
    bool expire(int64_t now);
    int64_t next_event() const { return _lives.next_event(); }
    std::string unparse(int64_t now) const;

    /// No session's place is that high or higher.
    uint32_t end() const { return _sessions.end(); }
    bool has(uint32_t place) const { return _sessions.has(place); }
    /// When its life was counted from last.
    int64_t used(uint32_t place, const Timeouts& timeouts) const;
    /// `PROTOCOL HOST PORT PUBLIC PORT REMOTE PORT PHASE`, for another translator.
    std::string record(uint32_t place) const;
    /// Whether `record` is one; with `store`, takes it in, and false means that it cannot be: another binding has one of
    /// its ends, or there is no room.
    bool restore(std::string_view record, bool store, int64_t used, const Timeouts& timeouts);

private:
    /// One end: an IPv6 address, or an IPv4 one as IPv4-mapped.
    struct End {
        IP6Address address;
        uint16_t port;
        uint8_t protocol;
        uint8_t is_public;
    };
    static_assert(sizeof(End) == 20);
    struct Binding {
        uint32_t sessions = 0;
    };
    struct SessionKey {
        uint32_t binding;
        uint32_t remote;
        uint32_t remote_port;
    };
    /// Of TCP, RFC 6146 3.5.2; other protocols' sessions are Established.
    enum class Phase : uint8_t { V4Init, V6Init, Established, V4Fin, V6Fin, BothFin, Transitory };
    struct Session {
        Phase phase = Phase::Established;
    };

    static End host_end(const IP6Address& address, uint16_t port, uint8_t protocol) {
        return {address, port, protocol, 0};
    }
    static End public_end(IPAddress address, uint16_t port, uint8_t protocol) {
        return {IP6Address::mapped(address), port, protocol, 1};
    }
    std::string ends(uint32_t session) const;
    int64_t life(uint32_t session, const Timeouts& timeouts) const;
    uint32_t bind(const End& host, IPAddress address);
    bool use(uint32_t binding, IPAddress remote, uint16_t remote_port, bool outward, uint8_t protocol,
             uint8_t tcp_flags, const Timeouts& timeouts);
    static bool begins(bool outward, uint8_t protocol, uint8_t tcp_flags, Session& session);
    static int64_t follow_tcp(Session& session, bool outward, uint8_t tcp_flags, const Timeouts& timeouts);
    void end_session(uint32_t handle);

    FlowTable<End, Binding, 2> _bindings;  ///< by the host's end and by the public one
    FlowTable<SessionKey, Session> _sessions;
    TimerWheel _lives;
    uint32_t _next_port = 0;
};

}  // namespace click
