// SPDX-License-Identifier: Apache-2.0
/*
=c
IPRateMonitor(TYPE, RATIO, THRESH [, MEMORY, ANNO])
=s ip
measures rates of addresses and networks
=d
Expects IP packets with their IP header annotations. Measures how many packets or bytes a second come from addresses and
go to them: packets of input 0 are counted for their source (forward), packets of the optional input 1 for their
destination (reverse). Packets pass unchanged, each to the output of its input's number.

First, rates are those of the 256 networks that the first byte of an address tells apart. When one's forward or reverse
rate exceeds THRESH, its 256 parts by the next byte get rates of their own, down to single addresses. When memory is
used up, the parts that have not been counted for longest, and for at least a second, are given up.

Arguments are:
=over 8
=item TYPE
C<PACKETS> or C<BYTES>.
=item RATIO
Number above 0, at most 1: how probable it is that a packet is counted. Rates are as if all were.
=item THRESH
Unsigned. The rate a second above which a network is looked at more closely.
=item MEMORY
Unsigned. The most memory, in kilobytes, at least 100. Default is 0: an eighth of what there is, at most 16384.
=item ANNO
Boolean. Whether packets are annotated with the forward rate (4 bytes at 28) and the reverse rate (4 bytes at 32) of the
smallest network or address that they are counted for. Default is true.
=back
=h look read-only
The hundredths of a second since the last reset, then a line for each network and address with a rate: address, forward
rate and reverse rate, with tabulators between. The bytes that a network leaves open are 0.
=h thresh read-only
The THRESH argument.
=h reset write-only
Sets all rates to 0.
=h anno_level write-only
C<ADDRESS LEVEL SECONDS>: for so many seconds, networks that ADDRESS is in are not looked at more closely than by byte
LEVEL (0 to 3).
=e
  Idle -> IPRateMonitor(PACKETS, 0.5, 256, 600) -> Discard;
=a AggregateIP, IPFilter
*/
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>
#include <array>

#include "lang/confparse.hh"
#include "lib/ewma.hh"
#include "lib/random.hh"
#include "lib/recency_list.hh"
#include "net/ip.hh"

namespace click {

namespace {

/// The rates of all parts of a network by one byte of the address.
struct RateLevel {
    static constexpr unsigned kParts = 256;

    struct Part {
        std::array<RateAverage, 2> rates;  ///< forward and reverse
        uint32_t closer = 0;               ///< the level of its own parts; 0 is none, as nothing leads to the first one
    };
    Part parts[kParts];
    int64_t used = 0;
    uint32_t above = 0;
    uint8_t part_above = 0;

