// SPDX-License-Identifier: Apache-2.0
/*
=c
SetTCPChecksum([FIXOFF])
=s tcp
sets the checksum of TCP headers
=d
Expects IP packets with their header marked that hold TCP (the protocol is not looked at). Works the checksum out anew,
with the pseudo header of RFC 9293. With FIXOFF true, a header length that cannot be is mended first. Fragments and packets
that are cut off leave by output 1 if it is connected and are dropped if not; the first of these is reported on the console.

Keyword arguments are:
=over 8
=item FIXOFF
Boolean. Whether a header length of less than 20 bytes, or of more than there are, is set to 20. Default is false.
=back
=h drops read
How many packets were fragments or cut off.
=e
  ... -> SetIPAddress(10.0.0.1) -> StoreIPAddress(dst) -> SetTCPChecksum -> ...
=a CheckTCPHeader, SetUDPChecksum, SetIPChecksum
*/
/*
=c
SetUDPChecksum()
=s udp
sets the checksum of UDP headers
=d
Expects IP packets with their header marked that hold UDP (the protocol is not looked at). Works the checksum out anew,
with the pseudo header of RFC 768; a sum of 0 is written as 65,535. Fragments and packets that are cut off leave by output
1 if it is connected and are dropped if not; the first of these is reported on the console.
=h drops read
How many packets were fragments or cut off.
=e
  ... -> StoreIPAddress(dst) -> SetUDPChecksum -> ...
=a CheckUDPHeader, SetTCPChecksum, SetIPChecksum
*/
#include <click/element.hh>

#include "lib/checksum.hh"
#include "lib/format.hh"
#include "net/transport.hh"
#include "platform/platform.hh"

namespace click {

namespace {

/// Base of elements that set a transport checksum: `bool E::set(ip, segment, length)`, false when it is none.
template <typename E>
class TransportChecksum : public PacketAction<E> {
public:
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    void add_handlers() override { this->add_data_handler("drops", _drops); }

    PacketPtr simple_action(PacketPtr packet) {
        const IpHeader* ip = whole_ip_header(*packet);
        if (!ip || ip->is_fragment() || !ip_segment(*packet, *ip).data) {
            return refuse(std::move(packet));
        }
        packet = uniqueify(std::move(packet));
        if (!packet) {
            return packet;
        }
        ip = ip_header(*packet);
        size_t length = ip_segment(*packet, *ip).length;
        if (!static_cast<E*>(this)->set(*ip, mutable_segment(*packet, *ip), length)) {
            return refuse(std::move(packet));
        }
        return packet;
    }

private:
    PacketPtr refuse(PacketPtr packet) {
        ++_drops;
        if (this->noutputs() == 1 && !_warned) {
            _warned = true;
            platform::log(format("%s: bad lengths\n", this->name().c_str()));
        }
        this->checked_push(1, std::move(packet));
        return {};
    }

    Tally _drops;
    bool _warned = false;
};

class SetTCPChecksum final : public TransportChecksum<SetTCPChecksum> {
public:
    const char* class_name() const override { return "SetTCPChecksum"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("FIXOFF", _fix_offset, false).complete();
    }

    bool set(const IpHeader& ip, uint8_t* segment, size_t length) const {
        if (length < sizeof(TcpHeader)) {
            return false;
        }
        auto* tcp = reinterpret_cast<TcpHeader*>(segment);
        if (tcp->header_length() < sizeof(TcpHeader) || tcp->header_length() > length) {
            if (!_fix_offset) {
                return false;
            }
            constexpr uint8_t kNoOptions = sizeof(TcpHeader) / 4 << 4;
            tcp->offset = static_cast<uint8_t>((tcp->offset & 0x0f) | kNoOptions);
        }
        tcp->checksum = 0;
        tcp->checksum = transport_checksum(segment, length, ip.source, ip.destination, kIpProtoTcp);
        return true;
    }

private:
    bool _fix_offset = false;
};

class SetUDPChecksum final : public TransportChecksum<SetUDPChecksum> {
public:
    const char* class_name() const override { return "SetUDPChecksum"; }

    bool set(const IpHeader& ip, uint8_t* segment, size_t length) const {
        auto* udp = reinterpret_cast<UdpHeader*>(segment);
        if (length < sizeof(UdpHeader) || net16(udp->length) < sizeof(UdpHeader) || net16(udp->length) > length) {
            return false;
        }
        udp->checksum = 0;
        uint16_t sum = transport_checksum(segment, net16(udp->length), ip.source, ip.destination, kIpProtoUdp);
        udp->checksum = sum != 0 ? sum : 0xffff;
        return true;
    }
};

}  // namespace

CLICK_ELEMENT(SetTCPChecksum)
CLICK_ELEMENT(SetUDPChecksum)

}  // namespace click
