// SPDX-License-Identifier: Apache-2.0
/*
=c
LookupIPRoute2(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
=s iproute
IP routing table under an older name
=d
What older configurations call a RadixIPLookup; arguments and handlers are the same.
=h table read-only
The routes, one a line.
=h lookup read-only
With an address as its parameter: the output and the gateway of that address; -1 when there is no route.
=h add write-only
Adds the route C<ADDR/MASK [GW] OUT>; an error when that prefix has one.
=h set write-only
Sets the route C<ADDR/MASK [GW] OUT>, whether or not that prefix has one.
=h remove write-only
Removes the route C<ADDR/MASK [[GW] OUT]>.
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
