// SPDX-License-Identifier: Apache-2.0
/*
=c
MaglevBalancer(FOUTPUT ROUTPUT, SERVER1, ..., SERVERn [, I<keywords> TABLE_SIZE, SEED])
=s nat
shares flows among servers by consistent hashing
=d
An INPUTSPEC of IPRewriter and its kin, which makes them a TCP and UDP load balancer. Each SERVER is C<ADDR> or
C<ADDR PORT>. A new flow is sent to one of them: its destination address, and its port if there is one, become the
server's. Packets of the flow leave the rewriter by FOUTPUT, those of the server's answers by ROUTPUT.

Which server a new flow gets is looked up by a hash of its addresses, ports and protocol in a Maglev table (Eisenbud et
al., NSDI 2016): servers have equal shares, and when one comes or goes, nearly all flows would get whom they got before.
So a number of balancers with the same arguments can be put side by side; and who takes over from another one sends most
connections to their servers even if it has none of the other's mappings.

Servers are added and removed by handlers while traffic flows. Connections that have mappings keep their server, also
one that was removed: only new flows go elsewhere. Without servers, new flows are dropped.

Keyword arguments are:
=over 8
=item TABLE_SIZE
Prime number. The more places there are for each server, the more equal are their shares. Default is 65537.
=item SEED
Unsigned. Balancers with the same one choose alike. Default is 0.
=back
=h servers read-only
The servers, a line for each: C<ADDR PORT COUNT>, COUNT being how many new flows it got.
=h add write-only
Adds a server.
=h remove write-only
Removes one.
=h state read/write
The servers in a form that another balancer of the same configuration takes when it is written there, in chunks: read with the position
that the end of the first line says, until that is C<end>. The first line is C<servers 1 CLASS NOW NEXT>; the others are
C<PLACE COUNT ADDR PORT FLOWS>.
=h state_since read-only
The same of what was used since a time: the parameter is C<SINCE [POSITION]>, SINCE being the NOW of an earlier chunk.
=e
  servers :: MaglevBalancer(0 1, 10.0.0.1 80, 10.0.0.2 80);
  rw :: IPRewriter(servers, drop);
  outside :: Idle -> [0]rw; rw[0] -> Discard;
  inside :: Idle -> [1]rw; rw[1] -> Discard;
=a IPRewriter, SourceIPHashMapper, RoundRobinIPMapper
*/

#include <algorithm>
#include <utility>

#include "elements/rewriter/pattern.hh"
#include "elements/standard/stateelement.hh"
#include "lang/confparse.hh"
#include "lib/maglev.hh"

namespace click {

namespace {

struct Server {
    IPAddress address;
    uint16_t port = 0;  ///< host order; 0 leaves a flow's own
    uint64_t flows = 0;

