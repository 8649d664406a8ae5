// SPDX-License-Identifier: Apache-2.0
/*
=c
RadixIPLookup(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
DirectIPLookup(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
RangeIPLookup(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
=s iproute
IP routing table in a radix trie
=d
Routes packets by their destination address annotation: the route with the longest prefix that contains it says the
output, and its gateway, if it has one, becomes the destination annotation. Each argument is one route; C<-> stands for
no gateway. A packet that no route fits is dropped, and the first few such are reported.

This is the table to use: a lookup takes at most seven steps, most often one to three, and an update does not depend on the
number of routes. DirectIPLookup and RangeIPLookup, which trade memory against speed elsewhere, are the same table here.
=use route-handlers
=use route-lists
=e
  ... -> GetIPAddress(16) -> rt :: RadixIPLookup(18.26.4.24/32 0, 18.26.4/24 1, 0/0 18.26.4.1 1);
  rt[0] -> ToHost(fake0);
  rt[1] -> Queue -> ToDevice(eth0);
=a LinearIPLookup, StaticIPLookup, GetIPAddress
*/
#include "elements/ip/trieroutetable.hh"

namespace click {

namespace {

class RadixIPLookup : public PacketSorter<RadixIPLookup, TrieRouteTable> {
public:
    const char* class_name() const override { return "RadixIPLookup"; }

    int classify(Packet& packet) { return follow(slot_for(anno::dst_ip(packet)), packet); }
};

class DirectIPLookup : public RadixIPLookup {
public:
    const char* class_name() const override { return "DirectIPLookup"; }
};

class RangeIPLookup final : public DirectIPLookup {
public:
    const char* class_name() const override { return "RangeIPLookup"; }
};

}  // namespace

CLICK_ELEMENT(RadixIPLookup)
CLICK_ELEMENT(DirectIPLookup)
CLICK_ELEMENT(RangeIPLookup)

}  // namespace click
