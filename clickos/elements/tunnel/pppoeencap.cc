// SPDX-License-Identifier: Apache-2.0
/*
=c
PPPoEEncap(SESSION, SRC, DST [, I<keywords> PROTOCOL, MRU])
=s tunnel
puts packets into a PPPoE session
=d
Puts a PPP protocol field, the header of a PPPoE session (RFC 2516) and an Ethernet header in front of each packet. What is
longer than the peer receives is dropped: an IPFragmenter in front of it makes that fit.

Keyword arguments are:
=over 8
=item SESSION
The session's number, 1 to 65534.
=item SRC
Ethernet address of this end.
=item DST
Ethernet address of the peer.
=item PROTOCOL
PPP protocol of the packets: an even number of the first byte and an odd one of the second (RFC 1661 2). Default is 0x0021,
IPv4; 0x0057 is IPv6.
=item MRU
The peer's maximum receive unit, 64 to 65527 bytes. Default is 1492, which is the most on an Ethernet of 1500 bytes.
=back
=h session read/write
The SESSION argument.
=use address-handlers
=h drops read-only
How many packets were too long.
=e
  ... -> IPFragmenter(1492) -> PPPoEEncap(7, 02-00-00-00-00-01, 02-00-00-00-00-02) -> Queue -> ToDevice(eth0);
=a PPPoEDecap, IPFragmenter, EtherEncap
*/
#include <click/element.hh>

#include "elements/tunnel/pppprotocol.hh"
#include "net/ip.hh"

namespace click {

namespace {

class PPPoEEncap final : public PacketAction<PPPoEEncap> {
public:
    const char* class_name() const override { return "PPPoEEncap"; }
    bool can_live_reconfigure() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("SESSION", bounded(_session, 1, PppoeHeader::kMostSession))
            .mandatory("SRC", _source)
            .mandatory("DST", _destination)
            .keyword("PROTOCOL", _protocol, PppProtocol{})
            .keyword("MRU", bounded(_mru, kLeastMru, kMostMru), kUsualMru)
            .complete();
    }
    void take_state(Element& old, ErrorHandler&) override { _drops += static_cast<PPPoEEncap&>(old)._drops.value(); }
    void add_handlers() override {
        add_setting_handler("session", bounded(_session, 1, PppoeHeader::kMostSession));
        add_setting_handler("src", _source);
        add_setting_handler("dst", _destination);
        add_data_handler("drops", _drops);
    }

    PacketPtr simple_action(PacketPtr packet) {
        const uint32_t length = packet->length();
        if (length > _mru) [[unlikely]] {
            ++_drops;
            return {};
        }
        packet = prepend(std::move(packet), sizeof(PppoeFrame));
        if (packet) [[likely]] {
            auto& frame = *reinterpret_cast<PppoeFrame*>(packet->mutable_data());
            _destination.write(frame.ether.destination);
            _source.write(frame.ether.source);
            frame.ether.type = net16(kEtherTypePppoeSession);
            frame.pppoe = {PppoeHeader::kVersionAndType, 0, net16(static_cast<uint16_t>(_session)),
                           net16(static_cast<uint16_t>(length + sizeof frame.protocol))};
            frame.protocol = net16(_protocol.number);
            packet->set_mac_header(packet->data());
        }
        return packet;
    }

private:
    static constexpr uint32_t kLeastMru = 64, kUsualMru = 1492, kMostMru = 65527;

    uint32_t _session = 0;
    uint32_t _mru = kUsualMru;
    EtherAddress _source;
    EtherAddress _destination;
    PppProtocol _protocol;
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(PPPoEEncap)

}  // namespace click
