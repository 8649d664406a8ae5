// SPDX-License-Identifier: Apache-2.0
//
// Packets that somebody made to hurt: wrong lengths, wrong options, wrong everything. Run under AddressSanitizer, this
// says that no element reads or writes where it must not; in any case, what CheckIPHeader let in and an IP router's
// output path let out passes CheckIPHeader again.
#include <doctest/doctest.h>
#include <click/router.hh>

#include <algorithm>
#include <random>
#include <vector>

#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

namespace {

constexpr const char* kRouter = R"(
Idle -> in :: Null -> CheckIPHeader(INTERFACES 10.0.0.1/24)
    -> GetIPAddress(16) -> rt :: RadixIPLookup(0.0.0.0/1 0, 128.0.0.0/1 10.0.0.9 0)
    -> options :: IPGWOptions(10.0.0.1, 10.0.0.2)
    -> FixIPSrc(10.0.0.1)
    -> ttl :: DecIPTTL
    -> fragmenter :: IPFragmenter(68)
    -> out :: CheckIPHeader -> Discard;
options[1] -> ICMPError(10.0.0.1, parameterproblem) -> fix :: FixIPSrc(10.0.0.2) -> errors :: CheckIPHeader -> Discard;
ttl[1] -> ICMPError(10.0.0.1, timeexceeded) -> fix;
fragmenter[1] -> ICMPError(10.0.0.1, unreachable, needfrag, PMTU 68, MTU 80) -> fix;

Idle -> unchecked :: MarkIPHeader(2) -> t :: Tee(8);
t[0] -> IPGWOptions(10.0.0.1) -> Discard;
t[1] -> Paint(1, 18) -> FixIPSrc(10.0.0.1) -> Discard;
t[2] -> DecIPTTL -> Discard;
t[3] -> IPFragmenter(28, HONOR_DF false) -> Discard;
t[4] -> ICMPError(10.0.0.1, redirect) -> Discard;
t[5] -> StripIPHeader -> UnstripIPHeader -> Discard;
t[6] -> GetIPAddress(IP dst) -> LinearIPLookup(0/0 0) -> Discard;
t[7] -> Strip(20) -> CheckIPHeader(BADSRC 1.2.3.4, CHECKSUM false) -> Discard;
)";

class PacketMaker {
public:
    std::vector<uint8_t> make() {
        std::vector<uint8_t> packet(20);
        for (uint8_t& byte : packet) {
            byte = static_cast<uint8_t>(_random());
        }
        std::vector<uint8_t> options = make_options();
        packet.insert(packet.end(), options.begin(), options.end());
        auto header_length = static_cast<unsigned>(packet.size());
        packet.resize(packet.size() + below(below(4) == 0 ? 1500 : 200));
        packet[0] = static_cast<uint8_t>(0x40 | header_length / 4);
        packet[2] = static_cast<uint8_t>(packet.size() >> 8);
        packet[3] = static_cast<uint8_t>(packet.size());
        if (below(2) != 0) {
            packet[6] = packet[7] = 0;
        }
        packet[8] = static_cast<uint8_t>(below(4));
        packet[9] = below(2) ? kIpProtoIcmp : kIpProtoUdp;
        packet[12] = 10;
        for (unsigned i = below(4) == 0 ? below(6) : 0; i > 0; --i) {
            packet[below(header_length)] = static_cast<uint8_t>(_random());
        }
        packet[10] = packet[11] = 0;
        uint16_t checksum = internet_checksum(packet.data(), std::min((packet[0] & 15U) * 4U, header_length));
        std::memcpy(packet.data() + 10, &checksum, sizeof checksum);
        if (below(8) == 0) {
            packet.resize(below(static_cast<unsigned>(packet.size()) + 1));
        }
        return packet;
    }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(_random() % limit); }

    std::vector<uint8_t> make_options() {
        std::vector<uint8_t> options;
        constexpr uint8_t kTypes[] = {0, 1, 7, 7, 68, 68, 68, 131, 137, 148};
        while (below(3) != 0 && options.size() < 40) {
            uint8_t type = kTypes[below(std::size(kTypes))];
            options.push_back(type);
            if (type > 1) {
                unsigned length = 3 + below(14);
                options.push_back(static_cast<uint8_t>(below(16) == 0 ? _random() : length));
                for (unsigned i = 2; i < length; ++i) {
                    options.push_back(static_cast<uint8_t>(i == 2               ? below(20)
                                                           : i == 3 && below(2) ? below(4)
                                                                                : _random()));
                }
            }
        }
        options.resize(std::min<size_t>((options.size() + 3) & ~size_t{3}, 40));
        return options;
    }

    std::mt19937 _random{1};
};

}  // namespace

TEST_CASE("no packet hurts an IP router, and all that it lets out is right") {
    TextErrorHandler errh;
    RouterDefinition definition;
    REQUIRE(parse_router(kRouter, "router", {}, definition, errh));
    Scheduler scheduler;
    Router router(std::move(definition), Router::Environment{scheduler});
    bool initialized = router.configure(errh) >= 0 && router.initialize(nullptr, errh) >= 0;
    CHECK(errh.text() == "");
    REQUIRE(initialized);

    PacketMaker maker;
    PacketBatch checked;
    PacketBatch unchecked;
    for (unsigned i = 0; i < 200000; ++i) {
        std::vector<uint8_t> bytes = maker.make();
        // A packet at the very end of its buffer, so that the sanitizer sees what reads on.
        PacketPtr packet = Packet::make(i % 8 == 0 ? 4096 : 28, bytes.data(), static_cast<uint32_t>(bytes.size()), 0);
        REQUIRE(packet);
        (i % 4 == 0 ? unchecked : checked).append(std::move(packet));
        if (checked.full() || unchecked.full()) {
            router.find("in")->push(0, checked);
            router.find("unchecked")->push(0, unchecked);
            checked.clear();
            unchecked.clear();
        }
    }
    auto read = [&](const char* handler) { return std::stoul(router.read(router.find_handler(handler), "", errh)); };
    CHECK(read("out.count") > 10000);
    CHECK(read("out.drops") == 0);
    CHECK(read("errors.count") > 1000);
    CHECK(read("errors.drops") == 0);
    CHECK(read("options.drops") > 1000);
    CHECK(read("ttl.drops") > 1000);
    CHECK(read("fragmenter.drops") > 100);
    CHECK(read("fragmenter.fragments") > 1000);
}

}  // namespace click
