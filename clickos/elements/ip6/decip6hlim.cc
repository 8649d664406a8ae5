// SPDX-License-Identifier: Apache-2.0
/*
=c
DecIP6HLIM()
=s ip6
decrements the hop limit of IPv6 packets
=d
Expects IPv6 packets with their header marked. One whose hop limit is over (1 or less) leaves by output 1 if that is
connected and is dropped if not. Every other packet's hop limit is decremented, and it leaves
by output 0.
=h drops read-only
How many packets had no hops left.
=e
  ... -> CheckIP6Header -> dt :: DecIP6HLIM -> ...
  dt[1] -> Discard
=a CheckIP6Header, IP6Mirror
*/
#include <click/element.hh>

#include "net/ip6.hh"

namespace click {

namespace {

class DecIP6HLIM final : public PacketAction<DecIP6HLIM> {
public:
    const char* class_name() const override { return "DecIP6HLIM"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    void add_handlers() override { add_data_handler("drops", _drops); }

    PacketPtr simple_action(PacketPtr packet) {
        const Ip6Header* ip = ip6_header(*packet);
        if (!ip) [[unlikely]] {
            return {};
        }
        if (ip->hop_limit <= 1) [[unlikely]] {
            ++_drops;
            checked_push(1, std::move(packet));
            return {};
        }
        packet = uniqueify(std::move(packet));
        if (packet) [[likely]] {
            --mutable_ip6_header(*packet)->hop_limit;
        }
        return packet;
    }

private:
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(DecIP6HLIM)

}  // namespace click
