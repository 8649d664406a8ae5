// SPDX-License-Identifier: Apache-2.0
/*
=c
FQCoDel([LIMIT, I<keywords> FLOWS, TARGET, INTERVAL, QUANTUM])
=s aqm
stores packets in a queue for each flow, and drops those that wait too long
=d
Flow queues with controlled delay (RFC 8290). Pushed packets are sorted into FLOWS queues by a hash of their IP addresses,
protocol and ports, which is keyed so that nobody can foresee it. Pulls take from the queues in deficit round robin by
bytes; queues that just began to have packets go first. Each queue has its own CoDel. When LIMIT packets wait, half of the
queue with the most bytes, at most 64 packets, is dropped from its front.

Packets with an IP header annotation are sorted by that, others by the Ethernet frame that they begin with. What is
dropped leaves by output 1 if that is connected.

Keyword arguments are:
=over 8
=item LIMIT
Integer. How many packets may wait. Default is 10240.
=item FLOWS
Integer, 1 to 65536. How many queues there are. Default is 1024.
=item TARGET
Time. A wait that is fine. Default is 5 ms.
=item INTERVAL
Time. For how long waits may be longer. Default is 100 ms.
=item QUANTUM
Integer. How many bytes a queue may give at its turn. Default is 1514.
=back
=h length read
How many packets wait.
=h bytes read
How many bytes wait.
=h active_flows read
How many queues have packets or had them lately.
=h drops read
How many packets were dropped.
=h codel_drops read
How many of them because they had waited too long.
=h reset_counts write
Sets the counts of drops to 0.
=h reset write
Drops all packets.
=e
  RatedSource(RATE 1000) -> FQCoDel -> BandwidthRatedUnqueue(1Mbps) -> Discard;
=a CoDel, DRRSched, Queue
*/
#include <click/clock.hh>
#include <click/emitter.hh>
#include <click/notifier.hh>
#include <click/storage.hh>

#include <algorithm>
#include <array>

#include "lib/codel.hh"
#include "lib/flow_hash.hh"
#include "lib/table.hh"
#include "net/ether.hh"
#include "net/ip.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class FQCoDel final : public Element, public Storage {
public:
    ~FQCoDel() override { reset(); }
    const char* class_name() const override { return "FQCoDel"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "h/lh"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override;
    void push(int port, PacketBatch& batch) override;
    void pull(int port, PacketBatch& batch, unsigned most) override;

    unsigned length() const override { return _length; }
    unsigned room() const override { return static_cast<unsigned>(_slots.size()) - _length; }

protected:
    Notifier* empty_notifier(int port) override { return port == 0 ? &_ready : nullptr; }
    void* role(Role asked) override { return asked == kRoleOf<Storage> ? static_cast<Storage*>(this) : nullptr; }

private:
    static constexpr uint32_t kNone = 0xffffffff;
    static constexpr unsigned kMostAtOnce = 64;

    /// A packet that waits: a link of its flow's list, or of the list of free ones.
    struct Slot {
        Packet* packet;
        int64_t arrival;
        uint32_t next;
    };
    struct Flow {
        uint32_t head = kNone;
        uint32_t tail = kNone;
        uint32_t next = kNone;  ///< in the list of new or of old flows
        bool listed = false;
        int32_t deficit = 0;
        uint64_t bytes = 0;
        ControlledDelay codel;
    };
    /// A list of flows that wait for their turn.
    struct Turns {
        uint32_t head = kNone;
        uint32_t tail = kNone;
    };

    uint32_t flow_of(const Packet& packet) const;
    void store(PacketPtr packet, uint32_t number, int64_t now);
    PacketPtr take_first(Flow& flow, int64_t& arrival);
    void shed(PacketEmitter& dropped);
    PacketPtr dequeue(PacketEmitter& dropped, int64_t now);
    PacketPtr take_undelayed(Flow& flow, PacketEmitter& dropped, int64_t now);
    void append(Turns& turns, uint32_t number);
    void remove_first(Turns& turns);
    void drop(PacketEmitter& dropped, PacketPtr packet) {
        ++_drops;
        dropped.add(std::move(packet));
    }
    void reset();
    void reset_counts() {
        _drops.reset();
        _codel_drops.reset();
    }

    ControlledDelay::Settings _codel;
    int32_t _quantum = 1514;
    uint64_t _key = platform::entropy();
    Table<Slot> _slots;
    Table<Flow> _flows;
    uint32_t _free = kNone;
    uint32_t _length = 0;
    uint64_t _bytes = 0;
    uint32_t _listed = 0;
    Turns _new;
    Turns _old;
    Tally _drops;
    Tally _codel_drops;
    Notifier _ready;
};

