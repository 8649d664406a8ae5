// SPDX-License-Identifier: Apache-2.0
/*
=c
LookupIP6Route(DST1/MASK1 [GW1] OUT1, DST2/MASK2 [GW2] OUT2, ...)
=s ip6
IPv6 routing table
=d
Routes packets by their destination IPv6 address annotation: the route with the longest prefix that contains it says the
output, and its gateway, if it has one, becomes the destination annotation. Each argument is one route; C<::0> or C<-> stands
for no gateway. A packet that no route fits is dropped, and the first few such are reported.

The routes are in a multibit trie: a lookup takes the same few steps whether there are ten or all those of the Internet.
=h table read-only
The routes, one a line.
=h lookup read-only
With an address as its parameter: the output and the gateway of that address; -1 when there is no route.
=h add write-only
Adds the route C<DST/MASK [GW] OUT>; an error when that prefix has one.
=h set write-only
Sets the route C<DST/MASK [GW] OUT>, whether or not that prefix has one.
=h remove write-only
Removes the route C<DST/MASK [[GW] OUT]>.
=use route-lists
=e
  ... -> GetIP6Address(24) -> rt :: LookupIP6Route(
      3ffe:1ce1:2::1/128 0,
      3ffe:1ce1:2::/80 1,
      ::0/0 3ffe:1ce1:2::2 1);
  rt[0] -> ToHost(fake0);
  rt[1] -> Queue -> ToDevice(eth0);
=a GetIP6Address, IP6NDSolicitor, RadixIPLookup
*/
#include "elements/ip/routetable.hh"
#include "lib/prefix_trie.hh"

namespace click {

namespace {

Ip6Number number(const IP6Address& address) {
    Ip6Number value = 0;
    std::memcpy(&value, address.data(), IP6Address::kSize);
    if constexpr (std::endian::native == std::endian::little) {
        auto low = static_cast<uint64_t>(value);
        auto high = static_cast<uint64_t>(value >> 64);
        value = Ip6Number{__builtin_bswap64(low)} << 64 | __builtin_bswap64(high);
    }
    return value;
}

class LookupIP6Route final : public PacketSorter<LookupIP6Route, IP6RouteTable> {
public:
    const char* class_name() const override { return "LookupIP6Route"; }
    void add_handlers() override {
        add_table_handlers();
        add_update_handlers();
    }

    int classify(Packet& packet) { return follow(slot_for(anno::dst_ip6(packet)), packet); }

private:
    bool takes_mask(const IP6Address& mask) const override { return mask.mask_length() >= 0; }
    uint32_t slot_for(const IP6Address& address) const override { return _trie.lookup(number(address)); }
    uint32_t slot_of(const Entry& prefix) const override {
        return takes_mask(prefix.mask) ? _trie.find(number(prefix.address), length(prefix)) : kNoRoute;
    }
    void attach(uint32_t slot) override { _trie.insert(number(route(slot).address), length(route(slot)), slot); }
    void detach(uint32_t slot) override { _trie.erase(number(route(slot).address), length(route(slot))); }

    static unsigned length(const Entry& route) { return static_cast<unsigned>(route.mask.mask_length()); }

    Ip6PrefixTrie _trie;
};

}  // namespace

CLICK_ELEMENT(LookupIP6Route)

}  // namespace click
