// SPDX-License-Identifier: Apache-2.0
/*
=block rewriter-keywords
=item REAP_INTERVAL
As in IPRewriter.
=item MAPPING_CAPACITY
As in IPRewriter.
=item INPUT_CAPACITY
As in IPRewriter.
=item DST_ANNO
As in IPRewriter.
=item REPLY_ANNO
As in IPRewriter.
=block rewriter-timeouts
=item TIMEOUT
Time value. How long mappings are kept after their last packet. Default is 5 minutes.
=item GUARANTEE
Time value. How long mappings are kept whatever happens, after each packet. Default is 5 seconds.
=use rewriter-keywords
=block rewriter-state
=h state read/write
The mappings in chunks, as in IPRewriter.
=h state_since read-only
As in IPRewriter.
=block rewriter-handlers
=h nmappings read-only
The number of flows that have mappings.
=h table_size read-only
The same.
=h mapping_failures read-only
How many packets were dropped because there was no mapping to be had.
=h patterns read-only
The patterns of the INPUTSPECs, one a line; for those that have none, their kind in angle brackets.
=h patternI<N> read/write
As in IPRewriter.
=h size read-only
The number of flows; where rewriters share a capacity, of all of them.
=h capacity read/write
As in IPRewriter.
=h clear write-only
Forgets all mappings.
*/
#pragma once
#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/task.hh>

#include "elements/rewriter/pattern.hh"
#include "elements/standard/stateelement.hh"
#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

