// SPDX-License-Identifier: Apache-2.0
//
// What a rewriter must never get wrong, for flows at random in a table that is too small for them: each mapping is one of
// a bijection, checksums are as if they had been made anew, and answers come back as the flow began.
#include <doctest/doctest.h>
#include <click/router.hh>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "elements/rewriter/flowid.hh"
#include "lang/parser.hh"
#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

namespace {

using Flow = std::tuple<uint8_t, uint32_t, uint16_t, uint32_t, uint16_t>;

std::vector<uint8_t> make(const Flow& flow, unsigned payload, bool udp_checksum) {
    auto [protocol, source, source_port, destination, destination_port] = flow;
    unsigned header = protocol == kIpProtoTcp ? sizeof(TcpHeader) : sizeof(UdpHeader);
    std::vector<uint8_t> bytes(sizeof(IpHeader) + header + payload);
    auto& ip = *reinterpret_cast<IpHeader*>(bytes.data());
    ip.version_length = 0x45;
    ip.total_length = net16(static_cast<uint16_t>(bytes.size()));
    ip.protocol = protocol;
    ip.ttl = 9;
    ip.source = source;
    ip.destination = destination;
    ip.checksum = ip_header_checksum(&ip, sizeof ip);
    uint8_t* transport = bytes.data() + sizeof ip;
    std::memcpy(transport, &source_port, 2);
    std::memcpy(transport + 2, &destination_port, 2);
    for (unsigned i = 0; i < payload; ++i) {
        transport[header + i] = static_cast<uint8_t>(i * 7 + source);
    }
    auto length = static_cast<uint16_t>(header + payload);
    size_t at = 16;
    if (protocol == kIpProtoTcp) {
        transport[12] = 0x50;
    } else {
        reinterpret_cast<UdpHeader*>(transport)->length = net16(length);
        at = 6;
    }
    uint16_t checksum = transport_checksum(transport, length, source, destination, protocol);
    if (protocol == kIpProtoUdp) {
        checksum = !udp_checksum ? 0 : checksum == 0 ? 0xffff : checksum;
    }
    std::memcpy(transport + at, &checksum, 2);
    return bytes;
}

Flow flow_of(const Packet& packet) {
    const auto& ip = *reinterpret_cast<const IpHeader*>(packet.data());
    uint16_t ports[2];
    std::memcpy(ports, packet.data() + sizeof ip, sizeof ports);
    return {ip.protocol, ip.source, ports[0], ip.destination, ports[1]};
}
Flow answer_to(const Flow& flow) {
    auto [protocol, source, source_port, destination, destination_port] = flow;
    return {protocol, destination, destination_port, source, source_port};
}

class Rewriting {
public:
    explicit Rewriting(const std::string& configuration) {
        TextErrorHandler errh;
        RouterDefinition definition;
        REQUIRE(parse_router(configuration, "router", {}, definition, errh));
        _router = std::make_unique<Router>(std::move(definition), Router::Environment{_scheduler});
        bool initialized = _router->configure(errh) >= 0 && _router->initialize(nullptr, errh) >= 0;
        CHECK(errh.text() == "");
        REQUIRE(initialized);
    }
    /// What becomes of a packet: nothing, or the new flow, of a packet that is right in every byte.
    bool send(const char* input, const Flow& flow, Flow& result) {
        unsigned payload = static_cast<unsigned>(_random() % 40);
        bool checksum = _random() % 4 != 0;
        std::vector<uint8_t> bytes = make(flow, payload, checksum);
        PacketBatch batch(Packet::make(bytes.data(), static_cast<uint32_t>(bytes.size())));
        _router->find(input)->push(0, batch);
        auto* queue = _router->find("q");
        PacketBatch out;
        queue->pull(0, out, 1);
        if (out.empty()) {
            return false;
        }
        result = flow_of(out[0]);
        std::vector<uint8_t> expected = make(result, payload, checksum);
        // The payload depends on the flow that it was made for.
        std::copy(bytes.end() - payload, bytes.end(), expected.end() - payload);
        fix_checksum(expected, checksum);
        REQUIRE(expected.size() == out[0].length());
        CHECK(std::memcmp(expected.data(), out[0].data(), expected.size()) == 0);
        return true;
    }
    std::string read(const char* handler, const std::string& parameter = {}) {
        TextErrorHandler errh;
        std::string text = _router->read(_router->find_handler(handler), parameter, errh);
        CHECK(errh.text() == "");
        return text;
    }
    int write(const char* handler, const std::string& value, ErrorHandler& errh) {
        return _router->write(_router->find_handler(handler), value, errh);
    }
    std::mt19937& random() { return _random; }

private:
    static void fix_checksum(std::vector<uint8_t>& bytes, bool udp_checksum) {
        auto& ip = *reinterpret_cast<IpHeader*>(bytes.data());
        uint8_t* transport = bytes.data() + sizeof ip;
        auto length = static_cast<uint16_t>(bytes.size() - sizeof ip);
        size_t at = ip.protocol == kIpProtoTcp ? 16 : 6;
        if (ip.protocol == kIpProtoUdp && !udp_checksum) {
            return;
        }
        std::memset(transport + at, 0, 2);
        uint16_t checksum = transport_checksum(transport, length, ip.source, ip.destination, ip.protocol);
        checksum = checksum == 0 && ip.protocol == kIpProtoUdp ? 0xffff : checksum;
        std::memcpy(transport + at, &checksum, 2);
    }