    /// What it is known by to all balancers.
    uint64_t key() const { return uint64_t{address.host_order()} << 16 | port; }
    std::string unparse() const { return address.unparse() + " " + (port != 0 ? std::to_string(port) : "-"); }
};

class MaglevBalancer final : public StateElement, public FlowMapper {
public:
    const char* class_name() const override { return "MaglevBalancer"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override {
        add_read_handler<&MaglevBalancer::read_servers>("servers");
        add_write_handler<&MaglevBalancer::write_add>("add");
        add_write_handler<&MaglevBalancer::write_remove>("remove");
        add_state_handlers();
    }
    bool map(const FlowKey& flow, const MappingTable& table, NewFlow& result) override;
    int highest_output() const override { return std::max(_outputs[0], _outputs[1]); }

private:
    void* role(Role asked) override { return asked == kRoleOf<FlowMapper> ? static_cast<FlowMapper*>(this) : nullptr; }
    int parse_server(std::string_view text, Server& server, ErrorHandler& errh) const;
    int use(std::vector<Server> servers, ErrorHandler& errh);
    std::string read_servers() const;
    int write_add(std::string_view value, ErrorHandler& errh);
    int write_remove(std::string_view value, ErrorHandler& errh);
    const char* state_kind() const override { return "servers"; }
    uint32_t state_end() override { return static_cast<uint32_t>(_servers.size()); }
    bool append_state(uint32_t place, const StateQuery& query, std::string& text) override;
    bool take_state_line(std::string_view line, int64_t now, bool store) override;
    static auto find(std::vector<Server>& servers, const Server& server) {
        return std::find_if(servers.begin(), servers.end(),
                            [&](const Server& other) { return other.key() == server.key(); });
    }

    int _outputs[2] = {0, 0};
    uint32_t _size = 0;
    uint64_t _seed = 0;
    std::vector<Server> _servers;  ///< in the order of their keys
    std::vector<Server> _coming;   ///< of a state that was not read to its end yet
    MaglevTable _table;
};

int MaglevBalancer::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kDefaultSize = 65537;
    std::vector<std::string> arguments;
    if (Args(conf, this, errh)
            .keyword("TABLE_SIZE", bounded(_size, 2, MaglevTable::kMostSize), kDefaultSize)
            .keyword("SEED", _seed, 0)
            .rest(arguments)
            .complete() < 0) {
        return -1;
    }
    std::vector<std::string> outputs = arguments.empty() ? std::vector<std::string>() : split_words(arguments[0]);
    int result = 0;
    if (outputs.size() != 2 || !parse_outputs(outputs[0], outputs[1], _outputs)) {
        result = errh.error("first argument: expected 'FOUTPUT ROUTPUT'");
    }
    if (!MaglevTable::is_prime(_size)) {
        result = errh.error("TABLE_SIZE: %u is no prime number", _size);
    }
    std::vector<Server> servers;
    for (size_t i = 1; i < arguments.size(); ++i) {
        Server server;
        if (parse_server(arguments[i], server, errh) < 0) {
            result = -1;
        } else if (find(servers, server) != servers.end()) {
            result = errh.error("server '%s' is there twice", server.unparse().c_str());
        } else {
            servers.push_back(server);
        }
    }
    return result < 0 ? -1 : use(std::move(servers), errh);
}

int MaglevBalancer::parse_server(std::string_view text, Server& server, ErrorHandler& errh) const {
    std::vector<std::string> words = split_words(text);
    uint64_t port = 0;
    SilentErrorHandler silent;
    ArgContext context(this, silent, {});
    if (words.empty() || words.size() > 2 || !parse_arg(words[0], server.address, context) ||
        (words.size() == 2 && words[1] != "-" && (!parse_unsigned(words[1], port) || port < 1 || port > UINT16_MAX))) {
        return errh.error("expected a server, 'ADDR [PORT]', got '%s'", std::string(text).c_str());
    }
    server.port = static_cast<uint16_t>(port);
    return 0;
}

/// All or nothing.
int MaglevBalancer::use(std::vector<Server> servers, ErrorHandler& errh) {
    if (servers.size() > _size) {
        return errh.error("%zu servers for %u places; configure TABLE_SIZE", servers.size(), _size);
    }
    std::sort(servers.begin(), servers.end(), [](const Server& a, const Server& b) { return a.key() < b.key(); });
    std::vector<uint64_t> names;
    names.reserve(servers.size());
    for (const Server& server : servers) {
        names.push_back(server.key());
    }
    if (!_table.fill(names, _size)) {
        return errh.error("out of memory: no room for %u places", _size);
    }
    _servers = std::move(servers);
    return 0;
}

bool MaglevBalancer::map(const FlowKey& flow, const MappingTable&, NewFlow& result) {
    uint32_t chosen = _table.find(keyed_hash(&flow, sizeof flow, _seed));
    if (chosen == MaglevTable::kNone) {
        return false;
    }
    Server& server = _servers[chosen];
    ++server.flows;
    result.id.destination = server.address.network_order();
    if (server.port != 0) {
        result.id.destination_port = net16(server.port);
    }
    result.outputs[0] = _outputs[0];
    result.outputs[1] = _outputs[1];
    return true;
}

std::string MaglevBalancer::read_servers() const {
    std::string text;
    for (const Server& server : _servers) {
        text += server.unparse() + " " + std::to_string(server.flows) + "\n";
    }
    return text;
}

int MaglevBalancer::write_add(std::string_view value, ErrorHandler& errh) {
    Server server;
    if (parse_server(value, server, errh) < 0) {
        return -1;
    }
    std::vector<Server> servers = _servers;
    if (find(servers, server) != servers.end()) {
        return errh.error("server '%s' is there already", server.unparse().c_str());
    }
    servers.push_back(server);
    return use(std::move(servers), errh);
}

int MaglevBalancer::write_remove(std::string_view value, ErrorHandler& errh) {
    Server server;
    if (parse_server(value, server, errh) < 0) {
        return -1;
    }
    std::vector<Server> servers = _servers;
    auto found = find(servers, server);
    if (found == servers.end()) {
        return errh.error("no server '%s'", server.unparse().c_str());
    }
    servers.erase(found);
    return use(std::move(servers), errh);
}

/// `PLACE COUNT ADDR PORT FLOWS`: all servers, or none, change at the last one.
bool MaglevBalancer::append_state(uint32_t place, const StateQuery&, std::string& text) {
    const Server& server = _servers[place];
    text += format("%u %zu %s %u %llu", place, _servers.size(), server.address.unparse().c_str(), server.port,
                   static_cast<unsigned long long>(server.flows));
    return true;
}

bool MaglevBalancer::take_state_line(std::string_view line, int64_t, bool store) {
    Server server;
    uint64_t place;
    uint64_t count;
    uint64_t port;
    if (!take_number(line, MaglevTable::kMostSize, place) || !take_number(line, MaglevTable::kMostSize, count) ||
        place >= count || !parse_ip_address(take_word(line), server.address) || !take_number(line, UINT16_MAX, port) ||
        !take_number(line, UINT64_MAX, server.flows) || !line.empty()) {
        return false;
    }
    if (!store) {
        return true;
    }
    server.port = static_cast<uint16_t>(port);
    if (place == 0) {
        _coming.clear();
    }
    if (place != _coming.size()) {
        return false;
    }
    _coming.push_back(server);
    SilentErrorHandler silent;
    return place + 1 < count || use(std::exchange(_coming, {}), silent) >= 0;
}

/// Which servers there are says the new configuration.
void MaglevBalancer::take_state(Element& old, ErrorHandler&) {
    for (const Server& server : static_cast<MaglevBalancer&>(old)._servers) {
        auto found = find(_servers, server);
        if (found != _servers.end()) {
            found->flows += server.flows;
        }
    }
}

}  // namespace

CLICK_ELEMENT(MaglevBalancer)

}  // namespace click
