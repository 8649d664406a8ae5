// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "lib/ip_pattern.hh"
#include "net/ip6address.hh"

using click::ClassifierProgram;
using click::Condition;
using click::PacketWindow;

namespace {

class Complaints final : public click::ErrorHandler {
public:
    std::string text;

private:
    void emit(Level, const click::Landmark&, std::string_view report) override { text.append(report).append("\n"); }
};

const char* const kAddresses[] = {"2001:db8::1", "2001:db8::2", "2001:db8:1::1", "fe80::1", "::"};

/// A packet of either version, as a reader of the RFCs sees it.
struct Sample {
    unsigned version, traffic_class, flow, length, next, hops, source, destination, sport, dport, flags;
    bool later_fragment;  ///< of IPv4
    std::vector<uint8_t> bytes;

    bool six() const { return version == 6; }
    bool of(unsigned protocol) const { return next == protocol; }
    bool first() const { return six() || !later_fragment; }
    bool ports() const { return (of(6) || of(17)) && first(); }
    bool from(unsigned address) const { return six() && source == address; }
    bool to(unsigned address) const { return six() && destination == address; }
    bool in_net(unsigned address) const { return six() && address <= 2; }  // 2001:db8::/32
};

Sample random_sample(std::mt19937& engine) {
    auto pick = [&](std::initializer_list<unsigned> values) { return values.begin()[engine() % values.size()]; };
    Sample s{};
    s.version = pick({4, 6, 6});
    s.traffic_class = pick({0, 1, 3, 0xb8, 0xff});
    s.flow = pick({0, 5, 0xfffff});
    s.length = pick({8, 20, 1400});
    s.next = pick({6, 6, 17, 17, 58, 1, 44, 0});
    s.hops = pick({1, 63, 64, 255});
    s.source = pick({0, 1, 2, 3, 4});
    s.destination = pick({0, 1, 2, 3, 4});
    s.sport = pick({22, 80, 0x0200, 0x8000});
    s.dport = pick({22, 80, 1023, 8080});
    s.flags = pick({2, 0x12, 0x11, 0x10});
    s.later_fragment = engine() % 4 == 0;
    auto put = [&](unsigned bytes, uint64_t value) {
        for (unsigned i = bytes; i-- > 0;) {
            s.bytes.push_back(static_cast<uint8_t>(value >> 8 * i));
        }
    };
    if (s.six()) {
        put(4, 6U << 28 | s.traffic_class << 20 | s.flow);
        put(2, s.length);
        put(1, s.next);
        put(1, s.hops);
        for (unsigned end : {s.source, s.destination}) {
            click::IP6Address address;
            REQUIRE(click::parse_ip6_address(kAddresses[end], address));
            s.bytes.insert(s.bytes.end(), address.data(), address.data() + 16);
        }
    } else {
        put(1, 0x45);
        put(1, s.traffic_class);
        put(2, s.length);
        put(2, 7);
        put(2, s.later_fragment ? 3 : 0);
        put(1, s.hops);
        put(1, s.next);
        put(2, 0);
        put(4, 0x0a000001 + s.source);
        put(4, 0x0a000001 + s.destination);
    }
    put(2, s.sport);
    put(2, s.dport);
    put(4, 1);
    put(4, 2);
    put(2, 0x5000 | s.flags);
    put(6, 0);
    return s;
}

struct Case {
    const char* pattern;
    bool (*meaning)(const Sample&);
};

const Case kCases[] = {
    {"ip6", [](const Sample& s) { return s.six(); }},
    {"not ip6", [](const Sample& s) { return !s.six(); }},
    {"ip vers 6", [](const Sample& s) { return s.six(); }},
    {"src host 2001:db8::1", [](const Sample& s) { return s.from(0); }},
    {"2001:db8::2", [](const Sample& s) { return s.from(1) || s.to(1); }},
    {"src 2001:db8::1 and dst fe80::1", [](const Sample& s) { return s.from(0) && s.to(3); }},
    {"dst host 2001:db8::1 or 2001:db8::2", [](const Sample& s) { return s.to(0) || s.to(1); }},
    {"src host != 2001:db8::1", [](const Sample& s) { return s.six() && s.source != 0; }},
    {"src net 2001:db8::/32", [](const Sample& s) { return s.in_net(s.source); }},
    {"src and dst net 2001:db8::/32", [](const Sample& s) { return s.in_net(s.source) && s.in_net(s.destination); }},
    {"dst net 2001:db8::/47", [](const Sample& s) { return s.six() && s.destination <= 2; }},
    {"dst net 2001:db8:1::/48", [](const Sample& s) { return s.to(2); }},
    {"dst net ::/0", [](const Sample& s) { return s.six(); }},
    {"src host ::", [](const Sample& s) { return s.from(4); }},
    {"src ip6 host fe80::1", [](const Sample& s) { return s.from(3); }},
    {"ip6 or src host 10.0.0.1", [](const Sample& s) { return s.six() || s.source == 0; }},
    {"ip6 or net 10.0.0.0/8", [](const Sample&) { return true; }},
    {"fe80::1 or 10.0.0.1",
     [](const Sample& s) {
         return s.six() ? s.source == 3 || s.destination == 3 : s.source == 0 || s.destination == 0;
     }},
    {"fe80::/10 or tcp", [](const Sample& s) { return s.from(3) || s.to(3) || s.of(6); }},
    {"ip6 and tcp", [](const Sample& s) { return s.six() && s.of(6); }},
    {"ip6 tcp", [](const Sample& s) { return s.six() && s.of(6); }},
    {"ip6 ? tcp : udp", [](const Sample& s) { return s.of(s.six() ? 6 : 17); }},
    {"ip6 proto udp", [](const Sample& s) { return s.six() && s.of(17); }},
    {"ip6 proto != udp", [](const Sample& s) { return s.six() && !s.of(17); }},
    {"ip proto != tcpudp and not ip6", [](const Sample& s) { return !s.six() && !s.of(6) && !s.of(17); }},
    {"ip proto != tcpudp or fe80::1 and false", [](const Sample& s) { return !s.six() && !s.of(6) && !s.of(17); }},
    {"ip6 and dst port 80", [](const Sample& s) { return s.six() && s.ports() && s.dport == 80; }},
    {"plen 9 or tcp dst port < 1024", [](const Sample& s) { return s.ports() && s.of(6) && s.dport < 1024; }},
    {"plen 9 or syn ack", [](const Sample& s) { return s.of(6) && s.first() && (s.flags & 0x12) == 0x12; }},
    {"plen 9 or transp[2:2] 80",
     [](const Sample& s) { return s.dport == 80 && (s.six() ? !s.of(44) && !s.of(0) : s.first()); }},
    {"ip6 dst tcp port 22", [](const Sample& s) { return s.six() && s.of(6) && s.dport == 22; }},
    {"icmp6", [](const Sample& s) { return s.six() && s.of(58); }},
    {"icmp6 type toobig", [](const Sample& s) { return s.six() && s.of(58) && s.sport >> 8 == 2; }},
    {"icmp6 type 128 or toobig",
     [](const Sample& s) { return s.six() && s.of(58) && (s.sport >> 8 == 128 || s.sport >> 8 == 2); }},
    {"icmp6 echo", [](const Sample& s) { return s.six() && s.of(58) && s.sport >> 8 == 128; }},
    {"icmp6[2:2] 80", [](const Sample& s) { return s.six() && s.of(58) && s.dport == 80; }},
    {"ip6 tos 0xb8", [](const Sample& s) { return s.six() && s.traffic_class == 0xb8; }},
    {"ip6 dscp 46", [](const Sample& s) { return s.six() && s.traffic_class >> 2 == 46; }},
    {"ip6 ect", [](const Sample& s) { return s.six() && (s.traffic_class & 3) != 0; }},
    {"ip6 ce or ip ce", [](const Sample& s) { return (s.traffic_class & 3) == 3; }},
    {"ip6 flow 5", [](const Sample& s) { return s.six() && s.flow == 5; }},
    {"plen > 20", [](const Sample& s) { return s.six() && s.length > 20; }},
    {"hlim < 64", [](const Sample& s) { return s.six() && s.hops < 64; }},
    {"ip ttl < 64 and not hlim 5", [](const Sample& s) { return !s.six() && s.hops < 64; }},
    {"ip6 frag", [](const Sample& s) { return s.six() && s.of(44); }},
    {"ip6 unfrag or ip unfrag", [](const Sample& s) { return s.six() ? !s.of(44) : s.first(); }},
    {"ip6[6] 17", [](const Sample& s) { return s.six() && s.of(17); }},
    {"ip[9] 17 and not ip6 proto 1", [](const Sample& s) { return !s.six() && s.of(17); }},
};

std::string complaint(std::string_view pattern) {
    Complaints errh;
    Condition condition = Condition::never();
    CHECK(click::names_ip6(pattern));
    CHECK_FALSE(click::parse_ip_pattern(pattern, condition, errh, click::IpVersions::Both));
    return errh.text;
}

}  // namespace

