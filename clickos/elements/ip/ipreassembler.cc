// SPDX-License-Identifier: Apache-2.0
/*
=c
IPReassembler([I<keywords> HIMEM, MAX_MTU_ANNO])
=s ip
reassembles fragmented IP packets
=d
Expects IP packets. What is no fragment passes. Fragments (RFC 791 3.2) are held until all of a packet are there; then
it leaves by output 0, with the header, the annotations and the link header of the fragment that it begins with.

When nothing new has come for 30 seconds, what there is of a packet leaves by output 1 if that is connected and is
dropped if not: one packet with every byte at its place and zeros where some are missing. If the beginning is missing,
its header has the lowest fragment offset that came, so that an ICMPError there answers packets only whose beginning is
known (RFC 792).

Memory is bounded: when what is held takes more than HIMEM bytes, the packets that have waited longest are dropped until
it takes three quarters of that.

Fragments may overlap where they are the same. A packet with a byte of two values or with two ends is dropped, and so is
what comes of it later (RFC 1858, RFC 5722). Fragments that are cut off, reach beyond the longest packet, or have a
length that none can have are dropped alone.

Keyword arguments are:
=over 8
=item HIMEM
Unsigned. The most bytes of memory. Default is 262144 (256K).
=item MAX_MTU_ANNO
Annotation of 2 bytes. On packets that were reassembled it is set to the length of their longest fragment. Default is
none.
=back
=h state read/write
The packets that are not whole yet in a form that another IPReassembler takes when it is written there, in chunks: read with
the position that the end of the first line says, until that is C<end>. The first line is C<packets 1 IPReassembler NOW
NEXT>; the others are C<SOURCE DESTINATION ID PROTOCOL AGE>, where AGE is in milliseconds, and then, unless the packet has
turned out to be wrong, C<LONGEST LENGTH LEAD LINK HEADER> and C<OFFSET BYTES> for each stretch that has come: the longest
fragment, the packet's length where it is known, how much lies in front of the IP header and how far away the link header is,
these headers, and the bytes, in hexadecimal. Of annotations, the destination address comes along.
=h state_since read-only
The same of what was used since a time: the parameter is C<SINCE [POSITION]>, SINCE being the NOW of an earlier chunk.
=e
  Idle -> MarkIPHeader -> re :: IPReassembler -> Discard;
  re[1] -> ICMPError(18.26.4.24, timeexceeded, reassembly) -> Discard;
=a IPFragmenter, ICMPError
*/
#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/task.hh>

#include <algorithm>

#include "elements/ip/datagram.hh"
#include "elements/standard/stateelement.hh"
#include "lib/checksum.hh"
#include "lib/flow_table.hh"
#include "lib/recency_list.hh"
#include "net/transport.hh"

