// SPDX-License-Identifier: Apache-2.0
/*
=c
AggregateCounter([I<keywords>])
=s aggregates
counts packets or bytes of each aggregate
=d
Counts packets, or bytes, for each value of the aggregate annotation. Handlers show the counts or write them to a file.

While it is frozen, it goes on counting for values that it knows but takes in no new ones; packets of the second input, if
there is one, are always counted so. With a second output, packets that were not counted leave by that.

Keyword arguments are:
=over 8
=item BYTES
Boolean. Whether bytes are counted, not packets. Default is false.
=item IP_BYTES
Boolean. Whether bytes in front of the IP header do not count. Default is false.
=item MULTIPACKET
Boolean. Whether a packet that stands for several ones counts as so many. Default is true.
=item EXTRA_LENGTH
Boolean. Whether bytes that were cut off (the extra length annotation) count. Default is true.
=item AGGREGATE_STOP
Unsigned. The router stops when there are so many aggregates. Default is never.
=item AGGREGATE_FREEZE
Unsigned. The element is frozen when there are so many aggregates. Default is never.
=item AGGREGATE_CALL
C<N HANDLER [VALUE]>. The write handler is called when there are N aggregates.
=item COUNT_STOP
Unsigned. The router stops when so many packets or bytes were counted in all. Default is never.
=item COUNT_FREEZE
Unsigned. The element is frozen when so many were counted. Default is never.
=item COUNT_CALL
C<N HANDLER [VALUE]>. The write handler is called when N were counted.
=item BANNER
String. What files begin with, behind a line that says what they are; should begin with C<!> or C<#>. Default is nothing.
=item CAPACITY
Unsigned. How many aggregates are counted; beyond that it is as if the element were frozen. Default is 65536.
=back
=h count read
How many packets or bytes were counted in all.
=h nagg read
How many aggregates there are.
=h counts_pdf read
One line for each count that some aggregate has, lowest first: the count, and the part of all aggregates that have it.
=h write_file write
Writes all counts to a file, C<-> for the standard output, as binary numbers: behind a line C<!packed_le> or C<!packed_be>,
which says their byte order, four bytes for the aggregate and four for its count, and so on.
=h write_text_file write
The same as text: a line for each aggregate with its number and its count.
=h write_ip_file write
The same, but aggregates are written as IP addresses.
=h freeze read/write
Whether the element is frozen.
=h active read/write
Whether packets are counted at all.
=h stop write
Counts no more and stops the router.
=h reaggregate_counts write
Counts counts: makes each old count an aggregate, and the number of old aggregates that had it the new count.
=h clear write
Forgets all aggregates and counts.
=h aggregate_call write
A new AGGREGATE_CALL argument. The handler may be left out: the old one stays.
=h count_call write
A new COUNT_CALL argument. The handler may be left out: the old one stays.
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> AggregateIP(ip dst/24) -> c :: AggregateCounter -> Discard;
  DriverManager(wait_stop, write c.write_ip_file -);
=a AggregateIP, AggregateIPFlows, AggregateFilter
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <algorithm>
#include <bit>
#include <limits>

#include "elements/standard/countcall.hh"
#include "lib/flow_table.hh"
#include "lib/format.hh"
#include "net/ipaddress.hh"

namespace click {

namespace {

class AggregateCounter final : public Element {
public:
    const char* class_name() const override { return "AggregateCounter"; }
    const char* port_count() const override { return "1-2/1-2"; }
    const char* processing() const override { return "a/ah"; }
    const char* flow_code() const override { return "x/x"; }
    bool shows_order() const override { return !_aggregate_call.done || !_count_call.done; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;

    void push(int port, PacketBatch& batch) override {
        count(batch, port == 1);
        output(0).push(batch);
    }
    void transform(PacketBatch& batch) override { count(batch, false); }

private:
    enum { kBinary, kText, kAddresses };
    enum { kAggregates, kCounts };
    using Counts = FlowTable<uint32_t, uint32_t>;
    static constexpr uint32_t kUsual = 65536;
    static constexpr uint32_t kMost = 1U << 28;

    /// What STOP, FREEZE or CALL of a kind ask for, as a call.
    struct Limit {
        uint32_t stop = 0;
        uint32_t freeze = 0;
        CountCall call;
        bool stops = false;
        bool freezes = false;
        bool calls = false;
    };
    void add_limit(Args& args, const char* const (&names)[3], Limit& limit);
    int settle(const char* what, Limit& limit, CountCall& call, ErrorHandler& errh) const;

    void count(PacketBatch& batch, bool frozen);
    bool count(const Packet& packet, bool frozen);
    uint32_t amount(const Packet& packet) const;
    static void check(CountCall& call, uint64_t count);
    std::vector<std::pair<uint32_t, uint32_t>> sorted();
    std::vector<uint32_t> sorted_counts();
    std::string total() const { return std::to_string(_total); }
    std::string size() const { return std::to_string(_counts.size()); }
    std::string counts_pdf();
    int write(std::string_view value, int kind, ErrorHandler& errh);
    void stop();
    void reaggregate();
    void clear();
    int set_call(std::string_view value, int which, ErrorHandler& errh);

    bool _bytes = false;
    bool _ip_bytes = false;
    bool _multipacket = true;
    bool _extra_length = true;
    uint32_t _capacity = kUsual;
    std::string _banner;
    CountCall _aggregate_call;
    CountCall _count_call;
    bool _frozen = false;
    bool _active = true;
    uint64_t _total = 0;
    Counts _counts;
};

void AggregateCounter::add_limit(Args& args, const char* const (&names)[3], Limit& limit) {
    args.keyword(names[0], limit.stop)
        .given(limit.stops)
        .keyword(names[1], limit.freeze)
        .given(limit.freezes)
        .keyword(names[2], limit.call)
        .given(limit.calls);
}

int AggregateCounter::settle(const char* what, Limit& limit, CountCall& call, ErrorHandler& errh) const {
    if (limit.stops + limit.freezes + limit.calls > 1) {
        return errh.error("'%s_FREEZE', '%s_STOP', and '%s_CALL' are mutually exclusive", what, what, what);
    }
    if (limit.stops) {
        call = {limit.stop, HandlerCall(name() + ".stop"), false};
    } else if (limit.freezes) {
        call = {limit.freeze, HandlerCall(name() + ".freeze true"), false};
    } else {
        call = std::move(limit.call);
    }
    return 0;
}

int AggregateCounter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Limit aggregates;
    Limit counts;
    Args args(conf, this, errh);
    args.keyword("BYTES", _bytes, false)
        .keyword("IP_BYTES", _ip_bytes, false)
        .keyword("MULTIPACKET", _multipacket, true)
        .keyword("EXTRA_LENGTH", _extra_length, true)
        .keyword("BANNER", _banner, {})
        .keyword("CAPACITY", bounded(_capacity, 1, kMost), kUsual);
    add_limit(args, {"AGGREGATE_STOP", "AGGREGATE_FREEZE", "AGGREGATE_CALL"}, aggregates);
    add_limit(args, {"COUNT_STOP", "COUNT_FREEZE", "COUNT_CALL"}, counts);
    if (args.complete() < 0 || settle("AGGREGATE", aggregates, _aggregate_call, errh) < 0 ||
        settle("COUNT", counts, _count_call, errh) < 0) {
        return -1;
    }
    return _counts.allocate(_capacity, "aggregates", errh);
}

int AggregateCounter::initialize(ErrorHandler& errh) {
    for (CountCall* one : {&_aggregate_call, &_count_call}) {
        if (!one->call.empty() && one->call.initialize_write(*this, errh) < 0) {
            return -1;
        }
    }
    return 0;
}

void AggregateCounter::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<AggregateCounter&>(old);
    other._counts.for_each([&](uint32_t handle) {
        uint32_t place = _counts.insert(other._counts.key(handle));
        if (place != Counts::kNone) {
            _counts[place] = other._counts[handle];
        }
    });
    _total = other._total;
    _frozen = other._frozen;
    _active = other._active;
    // What the counts have passed was called for then.
    _aggregate_call.done |= _counts.size() >= _aggregate_call.count;
    _count_call.done |= _total >= _count_call.count;
}

uint32_t AggregateCounter::amount(const Packet& packet) const {
    if (!_bytes) {
        return 1 + (_multipacket ? packet.anno_u32(anno::kExtraPackets) : 0);
    }
    uint32_t length = packet.length() + (_extra_length ? packet.anno_u32(anno::kExtraLength) : 0);
    bool has_front = _ip_bytes && packet.has_network_header() && packet.network_header() >= packet.data();
    return length - (has_front ? std::min(packet.network_header_offset(), packet.length()) : 0);
}

bool AggregateCounter::count(const Packet& packet, bool frozen) {
    uint32_t aggregate = packet.anno_u32(anno::kAggregate);
    uint32_t handle = _active ? _counts.find(aggregate).handle : Counts::kNone;
    if (handle == Counts::kNone) {
        handle = _active && !frozen && !_frozen ? _counts.insert(aggregate) : Counts::kNone;
        if (handle == Counts::kNone) {
            return false;
        }
        check(_aggregate_call, _counts.size());
    }
    uint32_t more = amount(packet);
    _counts[handle] += more;
    _total += more;
    check(_count_call, _total);
    return true;
}

void AggregateCounter::count(PacketBatch& batch, bool frozen) {
    if (noutputs() == 1) {
        for (const Packet* packet : batch) {
            count(*packet, frozen);
        }
        return;
    }
    PacketBatch others;
    batch.map([&](PacketPtr packet) {
        if (!count(*packet, frozen)) {
            others.append(std::move(packet));
        }
        return packet;
    });
    output(1).push(others);
}

void AggregateCounter::check(CountCall& call, uint64_t count) {
    if (!call.done && count >= call.count) [[unlikely]] {
        call.done = true;
        LogErrorHandler errh;
        call.call.write(errh);
    }
}

std::vector<std::pair<uint32_t, uint32_t>> AggregateCounter::sorted() {
    std::vector<std::pair<uint32_t, uint32_t>> all;
    all.reserve(_counts.size());
    _counts.for_each([&](uint32_t handle) { all.emplace_back(_counts.key(handle), _counts[handle]); });
    std::ranges::sort(all);
    return all;
}

std::vector<uint32_t> AggregateCounter::sorted_counts() {
    std::vector<uint32_t> all;
    all.reserve(_counts.size());
    _counts.for_each([&](uint32_t handle) { all.push_back(_counts[handle]); });
    std::ranges::sort(all);
    return all;
}

std::string AggregateCounter::counts_pdf() {
    std::string text;
    std::vector<uint32_t> all = sorted_counts();
    for (auto from = all.begin(); from != all.end();) {
        auto to = std::upper_bound(from, all.end(), *from);
        text += format("%u %.12g\n", *from, static_cast<double>(to - from) / static_cast<double>(all.size()));
        from = to;
    }
    return text;
}

int AggregateCounter::write(std::string_view value, int kind, ErrorHandler& errh) {
    std::string text = "!IPAggregate 1.0\n";
    text += _banner;
    text += _banner.empty() || _banner.ends_with('\n') ? "" : "\n";
    text += format("!num_nonzero %u\n", _counts.size());
    if (kind == kAddresses) {
        text += "!ip\n";
    } else if (kind == kBinary) {
        text += std::endian::native == std::endian::little ? "!packed_le\n" : "!packed_be\n";
    }
    for (auto [aggregate, count] : sorted()) {
        if (kind == kBinary) {
            uint32_t record[] = {aggregate, count};
            text.append(reinterpret_cast<const char*>(record), sizeof record);
        } else if (kind == kAddresses) {
            text += IPAddress::from_host_order(aggregate).unparse() + format(" %u\n", count);
        } else {
            text += format("%u %u\n", aggregate, count);
        }
    }
    std::string path = unquote(trim(value));
    std::string cause;
    return platform::write_file(path, text, false, cause) ? 0 : errh.error("%s: %s", path.c_str(), cause.c_str());
}

void AggregateCounter::stop() {
    _active = false;
    router().please_stop();
}

void AggregateCounter::reaggregate() {
    std::vector<uint32_t> all = sorted_counts();
    clear();
    for (uint32_t count : all) {
        uint32_t handle = _counts.find(count).handle;
        handle = handle != Counts::kNone ? handle : _counts.insert(count);
        ++_counts[handle];
        ++_total;
    }
}

void AggregateCounter::clear() {
    _counts.clear();
    _total = 0;
}

int AggregateCounter::set_call(std::string_view value, int which, ErrorHandler& errh) {
    CountCall& old = which == kAggregates ? _aggregate_call : _count_call;
    return renew(old, value, which == kAggregates ? "aggregate_call" : "count_call", *this, errh);
}

void AggregateCounter::add_handlers() {
    add_read_handler<&AggregateCounter::total>("count");
    add_read_handler<&AggregateCounter::size>("nagg");
    add_read_handler<&AggregateCounter::counts_pdf>("counts_pdf");
    add_write_handler<&AggregateCounter::write>("write_file", kBinary);
    add_write_handler<&AggregateCounter::write>("write_text_file", kText);
    add_write_handler<&AggregateCounter::write>("write_ip_file", kAddresses);
    add_setting_handler("freeze", _frozen);
    add_setting_handler("active", _active);
    add_write_handler<&AggregateCounter::stop>("stop", 0, Handler::kButton);
    add_write_handler<&AggregateCounter::reaggregate>("reaggregate_counts", 0, Handler::kButton);
    add_write_handler<&AggregateCounter::clear>("clear", 0, Handler::kButton);
    add_write_handler<&AggregateCounter::set_call>("aggregate_call", kAggregates);
    add_write_handler<&AggregateCounter::set_call>("count_call", kCounts);
}

}  // namespace

CLICK_ELEMENT(AggregateCounter)

}  // namespace click