/// What rewriters have in common, whatever of a packet they rewrite: input specifications, the table of mappings, its
/// keywords, handlers, expiry and export.
class Rewriter : public StateElement {
public:
    const char* port_count() const override { return "1-/1-256"; }
    const char* processing() const override { return kPush; }
    int configure_phase() const override { return kPhaseRewriter; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;
    void run_timer() override;

    MappingTable& table() { return _table; }
    const MappingTable& table() const { return _table; }
    /// A packet's flow as mappings of this rewriter have it, of an IP header and what follows it, which may be cut off.
    virtual bool flow_of(const IpHeader& ip, uint32_t length, FlowKey& key) const = 0;
    /// The mapping of a packet's flow; key 1 when its packets answer those that the mapping was made for.
    virtual MappingTable::Flows::Found find_flow(const FlowKey& key) const = 0;
    /// Turns a packet that went out by a mapping, and of which `length` bytes are there, into what came in. `back` is the
    /// mapping as packets of the reverse flow find it.
    virtual void restore(IpHeader& ip, uint32_t length, MappingTable::Flows::Found back) = 0;
    /// What the first packet of a flow, as an IP header and what follows it, will become when it comes in by `input`: what
    /// its mapping says, which is made if there is none. False when there can be none.
    bool map_ahead(int input, const IpHeader& ip, uint32_t length, int64_t now, FlowId& to);
    /// Makes a mapping as if a packet of that flow had come in by `input`; kNone when that makes none.
    uint32_t map_flow(int input, const FlowKey& flow, uint8_t reply_anno, int64_t now);

protected:
    /// Behind the elements with patterns.
    static constexpr int kPhaseRewriter = kPhaseDefault + 10;
    static constexpr int kDropped = -1;
    static constexpr Duration kMostLifetime{20 * 86400 * clock::kSecond};  ///< what ticks of 32 bits can tell apart

    void* role(Role asked) override { return asked == kRoleOf<Rewriter> ? this : nullptr; }

    explicit Rewriter(RewritePattern::Fields fields = RewritePattern::Fields::AddressesAndPorts) : _fields(fields) {}

    /// Adds the keywords for how long mappings live. `lifetimes` lives until `args` is complete.
    virtual void lifetime_keywords(Args& args, Lifetimes& lifetimes) = 0;
    static Bounded<Duration> lifetime(Duration& place) { return bounded(place, Duration{0}, kMostLifetime); }
    static void simple_keywords(Args& args, Lifetimes& lifetimes) {
        args.keyword("TIMEOUT", lifetime(lifetimes.timeout)).keyword("GUARANTEE", lifetime(lifetimes.guarantee));
    }
    static void tcp_keywords(Args& args, Lifetimes& lifetimes) {
        args.keyword("TCP_TIMEOUT", lifetime(lifetimes.tcp))
            .keyword("TCP_NODATA_TIMEOUT", lifetime(lifetimes.tcp_nodata))
            .keyword("TCP_DONE_TIMEOUT", lifetime(lifetimes.tcp_done))
            .keyword("TCP_GUARANTEE", lifetime(lifetimes.tcp_guarantee));
    }
    /// What of a packet's flow a new mapping is of.
    virtual FlowKey mapped_part(const FlowKey& key) const { return key; }
    /// Memory for what a rewriter keeps beside the mappings.
    virtual int allocate_more(uint32_t, ErrorHandler&) { return 0; }
    /// What a class has beside a mapping, as words behind a space of the `state` handler; reads them again.
    virtual std::string unparse_more(uint32_t) const { return {}; }
    virtual bool take_more(uint32_t, std::string_view text) { return text.empty(); }
    virtual void take_more_from(uint32_t, Rewriter&, uint32_t) {}
    /// One mapping as handlers show it, of the packets that begin it or of those that answer it.
    virtual std::string unparse_flow(uint32_t handle, bool reply) const;
    /// The lines of all mappings, or of one protocol's.
    std::string unparse_table(int protocol) const;
    /// For a handler that takes `SADDR SPORT DADDR DPORT`: the same of what that flow becomes, or nothing.
    std::string look_up(std::string_view flow, int protocol, ErrorHandler& errh) const;
    /// For rewriters that have one table.
    void add_table_handlers(int protocol) {
        add_read_handler<&Rewriter::unparse_table>("table", protocol, Handler::kExpensive);
        add_read_handler<&Rewriter::unparse_table>("mappings", protocol, Handler::kExpensive);
    }
    /// What becomes of a packet without a mapping: its handle, or kNone and the output.
    uint32_t map_packet(int input, const FlowKey& flow, const Packet& packet, int64_t now, int& output);
    /// The output of packets that have no flow.
    int way_without_flow(int input) const {
        const InputSpec& spec = _inputs[static_cast<size_t>(input)];
        return spec.kind == InputSpec::Kind::Pass ? spec.outputs[0] : kDropped;
    }
    void note_forwarded(Packet& packet, const Mapping& mapping, bool reply) const {
        if (reply && _reply_anno >= 0) {
            packet.set_anno_u8(static_cast<size_t>(_reply_anno), mapping.reply_anno);
        }
        if (_dst_anno) {
            anno::set_dst_ip(packet, IPAddress(ip_header(packet)->destination));
        }
    }
    MappingTable _table;

private:
    struct InputSpec {
        enum class Kind : uint8_t { Drop, Pass, Keep, Mapped };
        Kind kind = Kind::Drop;
        int outputs[2] = {0, 0};
        FlowMapper* mapper = nullptr;
        std::unique_ptr<PatternMapper> pattern;  ///< the mapper, where it is a pattern
        uint64_t failures = 0;
    };
    enum Number { kMappings, kFailures, kSize };
    struct Record;

    int parse_input(std::string_view text, InputSpec& spec, ErrorHandler& errh) const;
    int parse_capacity(const std::string& text, Rewriter*& other, uint32_t& capacity) const;
    int check_outputs(size_t input, const InputSpec& spec, ErrorHandler& errh) const;
    uint32_t make_mapping(InputSpec& spec, const FlowKey& flow, uint8_t reply_anno, int64_t now);
    std::string read_number(int which) const;
    std::string read_pattern(int input) const;
    int write_pattern(std::string_view value, int input, ErrorHandler& errh);
    std::string read_patterns() const;
    std::string read_capacity() const;
    int write_capacity(std::string_view value, ErrorHandler& errh);
    void write_clear() { _table.clear(); }
    const char* state_kind() const override { return "flows"; }
    uint32_t state_end() override { return _table.flows().end(); }
    bool append_state(uint32_t place, const StateQuery& query, std::string& text) override;
    bool take_state_line(std::string_view line, int64_t now, bool store) override;
    bool fits(const Mapping& mapping) const {
        return mapping.outputs[0] < noutputs() && mapping.outputs[1] < noutputs() && mapping.input < ninputs();
    }

    const RewritePattern::Fields _fields;
    std::vector<InputSpec> _inputs;
    Rewriter* _shares_with = nullptr;
    uint32_t _input_capacity = 0;  ///< 0 is no limit
    int _reply_anno = -1;
    bool _dst_anno = true;
    Duration _reap_interval{900'000'000'000};
    Timer _timer{this};
};

/// Pushes each packet to its output of `element`, or drops it; those of one output stay in order. Null is no packet.
void push_ways(const Element& element, Packet** packets, const int* ways, unsigned count);

/// A rewriter `E` that says what a packet's flow is (`bool E::flow_of(...)`) and how a packet, of which `length` bytes are
/// there, is changed into one of the flow `to`: `void E::change(IpHeader&, uint32_t length, uint32_t handle, const FlowId&
/// to, bool reply)`.
template <typename E>
class FlowRewriter : public Rewriter {
public:
    using Rewriter::Rewriter;
    void push(int port, PacketBatch& batch) final {
        auto* self = static_cast<E*>(this);
        FlowKey keys[PacketBatch::kCapacity];
        size_t places[PacketBatch::kCapacity];
        int ways[PacketBatch::kCapacity];
        Packet* packets[PacketBatch::kCapacity];
        unsigned count = 0;
        batch.drain([&](PacketPtr packet) {
            const IpHeader* ip = whole_ip_header(*packet);
            bool has_flow = ip && self->E::flow_of(*ip, packet->network_length(), keys[count]);
            ways[count] = has_flow ? 0 : kNoFlow;
            places[count] = has_flow ? _table.flows().lies(keys[count]) : 0;
            packets[count++] = packet.release();
        });
        if (_table.flows().size() > kFewFlows) {
            for (unsigned i = 0; i < count; ++i) {
                _table.flows().approach(places[i]);
            }
        }
        const int64_t now = clock::steady();
        for (unsigned i = 0; i < count; ++i) {
            if (ways[i] == kNoFlow) [[unlikely]] {
                ways[i] = way_without_flow(port);
                continue;
            }
            auto found = self->E::find(keys[i], places[i]);
            if (found && _table.over(found.handle, now)) [[unlikely]] {
                _table.erase(found.handle);
                found = {};
            }
            if (!found) [[unlikely]] {
                found.handle = self->E::map_packet(port, keys[i], *packets[i], now, ways[i]);
                if (!found) {
                    continue;
                }
            }
            PacketPtr packet = uniqueify(PacketPtr(packets[i]));
            ways[i] = packet ? forward(*packet, found.handle, found.key == 1, now) : kDropped;
            packets[i] = packet.release();
        }
        push_ways(*this, packets, ways, count);
    }

    MappingTable::Flows::Found find_flow(const FlowKey& key) const final {
        auto found = static_cast<const E*>(this)->E::find(key, _table.flows().lies(key));
        return found && _table.over(found.handle, clock::steady()) ? MappingTable::Flows::Found{} : found;
    }
    void restore(IpHeader& ip, uint32_t length, MappingTable::Flows::Found back) override {
        bool reply = back.key == 1;
        static_cast<E*>(this)->E::change(ip, length, back.handle, _table.flows().key(back.handle, reply ? 0 : 1).id,
                                         reply);
    }

protected:
    /// Changes a packet that passes, and notes what the mapping is to know of it.
    void rewrite(IpHeader& ip, uint32_t length, uint32_t handle, const FlowId& to, bool reply) {
        static_cast<E*>(this)->E::change(ip, length, handle, to, reply);
    }
    MappingTable::Flows::Found find(const FlowKey& key, size_t place) const { return _table.flows().find(key, place); }

private:
    static constexpr uint32_t kFewFlows = 256;  ///< are in the processor's cache anyway
    static constexpr int kNoFlow = -2;

    int forward(Packet& packet, uint32_t handle, bool reply, int64_t now) {
        Mapping& mapping = _table.flows()[handle];
        mapping.used = MappingTable::tick(now);
        mapping.packets = static_cast<uint8_t>(mapping.packets + (mapping.packets != 0xff));
        mapping.state |= reply ? Mapping::kReplied : 0;
        static_cast<E*>(this)->E::rewrite(*mutable_ip_header(packet), packet.network_length(), handle,
                                          _table.flows().key(handle, reply ? 0 : 1).id.reversed(), reply);
        note_forwarded(packet, mapping, reply);
        return mapping.outputs[reply];
    }
};

/// The header of type `H` behind an IP header; null when the packet's `length` bytes, counted from the IP header, are too
/// few.
template <typename H, typename Ip>
H* following_header(Ip& ip, uint32_t length) {
    using Byte = std::conditional_t<std::is_const_v<Ip>, const uint8_t, uint8_t>;
    unsigned header = ip.header_length();
    return length >= header + sizeof(H) ? reinterpret_cast<H*>(reinterpret_cast<Byte*>(&ip) + header) : nullptr;
}

/// What a change adds to the sum of a packet's words in the other direction.
constexpr uint16_t change_back(uint16_t change) { return static_cast<uint16_t>(~change); }
/// RFC 1624 equation 3, for the changes of several words at once; 0xffff is none.
constexpr uint16_t changed_checksum(uint16_t checksum, uint16_t change) {
    if (change == 0xffff) {
        return checksum;
    }
    uint32_t sum = uint32_t{static_cast<uint16_t>(~checksum)} + change;
    return static_cast<uint16_t>(~((sum & 0xffff) + (sum >> 16)));
}

/// What a checksum becomes by the changes of a part of what it is over, which begins at an even place: to be made before
/// the part, whose length is even, is changed.
class ChangingPart {
public:
    ChangingPart(const void* data, size_t length)
        : _data(data), _length(length), _before(internet_checksum(data, length)) {}
    uint16_t changed(uint16_t checksum) const {
        return checksum_update(checksum, change_back(_before), change_back(internet_checksum(_data, _length)));
    }

private:
    const void* _data;
    size_t _length;
    uint16_t _before;
};

/// RFC 1624 in a UDP header, where 0 says that there is no checksum (RFC 768).
inline void change_udp_checksum(UdpHeader& udp, uint16_t change) {
    if (udp.checksum != 0) {
        uint16_t checksum = changed_checksum(udp.checksum, change);
        udp.checksum = checksum != 0 ? checksum : 0xffff;
    }
}

}  // namespace click
