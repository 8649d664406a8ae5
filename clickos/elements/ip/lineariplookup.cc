// SPDX-License-Identifier: Apache-2.0
/*
=c
LinearIPLookup(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
StaticIPLookup(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
SortedIPLookup(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
LookupIPRoute(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
LookupIPRouteMP(ADDR1/MASK1 [GW1] OUT1, ADDR2/MASK2 [GW2] OUT2, ...)
=s iproute
IP routing table in a list
=d
Routes packets by their destination address annotation: the route with the most specific mask that fits it says the
output, and its gateway, if it has one, becomes the destination annotation. Each argument is one route; C<-> stands for
no gateway. A packet that no route fits is dropped, and the first few such are reported.

The routes are tried one by one, so this is for small tables; masks need not be prefixes. RadixIPLookup is for large ones.
The routes of StaticIPLookup cannot be changed; LookupIPRoute and LookupIPRouteMP are its names in older configurations.
SortedIPLookup is another name of LinearIPLookup.
=h table read-only
The routes, one a line.
=h lookup read-only
With an address as its parameter: the output and the gateway of that address; -1 when there is no route.
=h add write-only
Adds the route C<ADDR/MASK [GW] OUT>; an error when that prefix has one. Not of StaticIPLookup and its other names.
=h set write-only
Sets the route C<ADDR/MASK [GW] OUT>, whether or not that prefix has one. Not of StaticIPLookup and its other names.
=h remove write-only
Removes the route C<ADDR/MASK [[GW] OUT]>. Not of StaticIPLookup and its other names.
=h ctrl write-only
Lines of C<add>, C<set> or C<remove> with their routes; all are done or, when one fails, none. Not of StaticIPLookup and its other names.
=h flush write-only
Removes all routes. Not of StaticIPLookup and its other names.
=e
  ... -> GetIPAddress(16) -> rt :: LinearIPLookup(18.26.4.24/32 0, 18.26.4/24 1, 0/0 18.26.4.1 1);
  rt[0] -> ToHost(fake0);
  rt[1] -> Queue -> ToDevice(eth0);
=a RadixIPLookup, GetIPAddress
*/
#include <algorithm>

#include "elements/ip/routetable.hh"

namespace click {

namespace {

class LinearIPLookup : public PacketSorter<LinearIPLookup, IPRouteTable> {
public:
    const char* class_name() const override { return "LinearIPLookup"; }
    void add_handlers() override {
        add_table_handlers();
        add_update_handlers();
    }

    int classify(Packet& packet) {
        IPAddress address = anno::dst_ip(packet);
        // Packets come in trains: one comparison often saves the search.
        if (address != _last_address || !_last_valid) {
            _last_slot = slot_for(address);
            _last_address = address;
            _last_valid = true;
        }
        return follow(_last_slot, packet);
    }

private:
    struct ListEntry {
        uint32_t address;
        uint32_t mask;
        uint32_t slot;
    };

    uint32_t slot_for(const IPAddress& address) const override {
        for (const ListEntry& entry : _entries) {
            if ((address.network_order() & entry.mask) == entry.address) {
                return entry.slot;
            }
        }
        return kNoRoute;
    }
    uint32_t slot_of(const IPRoute& prefix) const override {
        for (const ListEntry& entry : _entries) {
            if (route(entry.slot).same_prefix(prefix)) {
                return entry.slot;
            }
        }
        return kNoRoute;
    }
    /// The entries are in order of falling masks, read as numbers: a mask that has all bits of another one and more
    /// comes before it, so that the first entry that fits is the most specific.
    void attach(uint32_t slot) override {
        _last_valid = false;
        IPAddress mask = route(slot).mask;
        auto at = std::find_if(_entries.begin(), _entries.end(), [mask](const ListEntry& entry) {
            return IPAddress(entry.mask).host_order() < mask.host_order();
        });
        _entries.insert(at, {route(slot).address.network_order(), mask.network_order(), slot});
    }
    void detach(uint32_t slot) override {
        _last_valid = false;
        std::erase_if(_entries, [slot](const ListEntry& entry) { return entry.slot == slot; });
    }

    std::vector<ListEntry> _entries;
    IPAddress _last_address;
    uint32_t _last_slot = kNoRoute;
    bool _last_valid = false;
};

class SortedIPLookup final : public LinearIPLookup {
public:
    const char* class_name() const override { return "SortedIPLookup"; }
};

class StaticIPLookup : public LinearIPLookup {
public:
    const char* class_name() const override { return "StaticIPLookup"; }
    void add_handlers() override { add_table_handlers(); }
};

class LookupIPRoute final : public StaticIPLookup {
public:
    const char* class_name() const override { return "LookupIPRoute"; }
};

class LookupIPRouteMP final : public StaticIPLookup {
public:
    const char* class_name() const override { return "LookupIPRouteMP"; }
};

}  // namespace

CLICK_ELEMENT(LinearIPLookup)
CLICK_ELEMENT(SortedIPLookup)
CLICK_ELEMENT(StaticIPLookup)
CLICK_ELEMENT(LookupIPRoute)
CLICK_ELEMENT(LookupIPRouteMP)

}  // namespace click
