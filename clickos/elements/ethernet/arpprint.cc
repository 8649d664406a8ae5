// SPDX-License-Identifier: Apache-2.0
/*
=c
ARPPrint([LABEL, I<keywords> TIMESTAMP, ETHER, ACTIVE])
=s ethernet
prints ARP packets
=d
Expects ARP packets, with their Ethernet header or without it. Prints a line for each, in the words of tcpdump:
C<LABEL: TIMESTAMP: arp who-has 10.0.0.2 tell 10.0.0.1>, or C<arp reply 10.0.0.2 is-at 00-01-02-03-04-05>.

Keyword arguments are:
=over 8
=item LABEL
String. What the lines begin with. Default is none.
=item TIMESTAMP
Boolean. Whether the packet's time stamp is printed. Default is true.
=item ETHER
Boolean. Whether the Ethernet addresses of a packet that has its header are printed. Default is false.
=item ACTIVE
Boolean. Whether lines are printed. Default is true.
=back
=h active read/write
The ACTIVE argument.
=e
  FromDevice(eth0) -> Classifier(12/0806) -> ARPPrint -> Discard;
=a IPPrint, Print, CheckARPHeader
*/
#include <click/clock.hh>

#include "elements/ethernet/arppacket.hh"
#include "elements/print/printer.hh"
#include "lib/format.hh"
#include "net/ip.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class ARPPrint final : public Printer<ARPPrint> {
public:
    const char* class_name() const override { return "ARPPrint"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("LABEL", _label, {})
            .keyword("TIMESTAMP", _timestamp, true)
            .keyword("ETHER", _ether, false)
            .keyword("ACTIVE", _active, true)
            .complete();
    }
    void print(const Packet& packet) const;

private:
    std::string _label;
    bool _timestamp = true;
    bool _ether = false;
};

std::string describe(const ArpHeader& arp) {
    std::string sender = IPAddress::read(arp.sender_ip).unparse();
    std::string target = IPAddress::read(arp.target_ip).unparse();
    switch (net16(arp.operation)) {
        case kArpRequest:
            return "who-has " + target + " tell " + sender;
        case kArpReply:
            return "reply " + sender + " is-at " + EtherAddress::read(arp.sender_ether).unparse();
        default:
            return format("op %u", net16(arp.operation));
    }
}

void ARPPrint::print(const Packet& packet) const {
    std::string line = _label.empty() ? "" : _label + ": ";
    if (_timestamp) {
        line += clock::unparse(packet.timestamp()) + ": ";
    }
    const auto* ether = data_header<EtherHeader>(packet);
    bool framed = ether && ether->type == net16(kEtherTypeArp);
    if (framed && _ether) {
        line += EtherAddress::read(ether->source).unparse() + " > " + EtherAddress::read(ether->destination).unparse() +
                ": ";
    }
    size_t offset = framed ? sizeof(EtherHeader) : 0;
    if (packet.length() < offset + sizeof(ArpHeader)) {
        line += format("truncated-arp (%u)", packet.length());
    } else if (const auto* arp = reinterpret_cast<const ArpHeader*>(packet.data() + offset); !is_arp_for_ip(*arp)) {
        line +=
            format("arp-hardware-type-%u protocol-type-0x%04x", net16(arp->hardware_type), net16(arp->protocol_type));
    } else {
        line += "arp " + describe(*arp);
    }
    platform::log(line + '\n');
}

}  // namespace

CLICK_ELEMENT(ARPPrint)

}  // namespace click
