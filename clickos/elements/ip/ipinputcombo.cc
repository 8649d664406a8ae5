// SPDX-License-Identifier: Apache-2.0
/*
=c
IPInputCombo(COLOR [, BADSRC, I<keywords> INTERFACES, BADSRC, GOODDST])
=s ip
does what an IP router does to frames that come in
=d
One element for what begins an IP router's way of packets; the same as

  elementclass IPInputCombo { $COLOR, $BADSRC |
      input -> Paint($COLOR) -> Strip(14) -> CheckIPHeader(BADSRC $BADSRC) -> GetIPAddress(16) -> output }

Packets whose IP header CheckIPHeader would refuse are dropped; the first of them is reported on the console.

Keyword arguments are:
=over 8
=item INTERFACES
As in CheckIPHeader.
=item BADSRC
As in CheckIPHeader. As the second argument, it is that of CheckIPHeader's older form: 0.0.0.0 and 255.255.255.255 are
bad as well.
=item GOODDST
As in CheckIPHeader.
=item VERBOSE
As in CheckIPHeader.
=item DETAILS
As in CheckIPHeader.
=back
=use check-handlers
=e
  FromDevice(eth0) -> c :: Classifier(12/0800, -);
  c[0] -> IPInputCombo(1, INTERFACES 18.26.4.24/24 10.0.0.1/8) -> Discard; c[1] -> Discard;
=a Paint, Strip, CheckIPHeader, GetIPAddress, IPOutputCombo
*/
#include <click/packetcheck.hh>

#include "elements/ip/ipheadercheck.hh"
#include "net/ether.hh"

namespace click {

namespace {

class IPInputCombo final : public PacketCheck<IPInputCombo> {
public:
    IPInputCombo() : PacketCheck(IpHeaderCheck::kWhat, IpHeaderCheck::kReasons) {}
    const char* class_name() const override { return "IPInputCombo"; }
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kAgnostic; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        IpHeaderCheck::Addresses addresses;
        Args args(conf, this, errh);
        args.mandatory("COLOR", _color);
        addresses.older_form =
            conf.size() > 1 && !is_keyword(split_words(conf[1]).empty() ? "" : split_words(conf[1])[0]);
        addresses.add_keywords(args.optional("BADSRC", addresses.bad_sources));
        if (check_arguments(args).complete() < 0) {
            return -1;
        }
        _check.set_addresses(addresses);
        return 0;
    }

    int check(Packet& packet) const {
        if (packet.length() < sizeof(EtherHeader)) {
            return IpHeaderCheck::kTiny;
        }
        packet.set_anno_u8(anno::kPaint, _color);
        packet.pull(sizeof(EtherHeader));
        return _check.check(packet, 0);
    }

private:
    uint8_t _color = 0;
    IpHeaderCheck _check;
};

}  // namespace

CLICK_ELEMENT(IPInputCombo)

}  // namespace click
