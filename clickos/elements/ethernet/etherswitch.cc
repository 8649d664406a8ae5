// SPDX-License-Identifier: Apache-2.0
/*
=block switch
Keyword arguments are:
=over 8
=item TIMEOUT
Duration, seconds by default. With 0, addresses are not learned, and packets go to all other ports. Default is 300.
=item CAPACITY
Unsigned. How many addresses are known at most. Default is 8192.
=back
=h table read
A line for each known address: it and its port.
=h timeout read/write
The TIMEOUT argument, in whole seconds. A shorter one counts for addresses that are known, too.
=h state read/write
The addresses in a form that another switch of the same configuration takes when it is written there, in chunks: read with the position
that the end of the first line says, until that is C<end>. The first line is C<addresses 1 CLASS NOW NEXT>; the others are
C<ADDRESS PORT AGE>, where AGE is in milliseconds.
=h state_since read-only
The same of what was used since a time: the parameter is C<SINCE [POSITION]>, SINCE being the NOW of an earlier chunk.
*/
/*
=c
EtherSwitch([I<keywords> TIMEOUT, CAPACITY])
=s ethernet
learning, forwarding Ethernet switch
=d
Expects and forwards Ethernet packets; input and output N belong to the same port. Learns from each packet's source address
which port its sender is behind, and forwards packets to that port alone; packets to groups, and to addresses that are not
known, go to all ports but the one that they came in by. What is not heard of for TIMEOUT is forgotten (IEEE 802.1D 7.9.2);
when more than CAPACITY addresses are heard, the one that has been silent longest makes room. Packets without a whole
Ethernet header are dropped.

=use switch
=e
  s :: EtherSwitch;
  FromDevice(eth0) -> [0] s [0] -> Queue -> ToDevice(eth0);
  FromDevice(eth1) -> [1] s [1] -> Queue -> ToDevice(eth1);
=a ListenEtherSwitch
*/
/*
=c
ListenEtherSwitch([I<keywords> TIMEOUT, CAPACITY])
=s ethernet
learning Ethernet switch with a port that hears everything
=d
The same as EtherSwitch, with one output more, the last one: it gets a copy of every packet.

=use switch
=e
  s :: ListenEtherSwitch;
  FromDevice(eth0) -> [0] s [0] -> Queue -> ToDevice(eth0);
  FromDevice(eth1) -> [1] s [1] -> Queue -> ToDevice(eth1);
  s [2] -> ToDump(heard.pcap);
=a EtherSwitch
*/
#include <click/clock.hh>
#include <click/router.hh>

#include <limits>

#include "elements/standard/stateelement.hh"
#include "lang/confparse.hh"
#include "lib/flow_table.hh"
#include "lib/format.hh"
#include "lib/timer_wheel.hh"
#include "net/ether.hh"
#include "net/ip.hh"

