// SPDX-License-Identifier: Apache-2.0
#include "lib/ip_pattern.hh"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

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

/// The fields of a packet as a reader of the RFCs sees them.
struct Fields {
    unsigned tos, length, id, fragment, ttl, protocol;
    uint32_t source, destination;
    unsigned sport, dport, flags, window;
    unsigned transport_bytes;
    bool has_ports() const { return (protocol == 6 || protocol == 17) && offset() == 0 && transport_bytes >= 4; }
    bool tcp() const { return protocol == 6 && offset() == 0 && transport_bytes >= 20; }
    unsigned offset() const { return fragment & 0x1fff; }
};

struct Sample {
    Fields fields;
    std::vector<uint8_t> bytes;
    std::vector<PacketWindow> windows() const {
        return {{bytes.data(), 14},
                {bytes.data() + 14, static_cast<uint32_t>(bytes.size() - 14)},
                {bytes.data() + 34, static_cast<uint32_t>(bytes.size() - 34)}};
    }
};

Sample random_sample(std::mt19937& engine) {
    auto pick = [&](std::initializer_list<unsigned> values) { return values.begin()[engine() % values.size()]; };
    Fields f{};
    f.tos = pick({0, 1, 2, 3, 0x10, 0xb8, 0xff});
    f.length = pick({20, 40, 1023, 1024, 1500});
    f.id = pick({0, 1, 77, 0xffff});
    f.fragment = pick({0, 0, 0, 0x4000, 0x2000, 0x2001, 7});
    f.ttl = pick({1, 2, 63, 64, 255});
    f.protocol = pick({6, 6, 17, 17, 1, 2});
    f.source = pick({0x0a000001, 0x0a000002, 0x0a010001, 0xc0a80001});
    f.destination = pick({0x0a000001, 0x0a000002, 0x0a010001, 0xc0a80001});
    f.sport = pick({22, 80, 1023, 1024, 8000, 65535});
    f.dport = pick({22, 80, 1023, 1024, 8080, 65535});
    f.flags = pick({0, 2, 0x12, 0x11, 0x10, 0xff});
    f.window = pick({0, 100, 0xffff});
    f.transport_bytes = pick({0, 4, 8, 20, 20, 20, 20, 32});
    Sample sample{f, {}};
    auto put = [&](unsigned bytes, uint32_t value) {
        for (unsigned i = bytes; i-- > 0;) {
            sample.bytes.push_back(static_cast<uint8_t>(value >> 8 * i));
        }
    };
    for (unsigned i = 0; i < 6; ++i) {
        put(1, 0x10 + i);
    }
    for (unsigned i = 0; i < 6; ++i) {
        put(1, 0x20 + i);
    }
    put(2, 0x0800);
    put(1, 0x45);
    put(1, f.tos);
    put(2, f.length);
    put(2, f.id);
    put(2, f.fragment);
    put(1, f.ttl);
    put(1, f.protocol);
    put(2, 0);
    put(4, f.source);
    put(4, f.destination);
    put(2, f.sport);
    put(2, f.dport);
    put(4, 0);
    put(4, 0);
    put(1, 0x50);
    put(1, f.flags);
    put(2, f.window);
    sample.bytes.resize(34 + f.transport_bytes);
    return sample;
}

using Predicate = bool (*)(const Fields&);

struct Case {
    const char* pattern;
    Predicate meaning;
};

