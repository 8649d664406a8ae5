// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "elements/ip/addresslist.hh"
#include "net/ip.hh"

namespace click {

/// What Record Route and Timestamp options ask of a router (RFC 791 3.1, RFC 1812 4.2.2.2 and 5.3.13).
class GatewayOptions {
public:
    /// The router's address on the interface that packets leave by, and its other ones.
    void set_addresses(IPAddress address, IPAddressList others) {
        _address = address;
        _addresses = std::move(others);
        _addresses.addresses.push_back(address);
    }

    /// Whether a packet has no options, or no IP header; then there is nothing to do.
    static bool is_plain(const Packet& packet) {
        constexpr uint8_t kPlainHeader = 0x45;
        const IpHeader* ip = ip_header(packet);
        return !ip || ip->version_length == kPlainHeader;
    }
    /// Does what the options ask for. When one is `wrong`, the packet stays as it was but for its ICMP Parameter Problem
    /// annotation, which says where. Null when the header is none or memory is exhausted.
    [[gnu::noinline]] PacketPtr process(PacketPtr packet, bool& wrong) const;

private:
    static constexpr unsigned kAllRight = 0;

    unsigned process_options(uint8_t* options, unsigned length) const;
    unsigned record_route(uint8_t* option, unsigned length) const;
    unsigned timestamp(uint8_t* option, unsigned length) const;
    void write_address(uint8_t* where) const {
        uint32_t address = _address.network_order();
        std::memcpy(where, &address, sizeof address);
    }

    IPAddress _address;
    IPAddressList _addresses;
};

}  // namespace click