namespace click {

namespace {

constexpr Duration kDefaultTimeout{300 * clock::kSecond};
constexpr uint32_t kDefaultCapacity = 8192;

class EtherSwitch : public StateElement {
public:
    const char* class_name() const override { return "EtherSwitch"; }
    const char* port_count() const override { return "-/="; }
    const char* processing() const override { return kPush; }
    const char* flow_code() const override { return "#/[^#]"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override {
        add_read_handler<&EtherSwitch::table>("table");
        add_setting_handler<&EtherSwitch::shorten>("timeout", timeout());
        add_read_handler<&EtherSwitch::seconds>("timeout");
        add_state_handlers();
    }
    void take_state(Element& old, ErrorHandler& errh) override;
    void push(int port, PacketBatch& batch) override;

protected:
    /// Which output hears everything, or -1.
    virtual int listener() const { return -1; }
    const char* state_kind() const override { return "addresses"; }
    uint32_t state_end() override { return _ports.end(); }
    bool append_state(uint32_t place, const StateQuery& query, std::string& text) override;
    bool take_state_line(std::string_view line, int64_t now, bool store) override;

private:
    void shorten();
    void learn(EtherAddress source, int port, int64_t now);
    /// When an address was a source last.
    int64_t heard(uint32_t handle) const { return _silence.deadline(handle) - _timeout.nanoseconds; }
    /// The port that an address is behind, or -1.
    int port_of(EtherAddress address) const;
    void forward(int port, PacketPtr packet);
    void flood(int port, PacketPtr packet);
    std::string table();
    std::string seconds() const { return std::to_string(_timeout.nanoseconds / clock::kSecond); }
    Bounded<Duration> timeout() { return bounded(_timeout, Duration{0}, Duration{kLongest}); }

    static constexpr int64_t kLongest = int64_t{1'000'000'000} * clock::kSecond;
    FlowTable<EtherAddress, uint32_t> _ports;
    TimerWheel _silence;
    Duration _timeout = kDefaultTimeout;
};

class ListenEtherSwitch final : public EtherSwitch {
public:
    const char* class_name() const override { return "ListenEtherSwitch"; }
    const char* port_count() const override { return "-/=+"; }

protected:
    int listener() const override { return noutputs() - 1; }
};

int EtherSwitch::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    uint32_t capacity = kDefaultCapacity;
    if (Args(conf, this, errh)
            .keyword("TIMEOUT", timeout(), kDefaultTimeout)
            .keyword("CAPACITY", bounded(capacity, 1, FlowTable<EtherAddress, uint32_t>::kMost))
            .complete() < 0) {
        return -1;
    }
    constexpr int64_t kTick = clock::kSecond;
    return _ports.allocate(capacity, "addresses", errh) < 0 ||
                   _silence.allocate(capacity, kTick, clock::steady(), "addresses", errh) < 0
               ? -1
               : 0;
}

void EtherSwitch::take_state(Element& old, ErrorHandler&) {
    auto& predecessor = static_cast<EtherSwitch&>(old);
    predecessor._ports.for_each([&](uint32_t handle) {
        int port = static_cast<int>(predecessor._ports[handle]);
        if (port < ninputs()) {
            learn(predecessor._ports.key(handle), port, predecessor.heard(handle));
        }
    });
}

void EtherSwitch::learn(EtherAddress source, int port, int64_t now) {
    if (source.is_group() || _timeout.nanoseconds == 0) {
        return;
    }
    uint32_t handle = _ports.find(source).handle;
    if (handle == _ports.kNone) {
        if (_ports.full()) {
            uint32_t silent = _silence.earliest();
            _silence.cancel(silent);
            _ports.erase(silent);
        }
        handle = _ports.insert(source);
    }
    _ports[handle] = static_cast<uint32_t>(port);
    _silence.schedule(handle, now + _timeout.nanoseconds);
}

/// `ADDRESS PORT AGE`
bool EtherSwitch::append_state(uint32_t place, const StateQuery& query, std::string& text) {
    if (!_ports.has(place) || !query.wants(heard(place))) {
        return false;
    }
    text += _ports.key(place).unparse() + format(" %u %u", _ports[place], query.age(heard(place)));
    return true;
}

bool EtherSwitch::take_state_line(std::string_view line, int64_t now, bool store) {
    EtherAddress address;
    uint64_t port;
    uint64_t age;
    if (!parse_ether_address(take_word(line), address) || !take_number(line, UINT32_MAX, port) ||
        port >= static_cast<uint64_t>(ninputs()) || !take_number(line, UINT32_MAX, age) || !line.empty()) {
        return false;
    }
    if (store) {
        learn(address, static_cast<int>(port), used_at(now, age));
    }
    return true;
}

/// Has no address stay longer than the timeout that is new.
void EtherSwitch::shorten() {
    int64_t latest = clock::steady() + _timeout.nanoseconds;
    _ports.for_each([&](uint32_t handle) {
        if (_timeout.nanoseconds == 0) {
            _silence.cancel(handle);
            _ports.erase(handle);
        } else if (_silence.deadline(handle) > latest) {
            _silence.schedule(handle, latest);
        }
    });
}

int EtherSwitch::port_of(EtherAddress address) const {
    auto found = _ports.find(address);
    return found ? static_cast<int>(_ports[found.handle]) : -1;
}

void EtherSwitch::push(int port, PacketBatch& batch) {
    int64_t now = clock::steady();
    _silence.advance(now, [this](uint32_t handle) { _ports.erase(handle); });
    batch.drain([&](PacketPtr packet) {
        const auto* ether = data_header<EtherHeader>(*packet);
        if (!ether) {
            return;
        }
        learn(EtherAddress::read(ether->source), port, now);
        if (listener() >= 0) {
            output(listener()).push(packet->clone());
        }
        forward(port, std::move(packet));
    });
}

void EtherSwitch::forward(int port, PacketPtr packet) {
    auto destination = EtherAddress::read(packet->data());
    int known = destination.is_group() ? -1 : port_of(destination);
    if (known < 0) {
        flood(port, std::move(packet));
    } else if (known != port) {
        output(known).push(std::move(packet));
    }
}

void EtherSwitch::flood(int port, PacketPtr packet) {
    int last = ninputs() - 1 == port ? ninputs() - 2 : ninputs() - 1;
    for (int other = 0; other < last; ++other) {
        if (other != port) {
            output(other).push(packet->clone());
        }
    }
    if (last >= 0) {
        output(last).push(std::move(packet));
    }
}

std::string EtherSwitch::table() {
    std::string text;
    _ports.for_each([&](uint32_t handle) { text += _ports.key(handle).unparse() + format(" %u\n", _ports[handle]); });
    return text;
}

}  // namespace

CLICK_ELEMENT(EtherSwitch)
CLICK_ELEMENT(ListenEtherSwitch)

}  // namespace click