const Case kCases[] = {
    {"-", [](const Fields&) { return true; }},
    {"all", [](const Fields&) { return true; }},
    {"false", [](const Fields&) { return false; }},
    {"tcp", [](const Fields& f) { return f.protocol == 6; }},
    {"ip proto udp", [](const Fields& f) { return f.protocol == 17; }},
    {"ip proto 2", [](const Fields& f) { return f.protocol == 2; }},
    {"ip proto != tcp", [](const Fields& f) { return f.protocol != 6; }},
    {"igmp", [](const Fields& f) { return f.protocol == 2; }},
    {"src host 10.0.0.1", [](const Fields& f) { return f.source == 0x0a000001; }},
    {"host 10.0.0.1", [](const Fields& f) { return f.source == 0x0a000001 || f.destination == 0x0a000001; }},
    {"src or dst host 10.0.0.1", [](const Fields& f) { return f.source == 0x0a000001 || f.destination == 0x0a000001; }},
    {"src and dst 10.0.0.1", [](const Fields& f) { return f.source == 0x0a000001 && f.destination == 0x0a000001; }},
    {"host != 10.0.0.1", [](const Fields& f) { return f.source != 0x0a000001 && f.destination != 0x0a000001; }},
    {"dst net 10.0.0.0/24", [](const Fields& f) { return f.destination >> 8 == 0x0a0000; }},
    {"src net 10.0.0.0 mask 255.255.0.0", [](const Fields& f) { return f.source >> 16 == 0x0a00; }},
    {"10.0.0.0/24", [](const Fields& f) { return f.source >> 8 == 0x0a0000 || f.destination >> 8 == 0x0a0000; }},
    {"src 10.0.0.1 or 10.0.0.2", [](const Fields& f) { return f.source == 0x0a000001 || f.source == 0x0a000002; }},
    {"src port 80", [](const Fields& f) { return f.has_ports() && f.sport == 80; }},
    {"tcp port 80",
     [](const Fields& f) { return f.protocol == 6 && f.has_ports() && (f.sport == 80 || f.dport == 80); }},
    {"dst udp port www", [](const Fields& f) { return f.protocol == 17 && f.has_ports() && f.dport == 80; }},
    {"udp dst port 80", [](const Fields& f) { return f.protocol == 17 && f.has_ports() && f.dport == 80; }},
    {"dst tcp port 8080 or 80",
     [](const Fields& f) { return f.protocol == 6 && f.has_ports() && (f.dport == 8080 || f.dport == 80); }},
    {"dst tcp port > 1023", [](const Fields& f) { return f.protocol == 6 && f.has_ports() && f.dport > 1023; }},
    {"src port>=1024", [](const Fields& f) { return f.has_ports() && f.sport >= 1024; }},
    {"src port < 1024", [](const Fields& f) { return f.has_ports() && f.sport < 1024; }},
    {"src port <= 80", [](const Fields& f) { return f.has_ports() && f.sport <= 80; }},
    {"port != 80", [](const Fields& f) { return f.has_ports() && f.sport != 80 && f.dport != 80; }},
    {"src port & 0xff = 22", [](const Fields& f) { return f.has_ports() && (f.sport & 0xff) == 22; }},
    {"ip vers 4", [](const Fields&) { return true; }},
    {"ip hl > 5", [](const Fields&) { return false; }},
    {"ip tos 0x10", [](const Fields& f) { return f.tos == 0x10; }},
    {"ip tos & 0x3 != 0", [](const Fields& f) { return (f.tos & 3) != 0; }},
    {"ip dscp 46", [](const Fields& f) { return f.tos >> 2 == 46; }},
    {"ip dscp > 3", [](const Fields& f) { return f.tos >> 2 > 3; }},
    {"ip ect", [](const Fields& f) { return (f.tos & 3) != 0; }},
    {"ip ect 1", [](const Fields& f) { return (f.tos & 3) == 1; }},
    {"ip ce", [](const Fields& f) { return (f.tos & 3) == 3; }},
    {"ip len > 1023", [](const Fields& f) { return f.length > 1023; }},
    {"ip id 77", [](const Fields& f) { return f.id == 77; }},
    {"ip ttl < 64", [](const Fields& f) { return f.ttl < 64; }},
    {"ip ttl 64 or 1", [](const Fields& f) { return f.ttl == 64 || f.ttl == 1; }},
    {"ip frag", [](const Fields& f) { return (f.fragment & 0x3fff) != 0; }},
    {"ip unfrag", [](const Fields& f) { return (f.fragment & 0x3fff) == 0; }},
    {"tcp opt syn", [](const Fields& f) { return f.tcp() && (f.flags & 2) != 0; }},
    {"syn", [](const Fields& f) { return f.tcp() && (f.flags & 2) != 0; }},
    {"tcp opt != ack", [](const Fields& f) { return f.tcp() && (f.flags & 16) == 0; }},
    {"fin ack", [](const Fields& f) { return f.tcp() && (f.flags & 17) == 17; }},
    {"tcp win 100", [](const Fields& f) { return f.tcp() && f.window == 100; }},
    {"icmp type 0",
     [](const Fields& f) { return f.protocol == 1 && f.offset() == 0 && f.transport_bytes >= 1 && f.sport >> 8 == 0; }},
    {"icmp type sourcequench or redirect",
     [](const Fields& f) {
         return f.protocol == 1 && f.offset() == 0 && f.transport_bytes >= 1 &&
                (f.sport >> 8 == 4 || f.sport >> 8 == 5);
     }},
    {"ip[8:2] 0x4006", [](const Fields& f) { return f.ttl == 64 && f.protocol == 6; }},
    {"ip[9] == 17", [](const Fields& f) { return f.protocol == 17; }},
    {"ip[7:4] > 0x01010000",
     [](const Fields& f) { return ((f.fragment & 0xff) << 24 | f.ttl << 16 | f.protocol << 8) > 0x01010000; }},
    {"transp[2:2] 80", [](const Fields& f) { return f.offset() == 0 && f.transport_bytes >= 4 && f.dport == 80; }},
    {"udp[2:2] 80",
     [](const Fields& f) { return f.protocol == 17 && f.offset() == 0 && f.transport_bytes >= 4 && f.dport == 80; }},
    {"not tcp", [](const Fields& f) { return f.protocol != 6; }},
    {"!tcp && !udp", [](const Fields& f) { return f.protocol != 6 && f.protocol != 17; }},
    {"tcp || (udp and ip ttl 1)", [](const Fields& f) { return f.protocol == 6 || (f.protocol == 17 && f.ttl == 1); }},
    {"tcp ? ip ttl 1 : ip ttl 2", [](const Fields& f) { return f.ttl == (f.protocol == 6 ? 1U : 2U); }},
    {"src ether host 20:21:22:23:24:25", [](const Fields&) { return true; }},
    {"dst ether 20-21-22-23-24-25", [](const Fields&) { return false; }},
    {"src 10.0.0.1 dst 10.0.0.2 tcp",
     [](const Fields& f) { return f.source == 0x0a000001 && f.destination == 0x0a000002 && f.protocol == 6; }},
};

