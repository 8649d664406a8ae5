// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/annotations.hh>
#include <click/element.hh>

#include <string>
#include <vector>

namespace click {

/// `ADDR/MASK [GATEWAY] OUTPUT`
struct IPRoute {
    IPAddress address;
    IPAddress mask;
    IPAddress gateway;
    int port = -1;

    /// "10.0.0.0/8 - 1"; with tabs, in the columns of a table.
    std::string unparse(bool tabs = false) const;
    bool same_prefix(const IPRoute& other) const { return address == other.address && mask == other.mask; }
};

/// Base of the elements that look up routes: syntax, handlers, and the routes themselves. How a route is found is the
/// business of the element, which keeps its own structure of slots in step through `attach` and `detach`.
class IPRouteTable : public Element {
public:
    const char* port_count() const override { return "1/-"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

protected:
    /// The slot of "no route".
    static constexpr uint32_t kNoRoute = 0;

    /// The route in a slot; that of kNoRoute has no port.
    const IPRoute& route(uint32_t slot) const { return _routes[slot]; }

    /// Sends a packet along the route in a slot: its gateway, if any, becomes the destination annotation.
    int follow(uint32_t slot, Packet& packet) {
        const IPRoute& found = _routes[slot];
        if (found.gateway) {
            anno::set_dst_ip(packet, found.gateway);
        }
        if (found.port < 0) [[unlikely]] {
            complain(packet);
        }
        return found.port;
    }

    /// Whether the element can hold a route with this mask.
    virtual bool takes_mask(IPAddress) const { return true; }
    /// The slot that an address is routed by, or kNoRoute.
    virtual uint32_t slot_for(IPAddress address) const = 0;
    /// The slot of exactly this prefix, or kNoRoute.
    virtual uint32_t slot_of(const IPRoute& prefix) const = 0;
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
        IPRoute after;
        IPRoute before;
    };

    bool parse_route(std::string_view text, bool port_optional, IPRoute& route, ErrorHandler& errh) const;
    int run(Command command, std::string_view text, std::vector<Undo>* undo, ErrorHandler& errh);
    int add_route(const IPRoute& route, bool replace, IPRoute& before, ErrorHandler& errh);
    int remove_route(const IPRoute& route, IPRoute& before, ErrorHandler& errh);
    void store(uint32_t slot, const IPRoute& route);
    void drop(uint32_t slot);
    void roll_back(const std::vector<Undo>& undo);
    [[gnu::cold, gnu::noinline]] void complain(const Packet& packet);

    std::string table() const;
    std::string lookup(std::string_view parameter, ErrorHandler& errh) const;
    int update(std::string_view value, int command, ErrorHandler& errh);
    int control(std::string_view value, ErrorHandler& errh);

    std::vector<IPRoute> _routes{1};  ///< by slot; those without a port are free
    std::vector<uint32_t> _free_slots;
    unsigned _complaints = 0;
};

}  // namespace click
