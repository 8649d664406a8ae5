// SPDX-License-Identifier: Apache-2.0
/*
=c
LookupIPRoute2(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
=s iproute
IP routing table under an older name
=d
What older configurations call a RadixIPLookup; arguments and handlers are the same.
=use route-handlers
=h ctrl write-only
Lines of C<add>, C<set> or C<remove> with their routes.
=h flush write-only
Removes all routes.
=e
  ... -> GetIPAddress(16) -> rt :: LookupIPRoute2(18.26.4.24/32 0, 18.26.4/24 1, 0/0 18.26.4.1 1);
  rt[0] -> ToHost(fake0);
  rt[1] -> Queue -> ToDevice(eth0);
=a RadixIPLookup
*/
#include "elements/ip/trieroutetable.hh"

namespace click {

namespace {

class LookupIPRoute2 final : public PacketSorter<LookupIPRoute2, TrieRouteTable> {
public:
    const char* class_name() const override { return "LookupIPRoute2"; }

    int classify(Packet& packet) { return follow(slot_for(anno::dst_ip(packet)), packet); }
};

}  // namespace

CLICK_ELEMENT(LookupIPRoute2)

}  // namespace click
