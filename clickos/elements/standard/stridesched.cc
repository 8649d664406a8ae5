// SPDX-License-Identifier: Apache-2.0
/*
=c
StrideSched(TICKETS0, ..., TICKETSI<N-1>)
=s scheduling
pulls from its inputs in proportion to tickets
=d
Each pull asks the inputs in the order of their pass (stride scheduling, Waldspurger and Weihl 1995) until one gives a
packet. While all have packets, each input gets turns in proportion to its tickets, 0 to 65536; an input without tickets
is never asked.
=h ticketsI<N> read/write
The tickets of input N.
=e
  s :: StrideSched(1, 3) -> Discard;
  InfiniteSource(DATA a, LIMIT 5) -> Queue -> [0] s;
  InfiniteSource(DATA b, LIMIT 5) -> Queue -> [1] s;
=a StrideSwitch, RoundRobinSched, PrioSched
*/
/*
=c
StrideSwitch(TICKETS0, ..., TICKETSI<N-1>)
=s scheduling
pushes to its outputs in proportion to tickets
=d
Pushes each packet to one output, chosen by stride scheduling, so that each output gets packets in proportion to its
tickets, 0 to 65536.
=h ticketsI<N> read/write
The tickets of output N.
=e
  s :: StrideSwitch(1, 3);
  InfiniteSource(LIMIT 8, STOP true) -> s;
  s[0] -> Print(a) -> Discard;
  s[1] -> Print(b) -> Discard;
=a StrideSched
*/
#include <click/handlercall.hh>

#include <algorithm>
#include <vector>

namespace click {

namespace {

/// The clients of a stride scheduler: ports and their tickets.
class Strides {
public:
    static constexpr uint32_t kMostTickets = 1U << 16;

    struct Client {
        int port;
        uint32_t tickets;
        uint32_t stride;
        uint32_t pass;
    };

    int configure(const std::vector<std::string>& conf, int ports, const Element* element, ErrorHandler& errh) {
        if (static_cast<int>(conf.size()) != ports) {
            return errh.error("need %d arguments, one per port", ports);
        }
        std::vector<Client> clients;
        for (int port = 0; port < ports; ++port) {
            uint32_t tickets = 0;
            ArgContext context(element, errh, "TICKETS");
            if (!parse_arg(conf[static_cast<size_t>(port)], tickets, context)) {
                return -1;
            }
            if (tickets > kMostTickets) {
                errh.warning("port %d's tickets reduced to %u", port, kMostTickets);
            }
            clients.push_back({port, 0, 0, 0});
            set(clients.back(), tickets);
            clients.back().pass = clients.back().stride;
        }
        _clients = std::move(clients);
        _order.clear();
        for (int port = 0; port < ports; ++port) {
            insert(port);
        }
        return 0;
    }

    /// Ports with tickets, who is next first.
    const std::vector<int>& order() const { return _order; }
    uint32_t tickets(int port) const { return _clients[static_cast<size_t>(port)].tickets; }

    /// The port had its turn.
    void served(int port) {
        _order.erase(std::find(_order.begin(), _order.end(), port));
        Client& client = _clients[static_cast<size_t>(port)];
        client.pass += client.stride;
        insert(port);
    }

    void set_tickets(int port, uint32_t tickets) {
        Client& client = _clients[static_cast<size_t>(port)];
        auto place = std::find(_order.begin(), _order.end(), port);
        if (place != _order.end()) {
            _order.erase(place);
        }
        uint32_t now = _order.empty() ? client.pass : _clients[static_cast<size_t>(_order.front())].pass;
        set(client, tickets);
        client.pass = now + client.stride;
        insert(port);
    }

private:
    static constexpr uint32_t kStrideOne = 1U << 16;

    static void set(Client& client, uint32_t tickets) {
        client.tickets = std::min(tickets, kMostTickets);
        client.stride = client.tickets > 0 ? kStrideOne / client.tickets : 0;
    }

    /// Behind all with an earlier or equal pass; passes wrap around.
    void insert(int port) {
        const Client& client = _clients[static_cast<size_t>(port)];
        if (client.tickets == 0) {
            return;
        }
        auto later = std::find_if(_order.begin(), _order.end(), [&](int other) {
            return static_cast<int32_t>(_clients[static_cast<size_t>(other)].pass - client.pass) > 0;
        });
        _order.insert(later, port);
    }

    std::vector<Client> _clients;
    std::vector<int> _order;
};

/// What both elements have in common: the tickets and their handlers.
class StrideElement : public Element {
public:
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return _strides.configure(conf, ports(), this, errh);
    }

    void add_handlers() override {
        for (int port = 0; port < ports(); ++port) {
            add_read_handler<&StrideElement::tickets>("tickets" + std::to_string(port), port);
            add_write_handler<&StrideElement::set_tickets>("tickets" + std::to_string(port), port);
        }
    }

protected:
    virtual int ports() const = 0;
    Strides _strides;

private:
    std::string tickets(int port) { return std::to_string(_strides.tickets(port)); }

    int set_tickets(std::string_view value, int port, ErrorHandler& errh) {
        uint32_t tickets = 0;
        if (read_value(value, tickets, errh) < 0) {
            return -1;
        }
        if (tickets > Strides::kMostTickets) {
            return errh.error("tickets value must be <= %u", Strides::kMostTickets);
        }
        _strides.set_tickets(port, tickets);
        return 0;
    }
};

class StrideSched final : public StrideElement {
public:
    const char* class_name() const override { return "StrideSched"; }
    const char* port_count() const override { return "1-/1"; }
    const char* processing() const override { return kPull; }
    int ports() const override { return ninputs(); }

    void pull(int, PacketBatch& batch, unsigned most) override {
        for (most = std::min(most, batch.room()); most > 0; --most) {
            int port = pull_one(batch);
            if (port < 0) {
                return;
            }
            _strides.served(port);
        }
    }

private:
    int pull_one(PacketBatch& batch) {
        for (int port : _strides.order()) {
            if (PacketPtr packet = input(port).pull()) {
                batch.append(std::move(packet));
                return port;
            }
        }
        return -1;
    }
};

class StrideSwitch final : public StrideElement {
public:
    const char* class_name() const override { return "StrideSwitch"; }
    const char* port_count() const override { return "1/1-"; }
    const char* processing() const override { return kPush; }
    int ports() const override { return noutputs(); }

    void push(int, PacketBatch& batch) override {
        batch.drain([&](PacketPtr packet) {
            if (!_strides.order().empty()) {
                int port = _strides.order().front();
                _strides.served(port);
                output(port).push(std::move(packet));
            }
        });
    }
};

}  // namespace

CLICK_ELEMENT(StrideSched)
CLICK_ELEMENT(StrideSwitch)

}  // namespace click
