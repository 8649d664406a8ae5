// SPDX-License-Identifier: Apache-2.0
#include "lib/flow_hash.hh"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace click {

namespace {

std::string udp_frame(uint8_t host, uint8_t port, bool fragment = false) {
    std::string frame(60, '\0');
    frame[12] = 8;
    frame[14] = 0x45;
    frame[20] = fragment ? 0x20 : 0;
    frame[23] = 17;
    frame[29] = static_cast<char>(host);
    frame[35] = static_cast<char>(port);
    return frame;
}

uint32_t hash(const std::string& frame) {
    return flow_hash(reinterpret_cast<const uint8_t*>(frame.data()), frame.size());
}

}  // namespace

TEST_CASE("a flow has one hash, whatever else differs") {
    std::string frame = udp_frame(1, 2);
    std::string later = frame;
    later[18] = 7;    // identification
    later[22] = 3;    // time to live
    later[50] = 'x';  // payload
    CHECK(hash(frame) == hash(later));
}

TEST_CASE("flows are spread over queues, by address and by port") {
    std::set<uint32_t> by_port;
    unsigned even = 0;
    for (unsigned port = 0; port < 200; ++port) {
        by_port.insert(hash(udp_frame(1, static_cast<uint8_t>(port))));
        even += hash(udp_frame(static_cast<uint8_t>(port), 1)) % 2;
    }
    CHECK(by_port.size() == 200);
    CHECK(even > 60);
    CHECK(even < 140);
}

TEST_CASE("all fragments of a datagram have one hash: only the first has ports") {
    CHECK(hash(udp_frame(1, 2, true)) == hash(udp_frame(1, 3, true)));
}

TEST_CASE("a tagged frame has the flow of what is behind the tag") {
    std::string one = udp_frame(1, 2);
    std::string other = udp_frame(1, 3);
    for (std::string* frame : {&one, &other}) {
        frame->insert(12, std::string("\x81\x00\x00\x05", 4));
    }
    CHECK(hash(one) != hash(other));
}

TEST_CASE("frames of any length are read within their bounds") {
    std::string frame = udp_frame(1, 2);
    for (size_t length = 14; length <= frame.size(); ++length) {
        std::string cut = frame.substr(0, length);
        cut.shrink_to_fit();
        hash(cut);
    }
    CHECK(hash(std::string(14, '\0')) == 0);
}

}  // namespace click
