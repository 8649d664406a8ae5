// SPDX-License-Identifier: Apache-2.0
/*
=c
DropBroadcasts()
=s annotations
drops packets that came as link-level broadcasts or multicasts
=d
Goes by the packet type annotation, which FromDevice and HostEtherFilter set. An IP router does not forward what came by
a link-level broadcast (RFC 1812 section 5.3.4).
=a HostEtherFilter, FromDevice
*/
#include <click/element.hh>

namespace click {

namespace {

class DropBroadcasts final : public PacketAction<DropBroadcasts> {
public:
    const char* class_name() const override { return "DropBroadcasts"; }

    PacketPtr simple_action(PacketPtr packet) {
        bool group = packet->type() == Packet::Type::Broadcast || packet->type() == Packet::Type::Multicast;
        return group ? PacketPtr() : std::move(packet);
    }
};

}  // namespace

CLICK_ELEMENT(DropBroadcasts)

}  // namespace click
