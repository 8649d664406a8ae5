// SPDX-License-Identifier: Apache-2.0
/*
=c
GREDecap([I<keywords> PROTOCOL, KEY])
=s tunnel
takes packets out of a GRE tunnel
=d
Expects IP packets with their header marked. Takes what a GRE header (RFC 2784, with the key and the sequence number of
RFC 2890) stands in front of out of the tunnel: it leaves by output 0, without a mark of its own headers. Packets that are
no whole GRE packets of this tunnel leave by output 1 if it is connected and are dropped if not: other protocols, fragments,
other versions, reserved flags, a wrong checksum, another key or another protocol.

Keyword arguments are:
=over 8
=item PROTOCOL
EtherType of what the tunnel carries. Default is 0, any.
=item KEY
Unsigned. The key that packets must have. Default is to ask for none, and to take any.
=back
=h count read-only
How many packets came out of the tunnel.
=h drops read-only
How many were none of it.
=e
  ... -> CheckIPHeader -> GREDecap -> CheckIPHeader -> ...
=a GREEncap, VXLANDecap
*/
#include <cstring>

#include "elements/tunnel/tunnelexit.hh"
#include "lib/checksum.hh"
#include "net/tunnel.hh"

namespace click {

namespace {

class GREDecap final : public TunnelExit<GREDecap> {
public:
    const char* class_name() const override { return "GREDecap"; }
    bool can_live_reconfigure() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        bool has_key = false;
        if (Args(conf, this, errh).keyword("PROTOCOL", _protocol, 0).keyword("KEY", _key, 0).given(has_key).complete() <
            0) {
            return -1;
        }
        _has_key = has_key;
        return 0;
    }

    bool inner(const Packet& packet, const IpHeader& ip, const uint8_t*& start) const {
        constexpr uint16_t kKnown = GreHeader::kChecksum | GreHeader::kKey | GreHeader::kSequence;
        Segment segment = ip_segment(packet, ip);
        const auto* gre = ip.protocol == kIpProtoGre ? segment.header<GreHeader>() : nullptr;
        if (!gre) {
            return false;
        }
        uint16_t flags = net16(gre->flags);
        size_t key_at = sizeof(GreHeader) + (flags & GreHeader::kChecksum ? sizeof(uint32_t) : 0);
        size_t length = key_at + (flags & GreHeader::kKey ? sizeof(uint32_t) : 0) +
                        (flags & GreHeader::kSequence ? sizeof(uint32_t) : 0);
        // Flags 6 to 12 are ignored (RFC 2784 2.3), the others are another format's.
        constexpr uint16_t kIgnored = 0x03f8;
        if ((flags & ~(kKnown | kIgnored)) != 0 || segment.length < length ||
            (_protocol != 0 && net16(gre->protocol) != _protocol) ||
            ((flags & GreHeader::kChecksum) && internet_checksum(segment.data, segment.length) != 0)) {
            return false;
        }
        if (_has_key) {
            uint32_t key = net32(_key);
            if (!(flags & GreHeader::kKey) || std::memcmp(segment.data + key_at, &key, sizeof key) != 0) {
                return false;
            }
        }
        start = segment.data + length;
        return true;
    }

private:
    uint16_t _protocol = 0;
    uint32_t _key = 0;
    bool _has_key = false;
};

}  // namespace

CLICK_ELEMENT(GREDecap)

}  // namespace click