    void clear() {
        for (Part& part : parts) {
            part = Part();
        }
    }
};

class IPRateMonitor final : public Element {
public:
    const char* class_name() const override { return "IPRateMonitor"; }
    const char* port_count() const override { return "1-2/="; }
    const char* flow_code() const override { return "#/#"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;
    void push(int port, PacketBatch& batch) override {
        measure(port, batch, 0);
        output(port).push(batch);
    }
    void pull(int port, PacketBatch& batch, unsigned most) override {
        unsigned before = batch.size();
        input(port).pull(batch, most);
        measure(port, batch, before);
    }

private:
    static constexpr unsigned kBytes = 4;
    static constexpr size_t kForwardAnno = 28;
    static constexpr size_t kReverseAnno = 32;
    /// Where a network is not to be looked at more closely.
    struct Restraint {
        IPAddress address;
        unsigned level = 0;
        int64_t until = 0;
    };

    void measure(int port, PacketBatch& batch, unsigned first);
    void count(Packet& packet, size_t way, IPAddress address, int64_t now);
    uint32_t look_closer(uint32_t level, unsigned part, int64_t now);
    bool restrained(IPAddress address, unsigned level, int64_t now) const;
    void show(uint32_t level, unsigned depth, uint32_t network, int64_t now, std::string& text);
    std::string read_look();
    void write_reset();
    int write_anno_level(std::string_view value, ErrorHandler& errh);

    bool _bytes = false;
    uint32_t _threshold = 0;
    uint32_t _kilobytes = 0;
    bool _annotate = true;
    Table<RateLevel> _levels;
    RecencyList _order;
    uint32_t _count = 0;
    int64_t _since = 0;
    uint32_t _probability = 0;  ///< of 2^31
    std::array<Restraint, 64> _restraints;
};

int IPRateMonitor::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kLeastKilobytes = 100;
    constexpr uint32_t kMostKilobytes = 1U << 22;
    std::string type;
    double ratio = 1;
    if (Args(conf, this, errh)
            .mandatory("TYPE", type)
            .mandatory("RATIO", bounded(ratio, 0.0001, 1))
            .mandatory("THRESH", _threshold)
            .optional("MEMORY", bounded(_kilobytes, 0, kMostKilobytes), 0)
            .optional("ANNO", _annotate, true)
            .complete() < 0) {
        return -1;
    }
    if (type != "PACKETS" && type != "BYTES") {
        return errh.error("TYPE: monitor type should be \"PACKETS\" or \"BYTES\"");
    }
    _bytes = type == "BYTES";
    _probability = static_cast<uint32_t>(ratio * (RandomNumbers::kMost + 1.0));
    if (_kilobytes != 0) {
        _kilobytes = std::max(_kilobytes, kLeastKilobytes);
    }
    return 0;
}

int IPRateMonitor::initialize(ErrorHandler& errh) {
    constexpr size_t kKilobyte = 1024;
    constexpr size_t kPart = 8;
    constexpr size_t kMostUnasked = 16384;
    constexpr size_t kLeastLevels = 4;
    size_t kilobytes =
        _kilobytes != 0 ? _kilobytes : std::min(platform::spare_memory() / kPart / kKilobyte, kMostUnasked);
    auto levels = static_cast<uint32_t>(std::max(kilobytes * kKilobyte / sizeof(RateLevel), kLeastLevels));
    if (_levels.allocate(levels, "rates", errh) < 0 || _order.allocate(levels, "rates", errh) < 0) {
        return -1;
    }
    write_reset();
    return 0;
}

void IPRateMonitor::measure(int port, PacketBatch& batch, unsigned first) {
    const int64_t now = clock::steady();
    for (unsigned i = first; i < batch.size(); ++i) {
        if (const IpHeader* ip = ip_header(batch[i])) {
            count(batch[i], static_cast<size_t>(port), IPAddress(port == 0 ? ip->source : ip->destination), now);
        }
    }
}

void IPRateMonitor::count(Packet& packet, size_t way, IPAddress address, int64_t now) {
    const bool counts = _probability > RandomNumbers::kMost || random_numbers().happens(_probability);
    uint64_t events = _bytes ? ip_header(packet)->length() : 1;
    events = (events << 31) / _probability;
    uint32_t path[kBytes];
    unsigned depth = 0;
    RateLevel::Part* part = nullptr;
    for (uint32_t level = 0;; ++depth) {
        path[depth] = level;
        unsigned byte = address.host_order() >> 8 * (kBytes - 1 - depth) & 0xff;
        part = &_levels[level].parts[byte];
        _levels[level].used = now;
        if (counts) {
            part->rates[way].add(events, now);
        }
        if (depth + 1 == kBytes) {
            break;
        }
        if (part->closer == 0 && part->rates[way].rate(now) > _threshold && !restrained(address, depth, now)) {
            part->closer = look_closer(level, byte, now);
        }
        if (part->closer == 0) {
            break;
        }
        level = part->closer;
    }
    // From the smallest on, so that a network is never older than its parts.
    for (unsigned i = depth + 1; i > 1; --i) {
        _order.renew(path[i - 1]);
    }
    if (_annotate) {
        packet.set_anno_u32(kForwardAnno, static_cast<uint32_t>(part->rates[0].rate(now)));
        packet.set_anno_u32(kReverseAnno, static_cast<uint32_t>(part->rates[1].rate(now)));
    }
}

/// Rates for the parts of a part, in memory that is free or has not been used for long; 0 when there is none.
uint32_t IPRateMonitor::look_closer(uint32_t level, unsigned part, int64_t now) {
    uint32_t fresh = _count;
    if (_count < _levels.size()) {
        ++_count;
    } else {
        fresh = _order.oldest();
        if (fresh == RecencyList::kNone || now - _levels[fresh].used < clock::kSecond) {
            return 0;
        }
        _levels[_levels[fresh].above].parts[_levels[fresh].part_above].closer = 0;
        _order.remove(fresh);
    }
    _levels[fresh].clear();
    _levels[fresh].used = now;
    _levels[fresh].above = level;
    _levels[fresh].part_above = static_cast<uint8_t>(part);
    _order.add(fresh);
    return fresh;
}

bool IPRateMonitor::restrained(IPAddress address, unsigned level, int64_t now) const {
    return std::any_of(_restraints.begin(), _restraints.end(), [&](const Restraint& one) {
        unsigned open = 8 * (kBytes - 1 - std::min(level, one.level));
        return now < one.until && level >= one.level &&
               address.host_order() >> open == one.address.host_order() >> open;
    });
}

void IPRateMonitor::show(uint32_t level, unsigned depth, uint32_t network, int64_t now, std::string& text) {
    for (unsigned byte = 0; byte < RateLevel::kParts; ++byte) {
        RateLevel::Part& part = _levels[level].parts[byte];
        uint32_t address = network | byte << 8 * (kBytes - 1 - depth);
        uint64_t forward = part.rates[0].rate(now);
        uint64_t reverse = part.rates[1].rate(now);
        if (forward != 0 || reverse != 0) {
            text += IPAddress::from_host_order(address).unparse() + "\t" + std::to_string(forward) + "\t" +
                    std::to_string(reverse) + "\n";
        }
        if (part.closer != 0) {
            show(part.closer, depth + 1, address, now, text);
        }
    }
}

std::string IPRateMonitor::read_look() {
    constexpr int64_t kJiffy = clock::kSecond / 100;
    const int64_t now = clock::steady();
    std::string text = std::to_string((now - _since) / kJiffy) + "\n";
    show(0, 0, 0, now, text);
    return text;
}

void IPRateMonitor::write_reset() {
    for (uint32_t handle = _order.oldest(); handle != RecencyList::kNone; handle = _order.oldest()) {
        _order.remove(handle);
    }
    _levels[0].clear();
    _count = 1;
    _since = clock::steady();
}

int IPRateMonitor::write_anno_level(std::string_view value, ErrorHandler& errh) {
    constexpr uint64_t kMostSeconds = 1U << 30;
    std::vector<std::string> words = split_words(value);
    Restraint restraint;
    uint64_t level = 0;
    uint64_t seconds = 0;
    if (words.size() != 3 || !parse_ip_address(words[0], restraint.address) || !parse_unsigned(words[1], level) ||
        level >= kBytes || !parse_unsigned(words[2], seconds) || seconds > kMostSeconds) {
        return errh.error("expected 'ADDRESS LEVEL SECONDS', LEVEL in 0..3");
    }
    const int64_t now = clock::steady();
    restraint.level = static_cast<unsigned>(level);
    restraint.until = now + static_cast<int64_t>(seconds) * clock::kSecond;
    auto place = std::find_if(_restraints.begin(), _restraints.end(), [&](const Restraint& one) {
        return one.until <= now || (one.address == restraint.address && one.level == restraint.level);
    });
    if (place == _restraints.end()) {
        return errh.error("%zu addresses have levels already", _restraints.size());
    }
    *place = restraint;
    return 0;
}

void IPRateMonitor::add_handlers() {
    add_read_handler<&IPRateMonitor::read_look>("look", 0, Handler::kExpensive);
    add_data_handler("thresh", _threshold);
    add_write_handler<&IPRateMonitor::write_reset>("reset", 0, Handler::kButton);
    add_write_handler<&IPRateMonitor::write_anno_level>("anno_level");
}

}  // namespace

CLICK_ELEMENT(IPRateMonitor)

}  // namespace click
