// SPDX-License-Identifier: Apache-2.0
/*
=c
GetIP6Address(OFFSET)
SetIP6Address(ADDR)
=s ip6
set the IPv6 destination address annotation
=d
GetIP6Address copies the 16 bytes at OFFSET, usually 24 for the destination of an IPv6 packet, to the destination IPv6
address annotation. Packets that end before are not touched.

SetIP6Address sets the annotation to ADDR: the next hop, where there is only one.
=e
  ... -> CheckIP6Header -> GetIP6Address(24) -> ...
  ... -> SetIP6Address(3ffe:1ce1:2::1) -> ...
=a CheckIP6Header, GetIPAddress
*/
#include <click/element.hh>

#include "elements/ip6/ip6annotation.hh"

namespace click {

namespace {

class GetIP6Address final : public PacketAction<GetIP6Address> {
public:
    const char* class_name() const override { return "GetIP6Address"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("OFFSET", _offset).complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->length() >= size_t{_offset} + IP6Address::kSize) {
            anno::set_dst_ip6(*packet, IP6Address::read(packet->data() + _offset));
        }
        return packet;
    }

private:
    uint32_t _offset = 0;
};

class SetIP6Address final : public PacketAction<SetIP6Address> {
public:
    const char* class_name() const override { return "SetIP6Address"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("ADDR", _address).complete();
    }
    bool can_live_reconfigure() const override { return true; }

    PacketPtr simple_action(PacketPtr packet) {
        anno::set_dst_ip6(*packet, _address);
        return packet;
    }

private:
    IP6Address _address;
};

}  // namespace

CLICK_ELEMENT(GetIP6Address)
CLICK_ELEMENT(SetIP6Address)

}  // namespace click
