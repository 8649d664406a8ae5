// SPDX-License-Identifier: Apache-2.0
/*
=c
DropBroadcasts()
=s annotations
drops packets that came as link-level broadcasts or multicasts
=d
Goes by the packet type annotation, which FromDevice and HostEtherFilter set. An IP router does not forward what came by
a link-level broadcast (RFC 1812 section 5.3.4).
=h drops read-only
How many packets were dropped.
=e
  ... -> DropBroadcasts -> ICMPError(10.0.0.1, unreachable, net) -> ...
=a HostEtherFilter, FromDevice
*/
#include <click/element.hh>

namespace click {

namespace {

class DropBroadcasts final : public PacketAction<DropBroadcasts> {
public:
    const char* class_name() const override { return "DropBroadcasts"; }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->type() == Packet::Type::Broadcast || packet->type() == Packet::Type::Multicast) [[unlikely]] {
            ++_drops;
            return {};
        }
        return packet;
    }
    void add_handlers() override { add_read_handler<&DropBroadcasts::drops>("drops"); }

private:
    std::string drops() const { return std::to_string(_drops); }

    uint64_t _drops = 0;
};

}  // namespace

CLICK_ELEMENT(DropBroadcasts)

}  // namespace click
