// SPDX-License-Identifier: Apache-2.0
/*
=c
TruncateIPPayload([LENGTH, TRANSPORT, I<keywords> EXTRA_LENGTH])
=s ip
cuts the payload of IP packets
=d
Cuts IP packets so that at most LENGTH bytes of payload are left. The payload begins behind the TCP, UDP or ICMP header, or
behind the IP header where there is none of these. Headers stay as they are: lengths and checksums are those of the whole
packet. What has no IP header is cut to LENGTH bytes.

Keyword arguments are:
=over 8
=item LENGTH
Unsigned. The most bytes of payload. Default is 0.
=item TRANSPORT
Boolean. False if the payload begins behind the IP header. Default is true.
=item EXTRA_LENGTH
Boolean. Whether the bytes that are cut off are added to the packet's extra length annotation. Default is true.
=back
=e
  ... -> CheckIPHeader -> TruncateIPPayload(8) -> ToDump(headers.pcap);
=a Truncate, EraseIPPayload, ToDump
*/
/*
=c
EraseIPPayload
=s ip
sets the payload of IP packets to zeros
=d
Writes zeros over the payload of IP packets, which begins behind the TCP, UDP or ICMP header, or behind the IP header where
there is none of these. Headers stay as they are, so checksums of the payload are wrong then. What has no IP header is left
alone.
=e
  ... -> CheckIPHeader -> EraseIPPayload -> ToDump(anonymous.pcap);
=a TruncateIPPayload, AnonymizeIPAddr
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <algorithm>
#include <cstring>

#include "net/transport.hh"

namespace click {

namespace {

size_t transport_length(const Packet& packet, const IpHeader& ip) {
    size_t least = least_transport_header(ip.protocol);
    const auto* tcp = ip.protocol == kIpProtoTcp ? transport_header<TcpHeader>(packet) : nullptr;
    return tcp ? std::max<size_t>(tcp->header_length(), least) : least;
}

/// How many bytes from the start of the packet belong to headers; 0 when it has no IP header.
size_t headers_length(const Packet& packet, bool transport) {
    const IpHeader* ip = whole_ip_header(packet);
    if (!ip) {
        return 0;
    }
    size_t network = static_cast<size_t>(packet.network_header() - packet.data()) + ip->header_length();
    return transport && ip->first_fragment() ? network + transport_length(packet, *ip) : network;
}

class TruncateIPPayload final : public PacketAction<TruncateIPPayload> {
public:
    const char* class_name() const override { return "TruncateIPPayload"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("LENGTH", _length, 0)
            .optional("TRANSPORT", _transport, true)
            .keyword("EXTRA_LENGTH", _extra, true)
            .complete();
    }

    PacketPtr simple_action(PacketPtr packet) const {
        size_t keep = headers_length(*packet, _transport) + _length;
        if (keep < packet->length()) {
            auto cut = static_cast<uint32_t>(packet->length() - keep);
            if (_extra) {
                packet->set_anno_u32(anno::kExtraLength, packet->anno_u32(anno::kExtraLength) + cut);
            }
            packet->take(cut);
        }
        return packet;
    }

private:
    uint32_t _length = 0;
    bool _transport = true;
    bool _extra = true;
};

class EraseIPPayload final : public PacketAction<EraseIPPayload> {
public:
    const char* class_name() const override { return "EraseIPPayload"; }

    PacketPtr simple_action(PacketPtr packet) const {
        size_t headers = headers_length(*packet, true);
        if (headers == 0 || headers >= packet->length()) {
            return packet;
        }
        packet = uniqueify(std::move(packet));
        if (packet) [[likely]] {
            size_t network = static_cast<size_t>(packet->network_header() - packet->data());
            size_t end = std::min<size_t>(network + whole_ip_header(*packet)->length(), packet->length());
            if (end > headers) {
                std::memset(packet->mutable_data() + headers, 0, end - headers);
            }
        }
        return packet;
    }
};

}  // namespace

CLICK_ELEMENT(TruncateIPPayload)
CLICK_ELEMENT(EraseIPPayload)

}  // namespace click
