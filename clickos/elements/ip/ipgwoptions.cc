// SPDX-License-Identifier: Apache-2.0
/*
=c
IPGWOptions(MYADDR [, OTHERADDRS])
=s ip
processes the IP options that every router processes
=d
Expects IP packets and does what Record Route and Timestamp options ask of a router, whoever a packet is for (RFC 791 3.1,
RFC 1812 4.2.2.2 and 5.3.13); other options, source routes among them, are left alone. MYADDR is the router's address on
the interface that the packets leave by, so the element belongs there. The checksum is computed anew when a packet is
changed.

OTHERADDRS are the router's other addresses, separated by spaces: with MYADDR, those at which a Timestamp option of
prespecified addresses may ask for the time.

A packet with a wrong option gets the ICMP Parameter Problem annotation, which says at which byte, and leaves by output 1
if that is connected; it is dropped if not. Connect an ICMPError there.
=h drops read-only
How many packets had wrong options.
=e
  ... -> op :: IPGWOptions(18.26.4.24) -> FixIPSrc(18.26.4.24) -> ...
  op[1] -> ICMPError(18.26.4.24, parameterproblem) -> ...
=a ICMPError
*/
#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/element.hh>

#include "elements/ip/addresslist.hh"
#include "elements/ip/ipoptions.hh"
#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

namespace {

class IPGWOptions final : public PacketAction<IPGWOptions> {
public:
    const char* class_name() const override { return "IPGWOptions"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        int result = Args(conf, this, errh).mandatory("MYADDR", _address).optional("OTHERADDRS", _addresses).complete();
        _addresses.addresses.push_back(_address);
        return result;
    }
    void add_handlers() override { add_read_handler<&IPGWOptions::drops>("drops"); }

    PacketPtr simple_action(PacketPtr packet) {
        const IpHeader* ip = ip_header(*packet);
        if (!ip || ip->version_length == kPlainHeader) [[likely]] {
            return packet;
        }
        return process(std::move(packet));
    }

private:
    static constexpr uint8_t kPlainHeader = 0x45;
    static constexpr unsigned kAllRight = 0;

    [[gnu::noinline]] PacketPtr process(PacketPtr packet);
    unsigned process_options(uint8_t* options, unsigned length) const;
    unsigned record_route(uint8_t* option, unsigned length) const;
    unsigned timestamp(uint8_t* option, unsigned length) const;
    void write_address(uint8_t* where) const {
        uint32_t address = _address.network_order();
        std::memcpy(where, &address, sizeof address);
    }
    std::string drops() const { return std::to_string(_drops); }

    IPAddress _address;
    IPAddressList _addresses;
    uint64_t _drops = 0;
};

PacketPtr IPGWOptions::process(PacketPtr packet) {
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
    if (problem != kAllRight) {
        packet->set_anno_u8(anno::kIcmpParamProb, static_cast<uint8_t>(problem));
        ++_drops;
        checked_push(1, std::move(packet));
        return {};
    }
    if (std::memcmp(options, original, length) != 0) {
        std::memcpy(original, options, length);
        ip->checksum = 0;
        ip->checksum = ip_header_checksum(ip, ip->header_length());
    }
    return packet;
}

/// Returns kAllRight, or how far from the start of the IP header the first wrong byte is.
unsigned IPGWOptions::process_options(uint8_t* options, unsigned length) const {
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
unsigned IPGWOptions::record_route(uint8_t* option, unsigned length) const {
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
unsigned IPGWOptions::timestamp(uint8_t* option, unsigned length) const {
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

}  // namespace

CLICK_ELEMENT(IPGWOptions)

}  // namespace click
