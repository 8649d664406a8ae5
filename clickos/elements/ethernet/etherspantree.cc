// SPDX-License-Identifier: Apache-2.0
/*
=c
EtherSpanTree(ADDR, INPUT_SUPPRESSOR, OUTPUT_SUPPRESSOR, SWITCH [, I<keywords> PRIORITY])
=s ethernet
spanning tree protocol of Ethernet switches
=d
Speaks the spanning tree protocol of IEEE 802.1D (1998) with the switches around, so that no packet goes in circles: the inputs
take protocol messages, which Classifier finds by C<14/4242>, and the outputs give them. What else comes and goes by a port is
suppressed while the port does not forward.

ADDR is the switch's Ethernet address, SWITCH an EtherSwitch, and the other two are Suppressors, one before its inputs and one
behind its outputs. All have as many ports as the switch. A port that may forward does so 30 seconds after it began to listen.
While the topology changes, the SWITCH forgets addresses after 15 seconds.

Keyword arguments are:
=over 8
=item PRIORITY
Unsigned, up to 65535. The switch of the lowest number becomes the root. Default is 32768.
=back
=h ports read
A line for each port: its number, C<blocking>, C<listening>, C<learning> or C<forwarding>, and C<root>, C<designated> or
C<alternate>.
=h root read
The priority and address of the root, as far as is known.
=e
  tree :: EtherSpanTree(00:1f:29:4d:f8:31, in, out, switch);
  in, out :: Suppressor; switch :: EtherSwitch;
  FromDevice(eth0) -> c0 :: Classifier(14/4242, -); q0 :: Queue -> ToDevice(eth0);
  FromDevice(eth1) -> c1 :: Classifier(14/4242, -); q1 :: Queue -> ToDevice(eth1);
  c0[0] -> [0] tree [0] -> q0; c0[1] -> [0] in [0] -> [0] switch [0] -> [0] out [0] -> q0;
  c1[0] -> [1] tree [1] -> q1; c1[1] -> [1] in [1] -> [1] switch [1] -> [1] out [1] -> q1;
=a EtherSwitch, Suppressor
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/router.hh>
#include <click/task.hh>

#include <algorithm>

#include "lib/format.hh"
#include "net/spanningtree.hh"

namespace click {

namespace {

constexpr int64_t kHello = 2 * clock::kSecond;
constexpr int64_t kMaxAge = 20 * clock::kSecond;
constexpr int64_t kForwardDelay = 15 * clock::kSecond;
constexpr uint32_t kPathCost = 19;  ///< of 100 Mb/s
constexpr int64_t kAgeUnit = clock::kSecond / 256;

class EtherSpanTree final : public Element {
public:
    const char* class_name() const override { return "EtherSpanTree"; }
    const char* port_count() const override { return "-/="; }
    const char* processing() const override { return kPush; }
    const char* flow_code() const override { return "x/y"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;
    void push(int port, PacketBatch& batch) override;
    void run_timer() override;

private:
    enum class State : uint8_t { Blocking, Listening, Learning, Forwarding };
    enum class Role : uint8_t { Designated, Root, Alternate };
    struct BridgePort {
        State state = State::Blocking;
        Role role = Role::Designated;
        int64_t next_state = 0;
        BridgePriority heard;  ///< the best message that is not too old
        int64_t heard_until = 0;
        int64_t heard_age = 0;  ///< of the message when it came
        int64_t heard_at = 0;
        bool acknowledge = false;
    };

    void receive(int port, const Packet& packet);
    void decide(int64_t now);
    void set_state(int port, State state);
    void suppress(const std::string& suppressor, int port, bool active);
    void transmit(int port);
    void transmit_all();
    void notify();
    void change_topology(int64_t now);
    void set_switch_timeout(const std::string& seconds);
    bool is_root() const { return _root_port < 0; }
    uint16_t port_id(int port) const { return static_cast<uint16_t>(0x8000 | (port + 1)); }
    PacketPtr frame(uint32_t length, uint8_t type) const;
    std::string ports() const;
    std::string root() const;

    EtherAddress _address;
    uint16_t _priority = 32768;
    std::string _input;
    std::string _output;
    std::string _switch;
    std::string _usual_timeout;
    uint64_t _id = 0;
    BridgePriority _best;  ///< what is told: the root, and what it costs to reach it
    int _root_port = -1;
    std::vector<BridgePort> _ports;
    bool _notify = false;         ///< a change, to whoever is nearer to the root
    int64_t _changing_until = 0;  ///< at the root
    bool _fast_aging = false;
    Timer _timer{this};
};

int EtherSpanTree::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Element* elements[3] = {};
    if (Args(conf, this, errh)
            .mandatory("ADDR", _address)
            .mandatory("INPUT_SUPPRESSOR", elements[0])
            .mandatory("OUTPUT_SUPPRESSOR", elements[1])
            .mandatory("SWITCH", elements[2])
            .keyword("PRIORITY", _priority)
            .complete() < 0) {
        return -1;
    }
    for (Element* element : elements) {
        const char* wanted = element == elements[2] ? "EtherSwitch" : "Suppressor";
        if (!element->cast(wanted)) {
            return errh.error("%s is not an element of class %s", element->name().c_str(), wanted);
        }
        if (element->ninputs() < ninputs() || element->noutputs() < noutputs()) {
            return errh.error("%s must have %d inputs and outputs", element->name().c_str(), ninputs());
        }
    }
    _input = elements[0]->name();
    _output = elements[1]->name();
    _switch = elements[2]->name();
    _id = _priority;
    for (uint8_t byte : _address.bytes) {
        _id = _id << 8 | byte;
    }
    _ports.assign(static_cast<size_t>(ninputs()), {});
    return 0;
}

int EtherSpanTree::initialize(ErrorHandler&) {
    _timer.initialize(this);
    _timer.schedule_after(0);
    router().call_at_start(
        [](Element* element) {
            auto* self = static_cast<EtherSpanTree*>(element);
            for (int port = 0; port < self->ninputs(); ++port) {
                self->set_state(port, State::Blocking);
            }
            self->decide(clock::steady());
        },
        this);
    return 0;
}

void EtherSpanTree::suppress(const std::string& suppressor, int port, bool active) {
    SilentErrorHandler silent;
    router().write(router().find_handler(suppressor + ".active" + std::to_string(port)), active ? "true" : "false",
                   silent);
}

void EtherSpanTree::set_state(int port, State state) {
    BridgePort& one = _ports[static_cast<size_t>(port)];
    one.state = state;
    one.next_state = clock::steady() + kForwardDelay;
    suppress(_input, port, state == State::Forwarding);
    suppress(_output, port, state == State::Forwarding);
}

/// Which port leads to the root, and what the others are for (IEEE 802.1D 8.6.7 to 8.6.11).
void EtherSpanTree::decide(int64_t now) {
    BridgePriority own{_id, 0, _id, 0};
    BridgePriority best = own;
    bool was_root = is_root();
    _root_port = -1;
    for (size_t i = 0; i < _ports.size(); ++i) {
        BridgePriority offer = _ports[i].heard;
        if (offer.root < _id && offer.bridge != _id) {
            offer.cost += kPathCost;
            if (offer.better_than(best)) {
                best = offer;
                _root_port = static_cast<int>(i);
            }
        }
    }
    _best = {best.root, best.cost, _id, 0};
    for (int port = 0; port < ninputs(); ++port) {
        BridgePort& one = _ports[static_cast<size_t>(port)];
        BridgePriority told = _best;
        told.port = port_id(port);
        one.role = port == _root_port ? Role::Root : one.heard.better_than(told) ? Role::Alternate : Role::Designated;
        if (one.role == Role::Alternate && one.state != State::Blocking) {
            bool forwarded = one.state == State::Forwarding || one.state == State::Learning;
            set_state(port, State::Blocking);
            if (forwarded) {
                change_topology(now);
            }
        } else if (one.role != Role::Alternate && one.state == State::Blocking) {
            set_state(port, State::Listening);
        }
    }
    if (!was_root && is_root()) {
        _notify = false;
        change_topology(now);
    }
}

void EtherSpanTree::push(int port, PacketBatch& batch) {
    for (const Packet* packet : batch) {
        receive(port, *packet);
    }
    batch.clear();
}

void EtherSpanTree::receive(int port, const Packet& packet) {
    constexpr uint32_t kShort = offsetof(BridgeMessage, flags);
    const auto* bytes = reinterpret_cast<const BridgeMessage*>(packet.data());
    if (packet.length() < kShort || bytes->llc[0] != 0x42 || bytes->llc[1] != 0x42 || bytes->protocol != 0) {
        return;
    }
    int64_t now = clock::steady();
    BridgePort& one = _ports[static_cast<size_t>(port)];
    if (bytes->type == BridgeMessage::kTopologyChangeNotification) {
        if (one.role == Role::Designated) {
            one.acknowledge = true;
            change_topology(now);
            transmit(port);
        }
        return;
    }
    const auto* message = data_header<BridgeMessage>(packet);
    if (!message || message->type != BridgeMessage::kConfiguration) {
        return;
    }
    BridgePriority heard{__builtin_bswap64(message->root), net32(message->cost), __builtin_bswap64(message->bridge),
                         net16(message->port)};
    int64_t age = net16(message->age) * kAgeUnit;
    if (age >= kMaxAge || heard.cost > INT32_MAX) {
        return;
    }
    bool same_sender = heard.bridge == one.heard.bridge && heard.port == one.heard.port;
    if (!one.heard.better_than(heard) || same_sender) {
        one.heard = heard;
        one.heard_age = age;
        one.heard_at = now;
        one.heard_until = now + kMaxAge - age;
        decide(now);
        if (port == _root_port) {
            _notify = _notify && (message->flags & BridgeMessage::kAcknowledgement) == 0;
            bool changing = (message->flags & BridgeMessage::kTopologyChange) != 0;
            _changing_until = changing ? now + kMaxAge : 0;
            transmit_all();
        }
    }
    if (one.role == Role::Designated) {
        transmit(port);  // whoever sent it knows less
    }
}

void EtherSpanTree::change_topology(int64_t now) {
    if (is_root()) {
        _changing_until = now + kMaxAge + kForwardDelay;
    } else {
        _notify = true;
    }
}

PacketPtr EtherSpanTree::frame(uint32_t length, uint8_t type) const {
    constexpr uint32_t kShortest = 60;
    PacketPtr packet = Packet::make(nullptr, kShortest);
    if (packet) {
        uint8_t* bytes = packet->mutable_data();
        std::memset(bytes, 0, kShortest);
        auto* message = reinterpret_cast<BridgeMessage*>(bytes);
        kBridgeGroup.write(message->ether.destination);
        _address.write(message->ether.source);
        message->ether.type = net16(static_cast<uint16_t>(length - sizeof(EtherHeader)));
        message->llc[0] = message->llc[1] = 0x42;
        message->llc[2] = 3;
        message->type = type;
    }
    return packet;
}

void EtherSpanTree::transmit(int port) {
    BridgePort& one = _ports[static_cast<size_t>(port)];
    int64_t now = clock::steady();
    int64_t age = 0;
    if (!is_root()) {
        const BridgePort& root = _ports[static_cast<size_t>(_root_port)];
        age = root.heard_age + (now - root.heard_at) + kAgeUnit * 256;
    }
    PacketPtr packet = age < kMaxAge ? frame(sizeof(BridgeMessage), BridgeMessage::kConfiguration) : PacketPtr();
    if (!packet) {
        return;
    }
    auto time = [](int64_t nanoseconds) { return net16(static_cast<uint16_t>(nanoseconds / kAgeUnit)); };
    auto* message = reinterpret_cast<BridgeMessage*>(packet->mutable_data());
    message->flags = static_cast<uint8_t>((now < _changing_until ? BridgeMessage::kTopologyChange : 0) |
                                          (one.acknowledge ? BridgeMessage::kAcknowledgement : 0));
    message->root = __builtin_bswap64(_best.root);
    message->cost = net32(_best.cost);
    message->bridge = __builtin_bswap64(_id);
    message->port = net16(port_id(port));
    message->age = time(age);
    message->max_age = time(kMaxAge);
    message->hello_time = time(kHello);
    message->forward_delay = time(kForwardDelay);
    one.acknowledge = false;
    output(port).push(std::move(packet));
}

void EtherSpanTree::transmit_all() {
    for (int port = 0; port < ninputs(); ++port) {
        if (_ports[static_cast<size_t>(port)].role == Role::Designated) {
            transmit(port);
        }
    }
}

void EtherSpanTree::notify() {
    constexpr uint32_t kLength = offsetof(BridgeMessage, flags);
    if (PacketPtr packet = frame(kLength, BridgeMessage::kTopologyChangeNotification)) {
        output(_root_port).push(std::move(packet));
    }
}

void EtherSpanTree::set_switch_timeout(const std::string& seconds) {
    SilentErrorHandler silent;
    router().write(router().find_handler(_switch + ".timeout"), seconds, silent);
}

void EtherSpanTree::run_timer() {
    int64_t now = clock::steady();
    bool aged = false;
    for (int port = 0; port < ninputs(); ++port) {
        BridgePort& one = _ports[static_cast<size_t>(port)];
        if (one.heard.root != BridgePriority().root && now >= one.heard_until) {
            one.heard = {};
            aged = true;
        }
        bool waits = one.state == State::Listening || one.state == State::Learning;
        if (waits && now >= one.next_state) {
            bool listened = one.state == State::Listening;
            set_state(port, listened ? State::Learning : State::Forwarding);
            if (!listened) {
                change_topology(now);
            }
        }
    }
    if (aged) {
        decide(now);
    }
    if (is_root()) {
        transmit_all();
    } else if (_notify) {
        notify();
    }
    if ((now < _changing_until) != _fast_aging) {
        SilentErrorHandler silent;
        if (!_fast_aging) {
            _usual_timeout = router().read(router().find_handler(_switch + ".timeout"), {}, silent);
        }
        _fast_aging = !_fast_aging;
        set_switch_timeout(_fast_aging ? std::to_string(kForwardDelay / clock::kSecond) : _usual_timeout);
    }
    _timer.schedule_after(kHello);
}

std::string EtherSpanTree::ports() const {
    constexpr const char* kStates[] = {"blocking", "listening", "learning", "forwarding"};
    constexpr const char* kRoles[] = {"designated", "root", "alternate"};
    std::string text;
    for (size_t i = 0; i < _ports.size(); ++i) {
        text += format("%zu %s %s\n", i, kStates[static_cast<size_t>(_ports[i].state)],
                       kRoles[static_cast<size_t>(_ports[i].role)]);
    }
    return text;
}

std::string EtherSpanTree::root() const {
    EtherAddress address;
    for (size_t i = 0; i < address.bytes.size(); ++i) {
        address.bytes[i] = static_cast<uint8_t>(_best.root >> (address.bytes.size() - 1 - i) * 8);
    }
    return std::to_string(_best.root >> 48) + " " + address.unparse();
}

void EtherSpanTree::add_handlers() {
    add_read_handler<&EtherSpanTree::ports>("ports");
    add_read_handler<&EtherSpanTree::root>("root");
}

}  // namespace

CLICK_ELEMENT(EtherSpanTree)

}  // namespace click