int FQCoDel::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    uint32_t limit = 10240;
    uint32_t flows = 1024;
    Duration target{_codel.target};
    Duration interval{_codel.interval};
    constexpr Duration kLongest{60 * clock::kSecond};
    if (Args(conf, this, errh)
                .optional("LIMIT", bounded(limit, 1, 1U << 20))
                .keyword("FLOWS", bounded(flows, 1, 1U << 16))
                .keyword("TARGET", bounded(target, Duration{1}, kLongest))
                .keyword("INTERVAL", bounded(interval, Duration{1}, kLongest))
                .keyword("QUANTUM", bounded(_quantum, 64, 1 << 20))
                .complete() < 0 ||
        _slots.allocate(limit, "packets", errh) < 0 || _flows.allocate(flows, "flows", errh) < 0) {
        return -1;
    }
    _codel = {target.nanoseconds, interval.nanoseconds};
    for (uint32_t i = limit; i-- > 0;) {
        _slots[i].next = _free;
        _free = i;
    }
    _ready.sleep();
    return 0;
}

uint32_t FQCoDel::flow_of(const Packet& packet) const {
    uint64_t hash;
    if (const IpHeader* ip = whole_ip_header(packet)) {
        uint64_t ports = 0;
        bool has_ports = (ip->protocol == kIpProtoTcp || ip->protocol == kIpProtoUdp) && !ip->is_fragment();
        if (const auto* udp = has_ports ? transport_header<UdpHeader>(packet) : nullptr) {
            ports = uint64_t{udp->source} << 16 | udp->destination;
        }
        hash = (uint64_t{ip->source} << 32 | ip->destination) ^ (ports << 8 | ip->protocol) * 0xbf58476d1ce4e5b9;
    } else {
        hash = flow_hash(packet.data(), packet.length());
    }
    hash = (hash ^ _key) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
    hash *= 0x94d049bb133111eb;
    return static_cast<uint32_t>((hash >> 32) % _flows.size());
}

void FQCoDel::append(Turns& turns, uint32_t number) {
    _flows[number].next = kNone;
    if (turns.head == kNone) {
        turns.head = number;
    } else {
        _flows[turns.tail].next = number;
    }
    turns.tail = number;
}

void FQCoDel::remove_first(Turns& turns) { turns.head = _flows[turns.head].next; }

/// There must be a free slot.
void FQCoDel::store(PacketPtr packet, uint32_t number, int64_t now) {
    Flow& flow = _flows[number];
    uint32_t index = _free;
    _free = _slots[index].next;
    flow.bytes += packet->length();
    _bytes += packet->length();
    _slots[index] = {packet.release(), now, kNone};
    if (flow.head == kNone) {
        flow.head = index;
    } else {
        _slots[flow.tail].next = index;
    }
    flow.tail = index;
    ++_length;
    if (!flow.listed) {
        flow.listed = true;
        ++_listed;
        flow.deficit = _quantum;
        append(_new, number);
    }
}

PacketPtr FQCoDel::take_first(Flow& flow, int64_t& arrival) {
    uint32_t index = flow.head;
    if (index == kNone) {
        return {};
    }
    Slot& slot = _slots[index];
    PacketPtr packet(slot.packet);
    arrival = slot.arrival;
    flow.head = slot.next;
    flow.bytes -= packet->length();
    _bytes -= packet->length();
    slot.next = _free;
    _free = index;
    --_length;
    return packet;
}

