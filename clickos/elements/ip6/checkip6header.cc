// SPDX-License-Identifier: Apache-2.0
/*
=c
CheckIP6Header([BADADDRS, OFFSET, I<keywords> VERBOSE, DETAILS])
=s ip6
checks IPv6 headers
=d
Expects an IPv6 header OFFSET bytes into each packet and lets through what has one: the version is 6, the packet holds
what its length says, and the source address is not multicast and not one of BADADDRS. Good packets are cut to the IPv6
length (Ethernet pads short frames), their network header is set, and they leave by output 0. The others leave by output 1
if it is connected and are dropped if not; the first of them is reported on the console.

Keyword arguments are:
=over 8
=item BADADDRS
IPv6 addresses, separated by spaces, that no packet may come from: C<0::0> for a router. Default is none.
=item OFFSET
Unsigned. Where the IPv6 header begins. Default is 0.
=use check-keywords
=back
=use check-handlers
=e
  ... -> Strip(14) -> CheckIP6Header(3ffe:1ce1:2:0:200::ffff 0::0) -> ...
=a MarkIP6Header
*/
#include <click/packetcheck.hh>

#include "elements/ip6/ip6addresslist.hh"
#include "net/ip6.hh"

namespace click {

namespace {

class CheckIP6Header final : public PacketCheck<CheckIP6Header> {
public:
    CheckIP6Header() : PacketCheck("IP6 header check failed", kReasons) {}
    const char* class_name() const override { return "CheckIP6Header"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        constexpr uint32_t kMaxOffset = 0xffff;
        Args args(conf, this, errh);
        args.optional("BADADDRS", _bad_addresses, {}).optional("OFFSET", bounded(_offset, 0, kMaxOffset), 0);
        return check_arguments(args).complete();
    }

    int check(Packet& packet) const {
        if (packet.length() < _offset + sizeof(Ip6Header)) {
            return kTiny;
        }
        const auto& ip = *reinterpret_cast<const Ip6Header*>(packet.data() + _offset);
        if (ip.version() != 6) {
            return kBadVersion;
        }
        size_t length = _offset + sizeof(Ip6Header) + ip.length();
        if (length > packet.length()) {
            return kBadLength;
        }
        IP6Address source = IP6Address::read(ip.source);
        if (source.is_multicast() || _bad_addresses.contains(source)) {
            return kBadSource;
        }
        packet.take(packet.length() - static_cast<uint32_t>(length));
        packet.set_network_header(packet.data() + _offset, sizeof(Ip6Header));
        return kGood;
    }

private:
    enum Reason : uint8_t { kTiny, kBadVersion, kBadLength, kBadSource };
    static constexpr const char* kReasons[] = {"tiny packet", "bad IP6 version", "bad IP6 length",
                                               "bad source address"};

    IP6AddressList _bad_addresses;
    uint32_t _offset = 0;
};

}  // namespace

CLICK_ELEMENT(CheckIP6Header)

}  // namespace click