    Scheduler _scheduler;
    std::unique_ptr<Router> _router;
    std::mt19937 _random{1};
};

Flow random_flow(std::mt19937& random) {
    uint8_t protocol = random() % 2 ? kIpProtoTcp : kIpProtoUdp;
    return {protocol, net32(0x0a000000 + random() % 16), net16(static_cast<uint16_t>(1 + random() % 40)),
            net32(0x14000000 + random() % 3), net16(static_cast<uint16_t>(80 + random() % 2))};
}

std::string router_with(const std::string& rewriter) {
    return "rw :: " + rewriter + "; Idle -> in :: MarkIPHeader -> [0]rw; Idle -> back :: MarkIPHeader -> [1]rw;" +
           "q :: Queue(10); rw[0] -> q; rw[1] -> q; q -> Unqueue(ACTIVE false) -> Discard;";
}

/// Sends flows at random; when none may be forgotten, each keeps what it became.
void check_bijection(const std::string& rewriter, size_t most, bool forgets) {
    Rewriting rewriting(router_with(rewriter));
    std::map<Flow, Flow> became;
    std::map<Flow, Flow> origin;
    for (unsigned i = 0; i < 20000; ++i) {
        Flow flow = random_flow(rewriting.random());
        Flow to;
        bool passed = rewriting.send("in", flow, to);
        if (!forgets) {
            if (auto known = became.find(flow); known != became.end()) {
                REQUIRE(passed);
                CHECK(known->second == to);
            } else if (passed) {
                CHECK(origin.count(to) == 0);
            }
        }
        if (passed) {
            became[flow] = to;
            origin[to] = flow;
            Flow back;
            REQUIRE(rewriting.send("back", answer_to(to), back));
            CHECK(back == answer_to(flow));
        }
        CHECK(std::stoul(rewriting.read("rw.nmappings")) <= most);
    }
    CHECK(std::stoul(rewriting.read("rw.nmappings")) == most);
    CHECK((std::stoul(rewriting.read("rw.mapping_failures")) > 100) == !forgets);
}

}  // namespace

TEST_CASE("mappings are a bijection when the table is full of guaranteed ones") {
    check_bijection("IPRewriter(pattern 9.0.0.1 1024-65535 - - 0 1, drop, MAPPING_CAPACITY 64)", 56, false);
}

TEST_CASE("mappings are a bijection when older ones make room for new ones") {
    check_bijection(
        "IPRewriter(pattern 9.0.0.1 1024-65535# - - 0 1, drop, MAPPING_CAPACITY 64, TCP_GUARANTEE 0, UDP_GUARANTEE 0)",
        64, true);
}

TEST_CASE("mappings are a bijection when ports are few") {
    // Each of 3 x 2 destinations can be reached from 20 ports by either protocol.
    check_bijection("IPRewriter(pattern 9.0.0.1 2000-2019? - - 0 1, drop)", 20 * 6 * 2, false);
}

TEST_CASE("exported and imported state gives the same answers") {
    std::string configuration = router_with("IPRewriter(pattern 9.0.0.1 1024-65535? - - 0 1, drop)");
    Rewriting first(configuration);
    Rewriting second(configuration);
    std::map<Flow, Flow> became;
    for (unsigned i = 0; i < 6000; ++i) {
        Flow flow = random_flow(first.random());
        REQUIRE(first.send("in", flow, became[flow]));
    }
    TextErrorHandler errh;
    unsigned chunks = 0;
    for (std::string position; position != "end"; ++chunks) {
        std::string chunk = first.read("rw.state", position);
        std::string header = chunk.substr(0, chunk.find('\n'));
        position = header.substr(header.rfind(' ') + 1);
        CHECK(second.write("rw.state", chunk, errh) == 0);
    }
    CHECK(errh.text() == "");
    CHECK(chunks > 2);
    CHECK(second.read("rw.nmappings") == first.read("rw.nmappings"));
    for (const auto& [flow, to] : became) {
        Flow now;
        REQUIRE(second.send("in", flow, now));
        CHECK(now == to);
        REQUIRE(second.send("back", answer_to(to), now));
        CHECK(now == answer_to(flow));
    }
    // What was used since is a part of it.
    CHECK(second.read("rw.state_since", "0").size() > 1000);
}

}  // namespace click
