// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <cstdint>
#include <string>
#include <string_view>

namespace click {

/// What a frame begins with: a link type of the pcap file format (the numbers of its LINKTYPE_ registry, and `...Also` and
/// OpenBSD's what some systems write instead, their own DLT_ numbers).
class Encapsulation {
public:
    static constexpr uint32_t kNull = 0, kEther = 1, kPpp = 9, kFddi = 10, kAtm = 100, kAtmAlso = 11, kIp = 101,
                              kPppHdlc = 50, kIpAlso = 12, kIpOpenBsd = 14, kIp4 = 228, kHdlc = 104, kIeee80211 = 105,
                              kLinuxCooked = 113, kPrism = 119, kAironet = 120, kSunAtm = 123, kLinuxCooked2 = 276;

    constexpr Encapsulation() = default;
    constexpr explicit Encapsulation(uint32_t link_type) : _link_type(link_type) {}

    constexpr uint32_t link_type() const { return _link_type; }
    /// The name that ENCAP arguments and `encap` handlers use, or the number.
    std::string unparse() const;

    friend constexpr bool operator==(Encapsulation, Encapsulation) = default;

private:
    uint32_t _link_type = kEther;
};

bool parse_encapsulation(std::string_view text, Encapsulation& encapsulation);

/// Whether frames that begin so can hold IPv4 where `mark_ip_header` finds it.
bool can_hold_ip(Encapsulation encapsulation);
/// Sets the network header annotation of a frame that holds an IPv4 packet; false when it holds none.
bool mark_ip_header(Packet& packet, Encapsulation encapsulation);

}  // namespace click
