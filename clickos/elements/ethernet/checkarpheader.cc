// SPDX-License-Identifier: Apache-2.0
/*
=c
CheckARPHeader([OFFSET, I<keywords> VERBOSE, DETAILS])
=s ethernet
checks ARP headers
=d
Expects an ARP header OFFSET bytes into each packet and lets through what has a whole one for IPv4 over Ethernet; the
network header is set. The others leave by output 1 if it is connected and are dropped if not; the first of them is
reported on the console.

Keyword arguments are:
=over 8
=item OFFSET
Unsigned. Where the ARP header begins. Default is 0.
=use check-keywords
=back
=use check-handlers
=e
  FromDevice(eth0) -> Classifier(12/0806) -> CheckARPHeader(14) -> ...
=a ARPPrint, CheckIPHeader
*/
#include <click/packetcheck.hh>

#include "elements/ethernet/arppacket.hh"

namespace click {

namespace {

class CheckARPHeader final : public PacketCheck<CheckARPHeader> {
public:
    CheckARPHeader() : PacketCheck("ARP header check failed", kReasons) {}
    const char* class_name() const override { return "CheckARPHeader"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Args args(conf, this, errh);
        return check_arguments(args.optional("OFFSET", bounded(_offset, 0, kMostOffset), 0)).complete();
    }

    int check(Packet& packet) const {
        if (packet.length() < _offset + kFixedLength) {
            return kTiny;
        }
        const auto& arp = *reinterpret_cast<const ArpHeader*>(packet.data() + _offset);
        if (arp.hardware_type != net16(kArpHardwareEther) || arp.protocol_type != net16(kEtherTypeIp)) {
            return kBadType;
        }
        if (arp.hardware_length != sizeof arp.sender_ether || arp.protocol_length != sizeof arp.sender_ip) {
            return kBadLength;
        }
        if (packet.length() < _offset + sizeof arp) {
            return kTiny;
        }
        packet.set_network_header(packet.data() + _offset, sizeof arp);
        return kGood;
    }

private:
    static constexpr uint32_t kMostOffset = 0xffff;
    /// Up to the addresses, whose length it says.
    static constexpr size_t kFixedLength = 8;
    enum Reason : uint8_t { kTiny, kBadType, kBadLength };
    static constexpr const char* kReasons[] = {"tiny packet", "bad ARP hardware or protocol type", "bad ARP length"};

    uint32_t _offset = 0;
};

}  // namespace

CLICK_ELEMENT(CheckARPHeader)

}  // namespace click