std::string complaint(std::string_view pattern) {
    Complaints errh;
    Condition condition = Condition::never();
    CHECK_FALSE(click::parse_ip_pattern(pattern, condition, errh));
    return errh.text;
}

}  // namespace

TEST_CASE("every test of the pattern language means what the RFCs say") {
    for (const Case& one : kCases) {
        Complaints errh;
        Condition condition = Condition::never();
        INFO(one.pattern);
        REQUIRE(click::parse_ip_pattern(one.pattern, condition, errh));
        ClassifierProgram program({{condition, 0}}, {0, 20, 0});
        INFO(program.unparse());
        std::mt19937 engine(1);
        for (int i = 0; i < 3000; ++i) {
            Sample sample = random_sample(engine);
            std::vector<PacketWindow> w = sample.windows();
            const PacketWindow windows[3] = {w[0], w[1], w[2]};
            bool matched = program.match(windows) == 0;
            if (matched != one.meaning(sample.fields)) {
                FAIL("proto ", sample.fields.protocol, " fragment ", sample.fields.fragment, " ttl ", sample.fields.ttl,
                     " transport bytes ", sample.fields.transport_bytes);
            }
        }
    }
}

TEST_CASE("the same parts of several patterns are tested once") {
    std::vector<ClassifierProgram::Rule> rules;
    int output = 0;
    for (const char* pattern : {"dst tcp port 8000 or 8080", "dst tcp port > 1023", "tcp"}) {
        Complaints errh;
        Condition condition = Condition::never();
        REQUIRE(click::parse_ip_pattern(pattern, condition, errh));
        rules.push_back({condition, output++});
    }
    ClassifierProgram program(rules, {0, 20, 0});
    CHECK(program.unparse() ==
          " 0 264/00060000%00ff0000  yes->step 1  no->[X]\n"
          " 1 260/00000000%00001fff  yes->step 2  no->[2]\n"
          " 2 512/00001f40%0000ffff  yes->[0]  no->step 3\n"
          " 3 512/00001f90%0000ffff  yes->[0]  no->step 4\n"
          " 4 512/00000000%00000000  yes->step 5  no->[2]\n"
          " 5 512/00000000%0000fc00  yes->[2]  no->[1]\n"
          "safe length 516\n"
          "alignment offset 0\n");
}

TEST_CASE("a pattern that is none is refused with its reason") {
    CHECK(complaint("") == "empty pattern\n");
    CHECK(complaint("src") == "partial directive\n");
    CHECK(complaint("tcp and") == "pattern ends where a test is expected\n");
    CHECK(complaint("(tcp") == "missing ')'\n");
    CHECK(complaint("tcp )") == "garbage after expression at ')'\n");
    CHECK(complaint("80") == "syntax error near '80'\n");
    CHECK(complaint("port 70000") == "value 70000 out of range, bound 65535\n");
    CHECK(complaint("port nothing") == "bad value 'nothing'\n");
    CHECK(complaint("port") == "value missing\n");
    CHECK(complaint("host 10.0.0.0/8") == "'10.0.0.0/8' is a network, not a host\n");
    CHECK(complaint("net 10.0.0.0") == "network '10.0.0.0' needs '/BITS' or 'mask MASK'\n");
    CHECK(complaint("host 10.0.0") == "bad IP address '10.0.0'\n");
    CHECK(complaint("src ip ttl 5") == "'src' or 'dst' is meaningless here, near '5'\n");
    CHECK(complaint("icmp port 5") == "'port' needs TCP or UDP\n");
    CHECK(complaint("tcp opt rosebud") == "bad TCP option 'rosebud'\n");
    CHECK(complaint("ip[0:5] 1") == "field '[0:5]' is not 1 to 4 bytes long\n");
    CHECK(complaint("tcp ? udp") == "expected ':' in '? :' expression\n");
    CHECK(complaint("frobnicate") == "syntax error near 'frobnicate'\n");
    CHECK(complaint(std::string(5000, '(')) == "pattern too deeply nested\n");
    CHECK(complaint(std::string(5000, '!')) == "pattern too deeply nested\n");
}
