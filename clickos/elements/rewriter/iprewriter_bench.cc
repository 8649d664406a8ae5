// SPDX-License-Identifier: Apache-2.0
//
// Nanoseconds a packet through an IPRewriter that has mappings for so many UDP flows: packets of 64 bytes are made, marked,
// rewritten and dropped, 32 at a time, by flows in random order.
#include <click/router.hh>

#include <cstdio>
#include <ctime>
#include <random>
#include <vector>

#include "lang/parser.hh"
#include "lib/checksum.hh"
#include "net/ip.hh"

namespace {

using namespace click;

constexpr const char* kRouter =
    "Idle -> in :: MarkIPHeader -> rw :: IPRewriter(pattern 9.0.0.1 1024-65535 - - 0 0) -> Discard;";
constexpr unsigned kBurst = 32;

struct [[gnu::packed]] Datagram {
    IpHeader ip;
    UdpHeader udp;
    uint8_t data[36];
};

Datagram datagram(uint32_t flow) {
    constexpr uint32_t kPorts = 60000;
    Datagram packet{};
    packet.ip.version_length = 0x45;
    packet.ip.total_length = net16(sizeof packet);
    packet.ip.ttl = 64;
    packet.ip.protocol = kIpProtoUdp;
    packet.ip.source = net32(0x0a000000 + flow % 50021);
    packet.ip.destination = net32(0x14000000 + flow / kPorts);
    packet.ip.checksum = ip_header_checksum(&packet.ip, sizeof packet.ip);
    packet.udp.source = net16(static_cast<uint16_t>(1024 + flow % kPorts));
    packet.udp.destination = net16(53);
    packet.udp.length = net16(sizeof packet.udp + sizeof packet.data);
    packet.udp.checksum = transport_checksum(&packet.udp, sizeof packet.udp + sizeof packet.data, packet.ip.source,
                                             packet.ip.destination, kIpProtoUdp);
    return packet;
}

/// Nanoseconds that the program ran, whoever else has the processor meanwhile.
double processor_time() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double run(Element& in, const std::vector<Datagram>& packets) {
    double start = processor_time();
    for (size_t at = 0; at + kBurst <= packets.size(); at += kBurst) {
        PacketBatch batch;
        for (unsigned i = 0; i < kBurst; ++i) {
            batch.append(Packet::make(&packets[at + i], sizeof(Datagram)));
        }
        in.push(0, batch);
    }
    return (processor_time() - start) / static_cast<double>(packets.size());
}

bool measure(uint32_t flows) {
    constexpr size_t kPackets = 1U << 21;
    RouterDefinition definition;
    LogErrorHandler errh;
    Scheduler scheduler;
    if (!parse_router(kRouter, "bench", {}, definition, errh)) {
        return false;
    }
    Router router(std::move(definition), Router::Environment{scheduler});
    if (router.configure(errh) < 0 || router.initialize(nullptr, errh) < 0) {
        return false;
    }
    std::vector<Datagram> packets;
    for (uint32_t flow = 0; flow < (flows + kBurst - 1) / kBurst * kBurst; ++flow) {
        packets.push_back(datagram(flow % flows));
    }
    double first = run(*router.find("in"), packets);
    std::mt19937 random(1);
    packets.clear();
    while (packets.size() < kPackets) {
        packets.push_back(datagram(static_cast<uint32_t>(random()) % flows));
    }
    double steady = run(*router.find("in"), packets);
    std::string mappings = router.read(router.find_handler("rw.nmappings"), "", errh);
    std::printf("%9u %10s %10.1f %10.1f\n", flows, mappings.c_str(), first, steady);
    return true;
}

}  // namespace

int main() {
    std::printf("%9s %10s %10s %10s\n", "flows", "mappings", "ns new", "ns/packet");
    for (uint32_t flows : {1U, 10'000U, 200'000U, 1'000'000U}) {
        if (!measure(flows)) {
            return 1;
        }
    }
    return 0;
}
