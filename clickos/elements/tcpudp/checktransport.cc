// SPDX-License-Identifier: Apache-2.0
/*
=block transport-check
Keyword arguments are:
=over 8
=use check-keywords
=back
=use check-handlers
*/
/*
=c
CheckTCPHeader([I<keywords> VERBOSE, DETAILS])
=s tcp
checks TCP headers
=d
Expects IP packets with their header marked. Lets through what is TCP, has a whole header and a right checksum. The others
leave by output 1 if it is connected and are dropped if not; the first of them is reported on the console.

=use transport-check
=e
  ... -> CheckIPHeader -> CheckTCPHeader -> ...
=a CheckUDPHeader, CheckICMPHeader, SetTCPChecksum
*/
/*
=c
CheckUDPHeader([I<keywords> VERBOSE, DETAILS])
=s udp
checks UDP headers
=d
Expects IP packets with their header marked. Lets through what is UDP, has a length that fits and a right checksum, or
none (0, RFC 768). The others leave by output 1 if it is connected and are dropped if not; the first of them is reported on
the console.

=use transport-check
=e
  ... -> CheckIPHeader -> CheckUDPHeader -> ...
=a CheckTCPHeader, CheckICMPHeader, SetUDPChecksum
*/
/*
=c
CheckICMPHeader([I<keywords> VERBOSE, DETAILS])
=s icmp
checks ICMP headers
=d
Expects IP packets with their header marked. Lets through what is ICMP, is as long as its type needs and has a right
checksum. The others leave by output 1 if it is connected and are dropped if not; the first of them is reported on the
console.

=use transport-check
=e
  ... -> CheckIPHeader -> CheckICMPHeader -> ICMPPingResponder -> ...
=a CheckTCPHeader, CheckUDPHeader, ICMPPingResponder
*/
#include <click/packetcheck.hh>

#include "lib/checksum.hh"
#include "net/ip.hh"
#include "net/transport.hh"

namespace click {

namespace {

enum Reason : uint8_t { kOther, kLength, kChecksum };

constexpr const char* kTcpReasons[] = {"not TCP", "bad packet length", "bad TCP checksum"};
constexpr const char* kUdpReasons[] = {"not UDP", "bad packet length", "bad UDP checksum"};
constexpr const char* kIcmpReasons[] = {"not ICMP", "bad packet length", "bad ICMP checksum"};

/// Base of checks of what an IP packet carries: `int E::check_segment(ip, segment, length)`.
template <typename E>
class TransportCheck : public PacketCheck<TransportCheck<E>> {
public:
    using PacketCheck<TransportCheck<E>>::PacketCheck;
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Args args(conf, this, errh);
        return this->check_arguments(args).complete();
    }

    int check(const Packet& packet) const {
        const IpHeader* ip = whole_ip_header(packet);
        if (!ip || ip->protocol != E::kProtocol) {
            return kOther;
        }
        Segment segment = ip_segment(packet, *ip);
        return segment.data ? static_cast<const E*>(this)->check_segment(*ip, segment) : kLength;
    }
};

class CheckTCPHeader final : public TransportCheck<CheckTCPHeader> {
public:
    static constexpr uint8_t kProtocol = kIpProtoTcp;
    CheckTCPHeader() : TransportCheck("TCP header check failed", kTcpReasons) {}
    const char* class_name() const override { return "CheckTCPHeader"; }

    int check_segment(const IpHeader& ip, Segment segment) const {
        const auto* tcp = segment.header<TcpHeader>();
        if (!tcp || tcp->header_length() < sizeof(TcpHeader) || tcp->header_length() > segment.length) {
            return kLength;
        }
        return transport_checksum(segment.data, segment.length, ip.source, ip.destination, kProtocol) == 0 ? kGood
                                                                                                           : kChecksum;
    }
};

class CheckUDPHeader final : public TransportCheck<CheckUDPHeader> {
public:
    static constexpr uint8_t kProtocol = kIpProtoUdp;
    CheckUDPHeader() : TransportCheck("UDP header check failed", kUdpReasons) {}
    const char* class_name() const override { return "CheckUDPHeader"; }

    int check_segment(const IpHeader& ip, Segment segment) const {
        const auto* udp = segment.header<UdpHeader>();
        size_t length = udp ? net16(udp->length) : 0;
        if (length < sizeof(UdpHeader) || length > segment.length) {
            return kLength;
        }
        if (udp->checksum != 0 && transport_checksum(segment.data, length, ip.source, ip.destination, kProtocol) != 0) {
            return kChecksum;
        }
        return kGood;
    }
};

/// How long a message of that type is at least (RFC 792, 950, 1256).
size_t least_icmp_length(uint8_t type) {
    constexpr uint8_t kTimestamp = 13;
    constexpr uint8_t kTimestampReply = 14;
    constexpr uint8_t kMaskRequest = 17;
    constexpr uint8_t kMaskReply = 18;
    switch (type) {
        case kTimestamp:
        case kTimestampReply:
            return sizeof(IcmpHeader) + 12;
        case kMaskRequest:
        case kMaskReply:
            return sizeof(IcmpHeader) + 4;
        default:
            return sizeof(IcmpHeader);
    }
}

class CheckICMPHeader final : public TransportCheck<CheckICMPHeader> {
public:
    static constexpr uint8_t kProtocol = kIpProtoIcmp;
    CheckICMPHeader() : TransportCheck("ICMP header check failed", kIcmpReasons) {}
    const char* class_name() const override { return "CheckICMPHeader"; }

    int check_segment(const IpHeader&, Segment segment) const {
        const auto* icmp = segment.header<IcmpHeader>();
        if (!icmp || segment.length < least_icmp_length(icmp->type)) {
            return kLength;
        }
        return internet_checksum(segment.data, segment.length) == 0 ? kGood : kChecksum;
    }
};

}  // namespace

CLICK_ELEMENT(CheckTCPHeader)
CLICK_ELEMENT(CheckUDPHeader)
CLICK_ELEMENT(CheckICMPHeader)

}  // namespace click