TEST_CASE("patterns that speak of IPv6 mean what the RFCs say, and those of IPv4 beside them match no IPv6 packet") {
    for (const Case& one : kCases) {
        Complaints errh;
        Condition condition = Condition::never();
        INFO(one.pattern);
        bool parsed = click::parse_ip_pattern(one.pattern, condition, errh, click::IpVersions::Both);
        INFO(errh.text);
        REQUIRE(parsed);
        ClassifierProgram program({{condition, 0}}, {0, 20, 0});
        INFO(program.unparse());
        std::mt19937 engine(1);
        for (int i = 0; i < 3000; ++i) {
            Sample sample = random_sample(engine);
            uint32_t header = sample.six() ? 40 : 20;
            auto all = static_cast<uint32_t>(sample.bytes.size());
            const PacketWindow windows[3] = {
                {}, {sample.bytes.data(), all}, {sample.bytes.data() + header, all - header}};
            if ((program.match(windows) == 0) != one.meaning(sample)) {
                FAIL("version ", sample.version, " next ", sample.next, " source ", sample.source, " destination ",
                     sample.destination, " later ", sample.later_fragment);
            }
        }
    }
}

TEST_CASE("only what speaks of IPv6 makes a classifier look at the version") {
    for (const char* pattern :
         {"tcp", "src host 10.0.0.1", "tcp ? udp : icmp", "ether host 1:2:3:4:5:6", "ip[0:1] 5", "-"}) {
        CHECK_FALSE(click::names_ip6(pattern));
    }
    for (const char* pattern : {"ip6", "tcp && (icmp6 or udp)", "src 2001:db8::1", "!net ::/0", "hlim 1", "plen>5"}) {
        CHECK(click::names_ip6(pattern));
    }
}

TEST_CASE("a pattern of IPv6 that is none is refused with its reason") {
    CHECK(complaint("ip6 host 10.0.0.1") == "bad IPv6 address '10.0.0.1'\n");
    CHECK(complaint("ip host ::1") == "bad IP address '::1'\n");
    CHECK(complaint("host 2001:db8::/32") == "'2001:db8::/32' is a network, not a host\n");
    CHECK(complaint("net 2001:db8::1") == "network '2001:db8::1' needs '/BITS'\n");
    CHECK(complaint("ip6 hl 5") == "IPv6 has no such field, near '5'\n");
    CHECK(complaint("icmp6 type rosebud") == "bad value 'rosebud'\n");
    CHECK(complaint("ip6 flow 1048576") == "value 1048576 out of range, bound 1048575\n");
    CHECK(complaint("icmp6 port 5") == "'port' needs TCP or UDP\n");
}
