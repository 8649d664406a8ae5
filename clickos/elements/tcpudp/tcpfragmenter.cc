// SPDX-License-Identifier: Apache-2.0
/*
=c
TCPFragmenter([MTU, I<keywords> MTU_ANNO])
=s tcp
splits TCP packets into ones with less payload
=d
Expects IP packets with their header marked. A TCP packet with more than MTU bytes of payload leaves as several, each with at
most MTU bytes: copies with their own lengths, sequence numbers and checksums; what is in front of the IP header is copied
too. FIN and PSH are set in the last one only. All other packets pass as they are.

Keyword arguments are:
=over 8
=item MTU
Unsigned. The most bytes of TCP payload. Default is 0, which means any number.
=item MTU_ANNO
A two-byte annotation: where it is not zero, the most bytes of payload of that packet, if that is less than MTU. Default is
none.
=back
=h fragments read
How many packets were made of packets that were too long.
=h fragmented_count read
How many packets were too long.
=h count read
How many packets came in.
=e
  ... -> CheckIPHeader -> TCPFragmenter(1460) -> ...
=a IPFragmenter, SetTCPChecksum
*/
#include <click/emitter.hh>

#include "lib/checksum.hh"
#include "net/transport.hh"

namespace click {

namespace {

class TCPFragmenter final : public Element {
public:
    const char* class_name() const override { return "TCPFragmenter"; }
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override {
        add_data_handler("fragments", _fragments);
        add_data_handler("fragmented_count", _fragmented);
        add_data_handler("count", _count);
    }

    void push(int, PacketBatch& batch) override {
        PacketEmitter emitter(*this, 0);
        _count += batch.size();
        batch.drain([&](PacketPtr packet) { fragment(std::move(packet), emitter); });
    }

private:
    void fragment(PacketPtr packet, PacketEmitter& emitter);
    uint32_t most_payload(const Packet& packet) const {
        uint32_t annotated = _annotation >= 0 ? packet.anno_u16(static_cast<size_t>(_annotation)) : 0;
        return annotated != 0 && (_mtu == 0 || annotated < _mtu) ? annotated : _mtu;
    }

    uint32_t _mtu = 0;
    int _annotation = -1;
    Tally _count;
    Tally _fragmented;
    Tally _fragments;
};

int TCPFragmenter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Annotation annotation{-1, 2};
    if (Args(conf, this, errh).optional("MTU", _mtu, 0).keyword("MTU_ANNO", annotation).complete() < 0) {
        return -1;
    }
    if (annotation.offset >= 0 && annotation.size != 2) {
        return errh.error("MTU_ANNO: annotation size mismatch, expected 2");
    }
    _annotation = annotation.offset;
    return 0;
}

void TCPFragmenter::fragment(PacketPtr packet, PacketEmitter& emitter) {
    const IpHeader* ip = whole_ip_header(*packet);
    bool is_tcp = ip && ip->protocol == kIpProtoTcp && !ip->is_fragment();
    Segment segment = is_tcp ? ip_segment(*packet, *ip) : Segment();
    const auto* tcp = segment.header<TcpHeader>();
    size_t header = tcp ? tcp->header_length() : 0;
    uint32_t most = most_payload(*packet);
    if (!tcp || header < sizeof(TcpHeader) || header > segment.length || most == 0 || segment.length - header <= most) {
        emitter.add(std::move(packet));
        return;
    }
    ++_fragmented;
    uint32_t network = ip->header_length();
    auto headers = static_cast<uint32_t>(segment.data - packet->data() + static_cast<ptrdiff_t>(header));
    auto before_ip = headers - static_cast<uint32_t>(header) - network;
    auto payload = static_cast<uint32_t>(segment.length - header);
    for (uint32_t at = 0; at < payload; at += most) {
        uint32_t length = payload - at < most ? payload - at : most;
        PacketPtr part = Packet::make(packet->headroom(), nullptr, headers + length, Packet::kMinTailroom);
        if (!part) {
            return;
        }
        part->copy_annotations(*packet);
        part->set_timestamp(packet->timestamp());
        part->set_type(packet->type());
        uint8_t* bytes = part->mutable_data();
        std::memcpy(bytes, packet->data(), headers);
        std::memcpy(bytes + headers, packet->data() + headers + at, length);
        if (packet->has_mac_header() && packet->mac_header() >= packet->data()) {
            part->set_mac_header(part->data() + (packet->mac_header() - packet->data()));
        }
        part->set_network_header(part->data() + before_ip, network);
        IpHeader* own_ip = mutable_ip_header(*part);
        own_ip->total_length = net16(static_cast<uint16_t>(network + header + length));
        own_ip->checksum = 0;
        own_ip->checksum = ip_header_checksum(own_ip, network);
        auto* own = reinterpret_cast<TcpHeader*>(part->mutable_transport_header());
        own->sequence = net32(net32(tcp->sequence) + at);
        if (at + length < payload) {
            own->flags &= static_cast<uint8_t>(~(TcpHeader::kFin | TcpHeader::kPsh));
        }
        own->checksum = 0;
        own->checksum = transport_checksum(own, header + length, own_ip->source, own_ip->destination, kIpProtoTcp);
        ++_fragments;
        emitter.add(std::move(part));
    }
}

}  // namespace

CLICK_ELEMENT(TCPFragmenter)

}  // namespace click
