// SPDX-License-Identifier: Apache-2.0
/*
=c
EtherMirror()
=s ethernet
swaps the Ethernet source and destination
=d
Packets must begin with an Ethernet header; shorter ones pass as they are.
=e
  FromDevice(eth0) -> EtherMirror -> Queue -> ToDevice(eth0);
=a EtherEncap
*/
#include <click/element.hh>

#include <algorithm>

#include "net/ether.hh"

namespace click {

namespace {

class EtherMirror final : public PacketAction<EtherMirror> {
public:
    const char* class_name() const override { return "EtherMirror"; }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->length() < sizeof(EtherHeader)) {
            return packet;
        }
        packet = uniqueify(std::move(packet));
        if (packet) {
            uint8_t* header = packet->mutable_data();
            std::swap_ranges(header, header + 6, header + 6);
        }
        return packet;
    }
};

}  // namespace

CLICK_ELEMENT(EtherMirror)

}  // namespace click
