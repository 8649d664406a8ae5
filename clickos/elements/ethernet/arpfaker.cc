// SPDX-License-Identifier: Apache-2.0
/*
=c
ARPFaker(DSTIP, DSTETH, SRCIP, SRCETH)
=s arp
sends an ARP reply every ten seconds
=d
The reply tells DSTIP at DSTETH that SRCIP has the Ethernet address SRCETH. It has its Ethernet header.
=e
  ARPFaker(10.0.0.1, 02:00:00:00:00:01, 10.0.0.2, 02:00:00:00:00:02) -> Queue -> ToDevice(eth0);
=a ARPResponder
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/task.hh>

#include "elements/ethernet/arppacket.hh"

namespace click {

namespace {

class ARPFaker final : public Element {
public:
    const char* class_name() const override { return "ARPFaker"; }
    const char* port_count() const override { return "0/1"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("DSTIP", _target.ip)
            .mandatory("DSTETH", _target.ether)
            .mandatory("SRCIP", _sender.ip)
            .mandatory("SRCETH", _sender.ether)
            .complete();
    }
    int initialize(ErrorHandler&) override {
        _timer.initialize(this);
        _timer.schedule_after(0);
        return 0;
    }
    void run_timer() override {
        if (PacketPtr packet = make_arp_packet(kArpReply, _sender, _target, _target.ether)) {
            output(0).push(std::move(packet));
        }
        _timer.reschedule_after(10 * clock::kSecond);
    }

private:
    ArpParty _target;
    ArpParty _sender;
    Timer _timer{this};
};

}  // namespace

CLICK_ELEMENT(ARPFaker)

}  // namespace click