namespace click {

namespace {

class IPReassembler final : public StateElement {
public:
    const char* class_name() const override { return "IPReassembler"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void run_timer() override;
    void add_handlers() override { add_state_handlers(); }
    void transform(PacketBatch& batch) override {
        batch.map([this](PacketPtr packet) {
            const IpHeader* ip = whole_ip_header(*packet);
            return !ip || !ip->is_fragment() ? std::move(packet) : take_in(*packet, *ip);
        });
    }

protected:
    const char* state_kind() const override { return "packets"; }
    uint32_t state_end() override { return _datagrams.end(); }
    bool append_state(uint32_t place, const StateQuery& query, std::string& text) override;
    bool take_state_line(std::string_view line, int64_t now, bool store) override;
    void state_taken() override;

private:
    static constexpr uint32_t kHeadroom = 192;
    static constexpr uint32_t kEntry = 128;  ///< what an entry of the table counts for
    static constexpr int64_t kPatience = 30 * clock::kSecond;

    PacketPtr take_in(const Packet& part, const IpHeader& ip);
    uint32_t datagram_of(const DatagramKey& key);
    bool make_room(Datagram& datagram, uint32_t end);
    static void keep_header(Datagram& datagram, const Packet& part, const IpHeader& ip);
    PacketPtr take_out(uint32_t handle, bool whole);
    void forget(uint32_t handle);
    void hold_less();
    static uint64_t memory_of(const Packet* packet) {
        return packet ? uint64_t{packet->headroom()} + packet->length() + packet->tailroom() : 0;
    }

    FlowTable<DatagramKey, Datagram> _datagrams;
    RecencyList _order;
    Timer _timer{this};
    uint32_t _most_memory = 0;
    uint64_t _memory = 0;
    int _longest_anno = -1;
};

int IPReassembler::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kDefault = 256 * 1024;
    Annotation longest;
    longest.size = sizeof(uint16_t);
    if (Args(conf, this, errh).keyword("HIMEM", _most_memory, kDefault).keyword("MAX_MTU_ANNO", longest).complete() <
        0) {
        return -1;
    }
    _longest_anno = longest.offset;
    return 0;
}

int IPReassembler::initialize(ErrorHandler& errh) {
    constexpr uint32_t kMost = 1U << 16;
    uint32_t capacity = std::min(_most_memory / kEntry + 1, kMost);
    if (_datagrams.allocate(capacity, "fragmented packets", errh) < 0 ||
        _order.allocate(capacity, "fragmented packets", errh) < 0) {
        return -1;
    }
    _timer.initialize(this);
    return 0;
}

uint32_t IPReassembler::datagram_of(const DatagramKey& key) {
    if (auto found = _datagrams.find(key)) {
        return found.handle;
    }
    if (_datagrams.full()) {
        forget(_order.oldest());
    }
    uint32_t handle = _datagrams.insert(key);
    _order.add(handle);
    _memory += kEntry;
    return handle;
}

/// Copies the IP header, and what lies in front of it.
void IPReassembler::keep_header(Datagram& datagram, const Packet& part, const IpHeader& ip) {
    auto before = [&](const uint8_t* from) {
        ptrdiff_t distance = part.network_header() - from;
        return static_cast<uint8_t>(distance > 0 && distance <= Datagram::kMostLead ? distance : 0);
    };
    datagram.header = static_cast<uint8_t>(ip.header_length());
    datagram.lead = before(part.data());
    datagram.link = part.has_mac_header() ? before(part.mac_header()) : 0;
    datagram.fragment = net16(ip.fragment);
    const uint32_t count = datagram.headers();
    Packet& packet = *datagram.packet;
    std::memcpy(packet.mutable_data() - count, part.network_header() + datagram.header - count, count);
    packet.copy_annotations(part);
}

/// Lets a packet reach up to `end`. False when there is no memory.
bool IPReassembler::make_room(Datagram& datagram, uint32_t end) {
    if (datagram.packet && end <= datagram.bytes.capacity()) {
        return true;
    }
    uint32_t capacity =
        Reassembly::capacity_for(std::min(std::max(end, 2 * datagram.bytes.capacity()), Reassembly::kLongest));
    PacketPtr packet = Packet::make(kHeadroom, nullptr, Reassembly::memory_for(capacity), 0);
    if (!packet) {
        return false;
    }
    if (const Packet* smaller = datagram.packet.get()) {
        std::memcpy(packet->mutable_data() - kHeadroom, smaller->data() - kHeadroom, kHeadroom);
        packet->copy_annotations(*smaller);
    }
    datagram.bytes.move_to(packet->mutable_data(), capacity);
    _memory += memory_of(packet.get()) - memory_of(datagram.packet.get());
    datagram.packet = std::move(packet);
    return true;
}

PacketPtr IPReassembler::take_in(const Packet& part, const IpHeader& ip) {
    using Outcome = Reassembly::Outcome;
    Segment segment = ip_segment(part, ip);
    uint32_t offset = ip.fragment_offset();
    auto length = static_cast<uint32_t>(segment.length);
    bool last = !ip.more_fragments();
    if (length == 0 || (!last && length % Reassembly::kUnit != 0) ||
        offset + length + ip.header_length() > kMaxIpLength) {
        return {};
    }
    uint32_t handle = datagram_of({ip.source, ip.destination, uint32_t{ip.id} << 8 | ip.protocol});
    Datagram& datagram = _datagrams[handle];
    if (datagram.wrong) {
        return {};
    }
    bool is_new = !datagram.packet;
    if (!make_room(datagram, offset + length)) {
        forget(handle);
        return {};
    }
    if (is_new || (offset == 0 && (datagram.fragment & IpHeader::kOffsetMask) != 0)) {
        keep_header(datagram, part, ip);
    }
    datagram.longest = std::max(datagram.longest, static_cast<uint16_t>(ip.length()));
    Outcome outcome = datagram.bytes.add(offset, segment.data, length, last);
    if (outcome == Outcome::Complete) {
        return take_out(handle, true);
    }
    if (outcome == Outcome::Wrong) {
        _memory -= memory_of(datagram.packet.get());
        datagram.packet.reset();
        datagram.wrong = true;
    }
    if (outcome != Outcome::Known) {
        datagram.used = clock::steady();
        _order.renew(handle);
    }
    if (!_timer.scheduled()) {
        _timer.schedule_after(kPatience);
    }
    hold_less();
    return {};
}

/// Ends the wait for a packet, which becomes one with a right header.
PacketPtr IPReassembler::take_out(uint32_t handle, bool whole) {
    Datagram& datagram = _datagrams[handle];
    PacketPtr packet = std::move(datagram.packet);
    _memory -= memory_of(packet.get());
    uint32_t length = datagram.header + datagram.bytes.end();
    if (packet && length <= kMaxIpLength) {
        if (!whole) {
            datagram.bytes.clear_gaps();
        }
        packet->take(packet->length() - datagram.bytes.end());
        packet->unpull(datagram.header);
        packet->set_network_header(packet->data(), datagram.header);
        if (datagram.link != 0) {
            packet->set_mac_header(packet->data() - datagram.link);
        }
        IpHeader& ip = *mutable_ip_header(*packet);
        ip.total_length = net16(static_cast<uint16_t>(length));
        ip.fragment =
            whole ? 0
                  : net16(static_cast<uint16_t>(IpHeader::kMoreFragments | datagram.bytes.begin() / Reassembly::kUnit));
        ip.checksum = 0;
        ip.checksum = ip_header_checksum(&ip, datagram.header);
        packet->unpull(datagram.lead);
        if (whole && _longest_anno >= 0) {
            packet->set_anno_u16(static_cast<size_t>(_longest_anno), datagram.longest);
        }
    } else {
        packet.reset();
    }
    forget(handle);
    return packet;
}

void IPReassembler::forget(uint32_t handle) {
    _memory -= memory_of(_datagrams[handle].packet.get()) + kEntry;
    _order.remove(handle);
    _datagrams.erase(handle);
}

void IPReassembler::hold_less() {
    if (_memory > _most_memory) {
        while (_memory > _most_memory / 4 * 3 && _datagrams.size() != 0) {
            forget(_order.oldest());
        }
    }
}

void IPReassembler::run_timer() {
    constexpr unsigned kMostAtOnce = 64;
    constexpr int64_t kSoon = 1'000'000;
    const int64_t now = clock::steady();
    for (unsigned i = 0; i < kMostAtOnce && _datagrams.size() != 0; ++i) {
        uint32_t handle = _order.oldest();
        int64_t left = _datagrams[handle].used + kPatience - now;
        if (left > 0) {
            _timer.schedule_after(left);
            return;
        }
        if (PacketPtr packet = take_out(handle, false)) {
            checked_push(1, std::move(packet));
        }
    }
    if (_datagrams.size() != 0) {
        _timer.schedule_after(kSoon);
    }
}

bool IPReassembler::append_state(uint32_t place, const StateQuery& query, std::string& text) {
    if (!_datagrams.has(place) || !query.wants(_datagrams[place].used)) {
        return false;
    }
    DatagramRecord::append(_datagrams.key(place), _datagrams[place], query.age(_datagrams[place].used), text);
    return true;
}

bool IPReassembler::take_state_line(std::string_view line, int64_t now, bool store) {
    DatagramRecord record;
    if (!record.parse(line)) {
        return false;
    }
    if (!store) {
        return true;
    }
    if (auto found = _datagrams.find(record.key)) {
        forget(found.handle);
    }
    uint32_t handle = datagram_of(record.key);
    Datagram& datagram = _datagrams[handle];
    datagram = std::move(record.datagram);
    datagram.used = used_at(now, record.age);
    if (datagram.wrong) {
        return true;
    }
    if (!make_room(datagram, record.stretches.back().end())) {
        forget(handle);
        return false;
    }
    std::memcpy(datagram.packet->mutable_data() - record.headers.size(), record.headers.data(), record.headers.size());
    anno::set_dst_ip(*datagram.packet, IPAddress(record.key.destination));
    for (const DatagramRecord::Stretch& one : record.stretches) {
        datagram.bytes.add(one.offset, one.bytes.data(), static_cast<uint32_t>(one.bytes.size()),
                           one.end() == record.length);
    }
    hold_less();
    return true;
}

void IPReassembler::state_taken() {
    if (_datagrams.size() != 0 && !_timer.scheduled()) {
        _timer.schedule_after(1);
    }
}

void IPReassembler::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<IPReassembler&>(old);
    while (other._datagrams.size() != 0) {
        uint32_t handle = other._order.oldest();
        if (!_datagrams.full()) {
            uint32_t own = _datagrams.insert(other._datagrams.key(handle));
            _datagrams[own] = std::move(other._datagrams[handle]);
            _order.add(own);
            _memory += memory_of(_datagrams[own].packet.get()) + kEntry;
            other._memory -= memory_of(_datagrams[own].packet.get());
        }
        other.forget(handle);
    }
    hold_less();
    if (_datagrams.size() != 0) {
        _timer.schedule_after(1);
    }
}

}  // namespace

CLICK_ELEMENT(IPReassembler)

}  // namespace click
