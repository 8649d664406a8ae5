// SPDX-License-Identifier: Apache-2.0
/*
=c
GetIPAddress(OFFSET [, ANNO, I<keywords> ANNO, IP])
=s ip
sets the destination address annotation from packet data
=d
Copies the four bytes at OFFSET, usually 16 for the destination of an IP packet, to the destination address annotation,
which lookups and ARPQuerier go by. Packets that end before are not touched.

Keyword arguments are:
=over 8
=item ANNO
The four-byte annotation that is set. Default is C<DST_IP>.
=item IP
C<src> or C<dst>, instead of OFFSET: the address of that name in the IP header, which must be marked.
=back
=e
  ... -> Strip(14) -> CheckIPHeader -> GetIPAddress(16) -> rt :: RadixIPLookup(0/0 0) -> ...
=a SetIPAddress, RadixIPLookup, ARPQuerier
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <cstddef>

#include "net/ip.hh"

namespace click {

namespace {

class GetIPAddress final : public PacketAction<GetIPAddress> {
public:
    const char* class_name() const override { return "GetIPAddress"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

    PacketPtr simple_action(PacketPtr packet) {
        if (_from_header) {
            if (const IpHeader* ip = ip_header(*packet)) {
                set(*packet, reinterpret_cast<const uint8_t*>(ip) + _offset);
            }
        } else if (packet->length() >= size_t{_offset} + 4) {
            set(*packet, packet->data() + _offset);
        }
        return packet;
    }

private:
    void set(Packet& packet, const uint8_t* address) const {
        packet.set_anno_u32(_anno, IPAddress::read(address).network_order());
    }

    uint32_t _offset = 0;
    bool _from_header = false;
    size_t _anno = anno::kDstIp;
};

int GetIPAddress::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Annotation annotation{anno::kDstIp, 4};
    std::string field;
    bool has_offset;
    bool has_field;
    if (Args(conf, this, errh)
            .optional("OFFSET", _offset)
            .given(has_offset)
            .optional("ANNO", annotation)
            .keyword("IP", field)
            .given(has_field)
            .complete() < 0) {
        return -1;
    }
    if (has_offset == has_field) {
        return errh.error("set exactly one of OFFSET and IP");
    }
    if (annotation.size != 4) {
        return errh.error("ANNO: annotation size mismatch, expected 4");
    }
    _anno = static_cast<size_t>(annotation.offset);
    _from_header = has_field;
    if (field == "src") {
        _offset = offsetof(IpHeader, source);
    } else if (field == "dst") {
        _offset = offsetof(IpHeader, destination);
    } else if (has_field) {
        return errh.error("IP: should be 'src' or 'dst'");
    }
    return 0;
}

}  // namespace

CLICK_ELEMENT(GetIPAddress)

}  // namespace click
