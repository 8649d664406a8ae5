// SPDX-License-Identifier: Apache-2.0
/*
=c
TCPReflector()
=s tcp
answers TCP packets as a server would
=d
Expects IP packets with their header marked. Each TCP packet becomes a plausible answer of a server to it, without any state:
a SYN is answered with SYN and ACK, a FIN with FIN and ACK, data with an ACK of all of it, and a packet that only
acknowledges is acknowledged. Other packets, resets and packets whose headers are not whole are dropped.
=e
  FromDevice(eth1) -> Strip(14) -> CheckIPHeader
    -> IPFilter(allow tcp && dst host 1.0.0.77 && dst port 99, deny all)
    -> TCPReflector -> EtherEncap(0x0800, 1:1:1:1:1:1, 2:2:2:2:2:2) -> Queue -> ToDevice(eth1);
=a IPMirror, TCPFragmenter
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <utility>

#include "lib/checksum.hh"
#include "net/transport.hh"

namespace click {

namespace {

class TCPReflector final : public PacketAction<TCPReflector> {
public:
    const char* class_name() const override { return "TCPReflector"; }

    PacketPtr simple_action(PacketPtr packet) const {
        const IpHeader* ip = whole_ip_header(*packet);
        bool is_tcp = ip && ip->protocol == kIpProtoTcp && !ip->is_fragment();
        Segment segment = is_tcp ? ip_segment(*packet, *ip) : Segment();
        const auto* tcp = segment.header<TcpHeader>();
        if (!tcp || tcp->header_length() < sizeof(TcpHeader) || tcp->header_length() > segment.length ||
            (tcp->flags & TcpHeader::kRst)) {
            return {};
        }
        auto data = static_cast<uint32_t>(segment.length - tcp->header_length());
        packet = uniqueify(std::move(packet));
        return packet ? answer(std::move(packet), data) : PacketPtr();
    }

private:
    static constexpr uint8_t kTtl = 64;
    static constexpr uint16_t kWindow = 60000;

    static PacketPtr answer(PacketPtr packet, uint32_t data);
};

/// Turns a packet with `data` bytes of TCP payload into its answer, without options.
PacketPtr TCPReflector::answer(PacketPtr packet, uint32_t data) {
    IpHeader* ip = mutable_ip_header(*packet);
    auto* tcp = reinterpret_cast<TcpHeader*>(mutable_segment(*packet, *ip));
    uint8_t taken = tcp->flags & (TcpHeader::kSyn | TcpHeader::kFin);
    uint32_t next =
        net32(tcp->sequence) + data + (tcp->flags & TcpHeader::kSyn ? 1 : 0) + (tcp->flags & TcpHeader::kFin ? 1 : 0);
    uint32_t own = tcp->flags & TcpHeader::kAck ? tcp->acknowledgement : 0;
    uint16_t port = tcp->source;
    tcp->source = tcp->destination;
    tcp->destination = port;
    tcp->sequence = own;
    tcp->acknowledgement = net32(next);
    tcp->flags = static_cast<uint8_t>(taken | TcpHeader::kAck);
    tcp->offset = sizeof(TcpHeader) / 4 << 4;
    tcp->window = net16(kWindow);
    tcp->urgent = 0;

    uint32_t source = ip->source;
    ip->source = ip->destination;
    ip->destination = source;
    ip->ttl = kTtl;
    unsigned length = ip->header_length() + static_cast<unsigned>(sizeof(TcpHeader));
    ip->total_length = net16(static_cast<uint16_t>(length));
    ip->checksum = 0;
    ip->checksum = ip_header_checksum(ip, ip->header_length());
    tcp->checksum = 0;
    tcp->checksum = transport_checksum(tcp, sizeof(TcpHeader), ip->source, ip->destination, kIpProtoTcp);
    packet->take(packet->network_length() - length);
    anno::set_dst_ip(*packet, IPAddress(source));
    return packet;
}

}  // namespace

CLICK_ELEMENT(TCPReflector)

}  // namespace click
