// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/clock.hh>

#include <cstring>

#include "elements/ethernet/neighbortableholder.hh"
#include "net/ether.hh"
#include "platform/platform.hh"

namespace click {

/// An element that puts packets into Ethernet frames to neighbors which it asks for: what ARP and IPv6's neighbor
/// discovery have in common. Input 0 takes packets, input 1 answers; questions leave by the last output. `NextHop` says where
/// a packet is to go next, by its annotation.
template <typename Address, Address (*NextHop)(const Packet&)>
class NeighborQuerier : public NeighborTableHolder<Address> {
public:
    const char* port_count() const override { return "2/1-2"; }
    const char* processing() const override { return Element::kPush; }
    const char* flow_code() const override { return "xy/x"; }
    bool can_live_reconfigure() const override { return true; }
    void take_state(Element& old, ErrorHandler&) override {
        auto& predecessor = static_cast<NeighborQuerier&>(old);
        if (_holder == this && predecessor._holder == &predecessor) {
            this->take_table(predecessor);
        }
        _queries += predecessor._queries;
        _responses += predecessor._responses;
        _drops += predecessor._drops;
    }
    void push(int port, PacketBatch& batch) override {
        if (port == 0) {
            batch.map([this](PacketPtr packet) { return send(std::move(packet)); });
            this->output(0).push(batch);
        } else {
            batch.drain([this](PacketPtr packet) { receive_answer(*packet); });
        }
    }

protected:
    using Holder = NeighborTableHolder<Address>;
    using Limits = typename NeighborTable<Address>::Limits;

    /// How questions and their number are called in `stats`.
    explicit NeighborQuerier(const char* questions) : _questions(questions) {}

    /// The Ethernet address of a group, which nobody has to be asked for; false when `ip` is none.
    virtual bool group_address(const Address& ip, EtherAddress& ether) const = 0;
    /// A question for `ip`: to its holder at `known`, or to everybody when that is a broadcast address.
    virtual PacketPtr question(const Address& ip, const EtherAddress& known) = 0;
    virtual void receive_answer(const Packet& packet) = 0;

    /// Uses the table of `holder`, and headers from `source`.
    void use(Holder& holder, const EtherAddress& source, uint16_t ether_type) {
        _holder = &holder;
        _table = &holder.neighbors();
        source.write(_source_and_type);
        uint16_t type = net16(ether_type);
        std::memcpy(_source_and_type + 6, &type, sizeof type);
    }
    NeighborTable<Address>& table() { return *_table; }
    void note_answer() { ++_responses; }
    /// Notes what a neighbor answered, and sends what waited for it.
    void learn(const Address& ip, const EtherAddress& ether) {
        bool waited_for = _table->learn(ip, ether, clock::steady());
        _holder->watch_table();
        if (waited_for) {
            send_released(ip);
        }
    }
    Holder& shown_table() override { return *_holder; }
    void send_released(const Address& ip) override {
        for (bool more = true; more;) {
            PacketBatch batch;
            _table->release(ip, batch);
            more = !batch.empty();
            batch.map([this](PacketPtr packet) { return send(std::move(packet)); });
            this->output(0).push(batch);
        }
    }
    void add_querier_handlers() {
        this->add_table_handlers();
        this->template add_read_handler<&NeighborQuerier::read_number>("queries", kQueries);
        this->template add_read_handler<&NeighborQuerier::read_number>("responses", kResponses);
        this->template add_read_handler<&NeighborQuerier::read_number>("drops", kDrops);
        this->template add_read_handler<&NeighborQuerier::read_stats>("stats");
    }

private:
    enum Number { kQueries, kResponses, kDrops };

    PacketPtr encapsulate(PacketPtr packet, const EtherAddress& destination) const {
        packet = prepend(std::move(packet), sizeof(EtherHeader));
        if (packet) [[likely]] {
            uint8_t* header = packet->mutable_data();
            std::memcpy(header, destination.bytes.data(), 6);
            std::memcpy(header + 6, _source_and_type, 8);
            packet->set_mac_header(header);
        }
        return packet;
    }
    /// The packet in its frame, or null when it has to wait.
    PacketPtr send(PacketPtr packet) {
        Address hop = NextHop(*packet);
        const auto* entry = _table->lookup(hop);
        const EtherAddress* destination;
        EtherAddress resolved;
        if (entry && !entry->stale) [[likely]] {
            destination = &entry->ether;
        } else if (resolve(packet, hop, resolved)) {
            destination = &resolved;
        } else {
            return {};
        }
        return encapsulate(std::move(packet), *destination);
    }
    /// False when the packet was taken because nobody knows yet who has `hop`.
    [[gnu::noinline]] bool resolve(PacketPtr& packet, const Address& hop, EtherAddress& destination) {
        if (const auto* entry = _table->lookup(hop)) {
            // The question may be answered before it returns, which changes the table.
            destination = entry->ether;
            if (_table->ask_again(hop, clock::steady())) {
                ask_for(hop, destination);
            }
            return true;
        }
        if (group_address(hop, destination)) {
            return true;
        }
        if (hop == Address()) {
            if (!_warned_of_zero) {
                platform::log(this->declaration() + ": would query for " + hop.unparse() +
                              "; missing dest IP addr annotation?\n");
                _warned_of_zero = true;
            }
            ++_drops;
            packet.reset();
            return false;
        }
        bool ask = _table->wait_for(hop, std::move(packet), clock::steady());
        _holder->watch_table();
        if (ask) {
            ask_for(hop, EtherAddress::broadcast());
        }
        return false;
    }
    void ask_for(const Address& ip, const EtherAddress& known) {
        if (PacketPtr query = question(ip, known)) {
            query->set_timestamp(clock::now());
            ++_queries;
            this->output(this->noutputs() - 1).push(std::move(query));
        }
    }
    uint64_t drops() const { return _drops + _table->drops(); }
    std::string read_number(int which) const {
        return std::to_string(which == kQueries ? _queries : which == kResponses ? _responses : drops());
    }
    std::string read_stats() const {
        return std::to_string(drops()) + " packets killed\n" + std::to_string(_queries) + " " + _questions + " sent\n";
    }

    const char* _questions;
    NeighborTable<Address>* _table = nullptr;
    Holder* _holder = nullptr;
    /// What stands behind the destination in every header: our address and the type.
    uint8_t _source_and_type[8] = {};
    bool _warned_of_zero = false;
    uint64_t _queries = 0;
    uint64_t _responses = 0;
    uint64_t _drops = 0;
};

}  // namespace click
