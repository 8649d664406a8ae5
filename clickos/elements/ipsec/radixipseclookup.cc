// SPDX-License-Identifier: Apache-2.0
/*
=c
RadixIPsecLookup(ADDR1/MASK1 [GW1] OUT1 [SPI1 ENC_KEY1 AUTH_KEY1 [REPLAY1 [OOWIN1]] [ESN1]], ...)
=s ipsec
IP routing table with tunnels
=d
Routes packets by their destination address annotation, as RadixIPLookup does. A route that has a security association
besides leads into a tunnel: an C<IPsecESPEncap(TABLE I<name of this element>)> behind that output sends each packet by the
association of the route that it came by. The arguments of an association are described there. Routes to several networks behind
one peer may name the same association.

Associations are for sending alone. Those to receive by belong to IPsecESPUnencap: an association has one direction, and Click's
habit of using one for both would have AES-GCM encrypt different packets alike.

To replace an association, give the peer the new one, then C<set> the route with it. The old one stays until the next change of
the table, for packets that are already on their way from here to IPsecESPEncap.

The interface for routes that Click calls IPsecRouteTable is this element's: arguments and handlers.
=h table read-only
The routes, one a line; without associations.
=h tunnels read-only
The associations, one a line: SPI, algorithm, last sequence number, window, packets and bytes, and C<ESN>; never their keys.
=h lookup read-only
With an address as its parameter: the output and the gateway of that address; -1 when there is no route.
=h add write-only
Adds a route, written like an argument; an error when that prefix has one.
=h set write-only
Sets a route, whether or not that prefix has one.
=h remove write-only
Removes the route C<ADDR/MASK [[GW] OUT]>.
=use route-lists
=e
  ... -> GetIPAddress(16)
      -> rt :: RadixIPsecLookup(10.1.0.0/16 0,
             10.2.0.0/16 192.0.2.2 1 0x1001 b7d6c6d2d1f4a5a4c3b2a1908f7e6d5c0a1b2c3d - 0 64);
  rt[0] -> ToHost(fake0);
  rt[1] -> IPsecESPEncap(TABLE rt) -> IPEncap(esp, 192.0.2.1, DST_ANNO) -> ...
=a IPsecESPEncap, IPsecESPUnencap, RadixIPLookup
*/
#include "elements/ip/trieroutetable.hh"
#include "elements/ipsec/tunnels.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class RadixIPsecLookup final : public PacketSorter<RadixIPsecLookup, TrieRouteTable> {
public:
    const char* class_name() const override { return "RadixIPsecLookup"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler&) override {
        _tunnels.take(static_cast<RadixIPsecLookup&>(old)._tunnels);
    }
    void add_handlers() override {
        TrieRouteTable::add_handlers();
        add_read_handler<&RadixIPsecLookup::show_tunnels>("tunnels");
    }

    int classify(Packet& packet) {
        uint32_t slot = slot_for(anno::dst_ip(packet));
        packet.set_anno_u32(Tunnels::kAnnotation, route(slot).tunnel);
        return follow(slot, packet);
    }

private:
    void* role(Role asked) override {
        if (asked == kRoleOf<Secrets>) {
            return &_secrets;
        }
        return asked == kRoleOf<Tunnels> ? &_tunnels : nullptr;
    }
    void begin_update() override { _tunnels.forget_unused(); }
    bool take_tunnel(std::string& text, uint32_t& tunnel, ErrorHandler& errh) override;
    void attach(uint32_t slot) override {
        TrieRouteTable::attach(slot);
        if (uint32_t tunnel = route(slot).tunnel; tunnel != 0) {
            _tunnels.use(tunnel);
        }
    }
    void detach(uint32_t slot) override {
        TrieRouteTable::detach(slot);
        if (uint32_t tunnel = route(slot).tunnel; tunnel != 0) {
            _tunnels.leave(tunnel);
        }
    }
    std::string show_tunnels() const { return _tunnels.show(); }

    Tunnels _tunnels;
    Secrets _secrets;
    bool _configuring = false;
};

int RadixIPsecLookup::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    _configuring = true;
    int result = TrieRouteTable::configure(conf, errh);
    _configuring = false;
    return result;
}

bool RadixIPsecLookup::take_tunnel(std::string& text, uint32_t& tunnel, ErrorHandler& errh) {
    std::vector<std::string> words = split_words(text);
    const bool has_gateway = words.size() > 1 && (words[1] == "-" || words[1].find('.') != std::string::npos);
    const size_t route_words = has_gateway ? 3 : 2;
    if (words.size() <= route_words) {
        return true;
    }
    text.clear();
    for (size_t i = 0; i < route_words; ++i) {
        text += words[i] + ' ';
    }
    std::span<const std::string> association(words.begin() + static_cast<ptrdiff_t>(route_words), words.end());
    AssociationPtr made = Association::make(association, this, errh);
    if (!made) {
        return false;
    }
    tunnel = _tunnels.insert(std::move(made));
    if (tunnel == 0) {
        errh.error("there are %zu tunnels already, the most that there can be", Tunnels::kMost);
        return false;
    }
    if (_configuring) {
        keep_keys(association, _secrets);
    }
    return true;
}

}  // namespace

CLICK_ELEMENT(RadixIPsecLookup)

}  // namespace click
