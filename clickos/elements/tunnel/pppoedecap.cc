// SPDX-License-Identifier: Apache-2.0
/*
=c
PPPoEDecap([SESSION, I<keywords> PEER, PROTOCOL])
=s tunnel
takes packets out of a PPPoE session
=d
Expects Ethernet frames. Takes packets of one PPP protocol out of the frames of a PPPoE session (RFC 2516): they leave by
output 0, without the padding of a short frame. All else leaves by output 1 as it came if that is connected and is dropped if
not: no session's frame or another one's, other PPP protocols (LCP, another PPPoEDecap's), what ends before it should.

Keyword arguments are:
=over 8
=item SESSION
The session's number, 1 to 65534. Default is to take those of any.
=item PEER
Ethernet address. The source that frames must have, as a session is known by both. Default is to take those of any.
=item PROTOCOL
PPP protocol of the packets. Default is 0x0021, IPv4; 0x0057 is IPv6.
=back
=h count read-only
How many packets came out of the session.
=h drops read-only
How many frames were none of it.
=e
  FromDevice(eth0) -> four :: PPPoEDecap(7, PEER 02-00-00-00-00-02) -> CheckIPHeader -> Discard;
  four[1] -> PPPoEDecap(7, PROTOCOL 0x0057) -> CheckIP6Header -> Discard;
=a PPPoEEncap, CheckIPHeader
*/
#include "elements/tunnel/pppprotocol.hh"
#include "elements/tunnel/tunnelexit.hh"

namespace click {

namespace {

class PPPoEDecap final : public TunnelEnd<PPPoEDecap> {
public:
    const char* class_name() const override { return "PPPoEDecap"; }
    bool can_live_reconfigure() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        bool has_peer = false;
        if (Args(conf, this, errh)
                .optional("SESSION", bounded(_session, 1, PppoeHeader::kMostSession), kAny)
                .keyword("PEER", _peer)
                .given(has_peer)
                .keyword("PROTOCOL", _protocol, PppProtocol{})
                .complete() < 0) {
            return -1;
        }
        _has_peer = has_peer;
        return 0;
    }

    bool carried(const Packet& packet, const uint8_t*& start, const uint8_t*& end) const {
        if (packet.length() < sizeof(PppoeFrame)) {
            return false;
        }
        const auto& frame = *reinterpret_cast<const PppoeFrame*>(packet.data());
        const PppoeHeader& header = frame.pppoe;
        start = packet.data() + sizeof(PppoeFrame);
        end = start + net16(header.length) - sizeof frame.protocol;
        return frame.ether.type == net16(kEtherTypePppoeSession) &&
               header.version_and_type == PppoeHeader::kVersionAndType && header.code == 0 &&
               (_session == kAny || net16(header.session) == _session) && frame.protocol == net16(_protocol.number) &&
               (!_has_peer || EtherAddress::read(frame.ether.source) == _peer) && end <= packet.end_data();
    }

private:
    static constexpr uint32_t kAny = 0;

    uint32_t _session = kAny;
    EtherAddress _peer;
    bool _has_peer = false;
    PppProtocol _protocol;
};

}  // namespace

CLICK_ELEMENT(PPPoEDecap)

}  // namespace click
