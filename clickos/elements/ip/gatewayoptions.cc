// SPDX-License-Identifier: Apache-2.0
#include "elements/ip/gatewayoptions.hh"

#include <click/annotations.hh>
#include <click/clock.hh>

#include "elements/ip/ipoptions.hh"
#include "lib/checksum.hh"

namespace click {

PacketPtr GatewayOptions::process(PacketPtr packet, bool& wrong) const {
    wrong = false;
    packet = whole_ip_header(*packet) ? uniqueify(std::move(packet)) : PacketPtr();
    if (!packet) {
        return {};
    }
    IpHeader* ip = mutable_ip_header(*packet);
    unsigned length = ip->header_length() - static_cast<unsigned>(sizeof(IpHeader));
    // An ICMP error has to show the packet as it came: work on a copy.
    uint8_t options[40];
    uint8_t* original = packet->mutable_network_header() + sizeof(IpHeader);
    std::memcpy(options, original, length);
    unsigned problem = process_options(options, length);
    wrong = problem != kAllRight;
    if (wrong) {
        packet->set_anno_u8(anno::kIcmpParamProb, static_cast<uint8_t>(problem));
    } else if (std::memcmp(options, original, length) != 0) {
        std::memcpy(original, options, length);
        ip->checksum = 0;
        ip->checksum = ip_header_checksum(ip, ip->header_length());
    }
    return packet;
}

/// Returns kAllRight, or how far from the start of the IP header the first wrong byte is.
unsigned GatewayOptions::process_options(uint8_t* options, unsigned length) const {
    unsigned own;
    for (unsigned at = 0; at < length && options[at] != ip_option::kEnd; at += own) {
        own = ip_option::length_at(options, length, at);
        unsigned start = static_cast<unsigned>(sizeof(IpHeader)) + at;
        if (own == 0) {
            return start + 1;
        }
        unsigned problem = kAllRight;
        if (options[at] == ip_option::kRecordRoute) {
            problem = record_route(options + at, own);
        } else if (options[at] == ip_option::kTimestamp) {
            problem = timestamp(options + at, own);
        }
        if (problem != kAllRight) {
            return start + problem;
        }
    }
    return kAllRight;
}

/// Byte 2 points (from 1) at the next free place for an address. A full list is none of our business; one with room, but
/// not for an address, is wrong. Returns kAllRight or the offset of the wrong byte.
unsigned GatewayOptions::record_route(uint8_t* option, unsigned length) const {
    constexpr unsigned kHeader = 3;
    if (length < kHeader) {
        return 1;
    }
    if (option[2] <= kHeader) {
        return 2;
    }
    unsigned at = option[2] - 1U;
    if (at >= length) {
        return kAllRight;
    }
    if (at + 4 > length) {
        return 2;
    }
    write_address(option + at);
    option[2] = static_cast<uint8_t>(option[2] + 4);
    return kAllRight;
}

/// Byte 2 points (from 1) at the next free place, byte 3 has how many routers found none and what a place is for.
unsigned GatewayOptions::timestamp(uint8_t* option, unsigned length) const {
    constexpr unsigned kHeader = 4;
    enum Form : uint8_t { kTimes = 0, kAddressesAndTimes = 1, kPrespecified = 3 };
    if (length < kHeader) {
        return 1;
    }
    uint8_t form = option[3] & 15;
    if (form != kTimes && form != kAddressesAndTimes && form != kPrespecified) {
        return 3;
    }
    if (option[2] <= kHeader) {
        return 2;
    }
    unsigned at = option[2] - 1U;
    if (at >= length) {
        if ((option[3] >> 4) == 15) {
            return 3;
        }
        // With prespecified addresses nobody is owed a place, so nobody missed one.
        if (form != kPrespecified) {
            option[3] = static_cast<uint8_t>(option[3] + 16);
        }
        return kAllRight;
    }
    unsigned place = form == kTimes ? 4 : 8;
    if (at + place > length) {
        return 2;
    }
    if (form == kPrespecified && !_addresses.contains(IPAddress::read(option + at))) {
        return kAllRight;
    }
    if (form == kAddressesAndTimes) {
        write_address(option + at);
    }
    constexpr int64_t kDay = 86'400'000;
    uint32_t milliseconds = net32(static_cast<uint32_t>(clock::now() / (clock::kSecond / 1000) % kDay));
    std::memcpy(option + at + place - 4, &milliseconds, sizeof milliseconds);
    option[2] = static_cast<uint8_t>(option[2] + place);
    return kAllRight;
}

}  // namespace click