/// Makes room: section 4.1 drops half of the longest queue, so that the search for it pays.
void FQCoDel::shed(PacketEmitter& dropped) {
    Flow* fattest =
        std::max_element(_flows.begin(), _flows.end(), [](const Flow& a, const Flow& b) { return a.bytes < b.bytes; });
    if (fattest->head == kNone) {
        fattest = std::find_if(_flows.begin(), _flows.end(), [](const Flow& flow) { return flow.head != kNone; });
    }
    uint64_t enough = fattest->bytes / 2;
    int64_t arrival;
    for (unsigned count = 0; count < kMostAtOnce && (count == 0 || fattest->bytes > enough); ++count) {
        PacketPtr packet = take_first(*fattest, arrival);
        if (!packet) {
            break;
        }
        drop(dropped, std::move(packet));
    }
}

void FQCoDel::push(int, PacketBatch& batch) {
    int64_t now = clock::steady();
    PacketEmitter dropped(*this, 1);
    batch.drain([&](PacketPtr packet) {
        if (room() == 0) [[unlikely]] {
            shed(dropped);
        }
        uint32_t number = flow_of(*packet);
        store(std::move(packet), number, now);
    });
    _ready.wake();
}

PacketPtr FQCoDel::take_undelayed(Flow& flow, PacketEmitter& dropped, int64_t now) {
    int64_t arrival;
    while (PacketPtr packet = take_first(flow, arrival)) {
        if (!flow.codel.drops(_codel, now - arrival, flow.head == kNone, now)) {
            return packet;
        }
        ++_codel_drops;
        drop(dropped, std::move(packet));
    }
    flow.codel.empty();
    return {};
}

/// Section 4.2. Each step serves a packet, or moves a flow whose deficit grows, or takes an empty one off: it ends.
PacketPtr FQCoDel::dequeue(PacketEmitter& dropped, int64_t now) {
    for (;;) {
        bool fresh = _new.head != kNone;
        Turns& turns = fresh ? _new : _old;
        uint32_t number = turns.head;
        if (number == kNone) {
            return {};
        }
        Flow& flow = _flows[number];
        if (flow.deficit <= 0) {
            flow.deficit += _quantum;
            remove_first(turns);
            append(_old, number);
            continue;
        }
        if (PacketPtr packet = take_undelayed(flow, dropped, now)) {
            flow.deficit -= static_cast<int32_t>(std::min<uint32_t>(packet->length(), 1U << 20));
            return packet;
        }
        remove_first(turns);
        if (fresh && _old.head != kNone) {
            // An empty new flow goes through the old ones once, or it could stay new for ever.
            append(_old, number);
        } else {
            flow.listed = false;
            --_listed;
        }
    }
}

void FQCoDel::pull(int, PacketBatch& batch, unsigned most) {
    int64_t now = clock::steady();
    PacketEmitter dropped(*this, 1);
    for (most = std::min(most, batch.room()); most > 0; --most) {
        PacketPtr packet = dequeue(dropped, now);
        if (!packet) {
            _ready.sleep();
            return;
        }
        batch.append(std::move(packet));
    }
}

void FQCoDel::reset() {
    int64_t arrival;
    for (Flow& flow : _flows) {
        while (take_first(flow, arrival)) {
        }
        flow.codel.empty();
    }
}

void FQCoDel::add_handlers() {
    add_data_handler("length", _length);
    add_data_handler("bytes", _bytes);
    add_data_handler("active_flows", _listed);
    add_data_handler("drops", _drops);
    add_data_handler("codel_drops", _codel_drops);
    add_write_handler<&FQCoDel::reset_counts>("reset_counts", 0, Handler::kButton);
    add_write_handler<&FQCoDel::reset>("reset", 0, Handler::kButton);
}

}  // namespace

CLICK_ELEMENT(FQCoDel)

}  // namespace click
