// SPDX-License-Identifier: Apache-2.0
/*
=c
SetIPAddress(ADDR [, ANNO])
=s ip
sets the destination address annotation to a fixed address
=d
Sets each packet's destination address annotation, or the four-byte annotation ANNO, to ADDR: the next hop, where there is
only one.
=h addr read/write
The value of ADDR.
=e
  ... -> SetIPAddress(18.26.4.1) -> a :: ARPQuerier(18.26.4.24, 00:00:C0:3B:71:EF) -> ...
  ... -> [1]a;
=a GetIPAddress, RadixIPLookup, ARPQuerier
*/
#include <click/annotations.hh>
#include <click/element.hh>

namespace click {

namespace {

class SetIPAddress final : public PacketAction<SetIPAddress> {
public:
    const char* class_name() const override { return "SetIPAddress"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("addr", _address); }

    PacketPtr simple_action(PacketPtr packet) {
        packet->set_anno_u32(_anno, _address.network_order());
        return packet;
    }

private:
    IPAddress _address;
    size_t _anno = anno::kDstIp;
};

int SetIPAddress::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    IPAddress address;
    Annotation annotation{anno::kDstIp, 4};
    if (Args(conf, this, errh).mandatory("ADDR", address).optional("ANNO", annotation).complete() < 0) {
        return -1;
    }
    if (annotation.size != 4) {
        return errh.error("ANNO: annotation size mismatch, expected 4");
    }
    _address = address;
    _anno = static_cast<size_t>(annotation.offset);
    return 0;
}

}  // namespace

CLICK_ELEMENT(SetIPAddress)

}  // namespace click
