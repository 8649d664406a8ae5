// SPDX-License-Identifier: Apache-2.0
/*
=block route-handlers
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
=block route-lists
=h ctrl write-only
Lines of C<add>, C<set> or C<remove> with their routes; all are done or, when one fails, none.
=h flush write-only
Removes all routes.
*/
#pragma once
#include <click/annotations.hh>
#include <click/element.hh>

#include <string>
#include <vector>

#include "elements/ip6/ip6annotation.hh"

namespace click {

/// What a table of routes has to know of IPv4.
struct Ip4Family {
    using Address = IPAddress;
    using Prefix = IPPrefix;
    static constexpr char kSeparator = '.';  ///< stands in each address, and in no port number
    static constexpr const char* kExpected = "expected IP address";
    static Address masked(const Prefix& prefix) { return prefix.address & prefix.mask; }
    static Address next_hop(const Packet& packet) { return anno::dst_ip(packet); }
    static void set_next_hop(Packet& packet, Address hop) { anno::set_dst_ip(packet, hop); }
};

/// And of IPv6.
struct Ip6Family {
    using Address = IP6Address;
    using Prefix = IP6Prefix;
    static constexpr char kSeparator = ':';
    static constexpr const char* kExpected = "expected IPv6 address";
    static Address masked(const Prefix& prefix) {
        Address address = prefix.address;
        for (size_t i = 0; i < Address::kSize; ++i) {
            address.data()[i] &= prefix.mask.data()[i];
        }
        return address;
    }
    static Address next_hop(const Packet& packet) { return anno::dst_ip6(packet); }
    static void set_next_hop(Packet& packet, const Address& hop) { anno::set_dst_ip6(packet, hop); }
};

/// `ADDR/MASK [GATEWAY] OUTPUT`
template <typename Family>
struct Route {
    typename Family::Address address;
    typename Family::Address mask;
    typename Family::Address gateway;
    int port = -1;
    uint32_t tunnel = 0;  ///< of a table that has tunnels, by number

    /// "10.0.0.0/8 - 1"; with tabs, in the columns of a table.
    std::string unparse(bool tabs = false) const;
    bool has_gateway() const { return gateway != typename Family::Address(); }
    bool same_prefix(const Route& other) const { return address == other.address && mask == other.mask; }
};

/// Base of the elements that look up routes: syntax, handlers, and the routes themselves. How a route is found is the
/// business of the element, which keeps its own structure of slots in step through `attach` and `detach`.
template <typename Family>
class RouteTable : public Element {
public:
    using Address = typename Family::Address;
    using Entry = Route<Family>;

    const char* port_count() const override { return "1/-"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

protected:
    /// The slot of "no route".
    static constexpr uint32_t kNoRoute = 0;

    /// The route in a slot; that of kNoRoute has no port.
    const Entry& route(uint32_t slot) const { return _routes[slot]; }

    /// Sends a packet along the route in a slot: its gateway, if any, becomes the destination annotation.
    int follow(uint32_t slot, Packet& packet) {
        const Entry& found = _routes[slot];
        if (found.has_gateway()) {
            Family::set_next_hop(packet, found.gateway);
        }
        if (found.port < 0) [[unlikely]] {
            complain(packet);
        }
        return found.port;
    }

    /// Before a handler changes routes.
    virtual void begin_update() {}
    /// Takes off the end of a route's text what only this table has there. False after a report.
    virtual bool take_tunnel(std::string& /*text*/, uint32_t& /*tunnel*/, ErrorHandler& /*errh*/) { return true; }
    /// Whether the element can hold a route with this mask.
    virtual bool takes_mask(const Address&) const { return true; }
    /// The slot that an address is routed by, or kNoRoute.
    virtual uint32_t slot_for(const Address& address) const = 0;
    /// The slot of exactly this prefix, or kNoRoute.
    virtual uint32_t slot_of(const Entry& prefix) const = 0;
    /// A slot has got a route, or is about to lose it.
    virtual void attach(uint32_t slot) = 0;
    virtual void detach(uint32_t slot) = 0;

    /// `table` and `lookup`.
    void add_table_handlers();
    /// `add`, `set`, `remove`, `ctrl` and `flush`.
    void add_update_handlers();
    /// Removes all routes.
    void flush();

private:
    enum Command : int { kAdd, kSet, kRemove };
    /// What undoes a command: an empty `before` takes the route out, another one puts it back.
    struct Undo {
        Entry after;
        Entry before;
    };

    bool parse_route(std::string_view text, bool port_optional, Entry& route, ErrorHandler& errh) const;
    int run(Command command, std::string text, std::vector<Undo>* undo, ErrorHandler& errh);
    int add_route(const Entry& route, bool replace, Entry& before, ErrorHandler& errh);
    int remove_route(const Entry& route, Entry& before, ErrorHandler& errh);
    void store(uint32_t slot, const Entry& route);
    void drop(uint32_t slot);
    void roll_back(const std::vector<Undo>& undo);
    [[gnu::cold, gnu::noinline]] void complain(const Packet& packet);

    std::string table() const;
    std::string lookup(std::string_view parameter, ErrorHandler& errh) const;
    int update(std::string_view value, int command, ErrorHandler& errh);
    int control(std::string_view value, ErrorHandler& errh);

    std::vector<Entry> _routes{1};  ///< by slot; those without a port are free
    std::vector<uint32_t> _free_slots;
    unsigned _complaints = 0;
};

using IPRoute = Route<Ip4Family>;
using IPRouteTable = RouteTable<Ip4Family>;
using IP6RouteTable = RouteTable<Ip6Family>;

}  // namespace click
