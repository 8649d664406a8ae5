// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "elements/ip/routetable.hh"
#include "lib/prefix_trie.hh"

namespace click {

/// Base of the tables that find IPv4 routes in a trie.
class TrieRouteTable : public IPRouteTable {
public:
    void add_handlers() override {
        add_table_handlers();
        add_update_handlers();
    }

protected:
    uint32_t slot_for(const IPAddress& address) const final { return _trie.lookup(address.host_order()); }
    void attach(uint32_t slot) override { _trie.insert(route(slot).address.host_order(), length(route(slot)), slot); }
    void detach(uint32_t slot) override { _trie.erase(route(slot).address.host_order(), length(route(slot))); }

private:
    bool takes_mask(const IPAddress& mask) const override { return mask.mask_length() >= 0; }
    uint32_t slot_of(const IPRoute& prefix) const override {
        return takes_mask(prefix.mask) ? _trie.find(prefix.address.host_order(), length(prefix)) : kNoRoute;
    }
    static unsigned length(const IPRoute& route) { return static_cast<unsigned>(route.mask.mask_length()); }

    PrefixTrie _trie;
};

}  // namespace click
