// SPDX-License-Identifier: Apache-2.0
#include "elements/ethernet/neighbortableholder.hh"

#include <click/clock.hh>

#include <algorithm>

#include "lang/confparse.hh"

namespace click {

namespace {

bool parse_address(std::string_view text, IPAddress& address) { return parse_ip_address(text, address); }
bool parse_address(std::string_view text, IP6Address& address) { return parse_ip6_address(text, address); }

}  // namespace

template <typename Address>
Args& NeighborTableHolder<Address>::table_keywords(Args& args, typename NeighborTable<Address>::Limits& limits,
                                                   Duration& timeout) {
    return args.keyword("CAPACITY", limits.packets)
        .keyword("ENTRY_CAPACITY", limits.entries)
        .keyword("ENTRY_PACKET_CAPACITY", limits.entry_packets)
        .keyword("CAPACITY_SLIM_FACTOR", limits.slim_factor)
        .keyword("TIMEOUT", timeout);
}

template <typename Address>
int NeighborTableHolder<Address>::initialize(ErrorHandler&) {
    _timer.initialize(this);
    return 0;
}

template <typename Address>
void NeighborTableHolder<Address>::watch_table() {
    int64_t next = _table.next_event();
    if (next < 0 || (_timer.scheduled() && _timer.expiry() <= next)) {
        return;
    }
    // Entries that come in quick succession are looked after together.
    next = std::max(next, clock::steady() + clock::kSecond / 100);
    if (!_timer.scheduled() || next < _timer.expiry()) {
        _timer.schedule_at(next);
    }
}

template <typename Address>
void NeighborTableHolder<Address>::run_timer() {
    _table.expire(clock::steady());
    watch_table();
}

template <typename Address>
void NeighborTableHolder<Address>::take_table(NeighborTableHolder& old) {
    _table.take(old._table);
    watch_table();
}

/// A table alone can send nothing.
template <typename Address>
void NeighborTableHolder<Address>::send_released(const Address& ip) {
    for (bool more = true; more;) {
        PacketBatch dropped;
        _table.release(ip, dropped);
        more = !dropped.empty();
    }
}

template <typename Address>
std::string NeighborTableHolder<Address>::read_table() {
    return shown_table()._table.unparse(clock::steady());
}

template <typename Address>
std::string NeighborTableHolder<Address>::read_number(int which) {
    const NeighborTable<Address>& table = shown_table()._table;
    return std::to_string(which == kCount ? table.size() : table.waiting_packets());
}

template <typename Address>
int NeighborTableHolder<Address>::write_insert(std::string_view value, ErrorHandler& errh) {
    std::vector<std::string> words = split_words(value);
    Address ip;
    EtherAddress ether;
    if (words.size() != 2 || !parse_address(words[0], ip) || !parse_ether_address(words[1], ether)) {
        return errh.error("expected 'IP ETH'");
    }
    bool waited_for = shown_table()._table.insert(ip, ether, clock::steady());
    shown_table().watch_table();
    if (waited_for) {
        send_released(ip);
    }
    return 0;
}

template <typename Address>
int NeighborTableHolder<Address>::write_delete(std::string_view value, ErrorHandler& errh) {
    Address ip;
    if (!parse_address(trim(value), ip)) {
        return errh.error("expected IP address");
    }
    return shown_table()._table.erase(ip) ? 0 : errh.error("%s not found", ip.unparse().c_str());
}

/// `IP ETH AGE`, of addresses that are known.
template <typename Address>
bool NeighborTableHolder<Address>::append_state(uint32_t place, const StateQuery& query, std::string& text) {
    const auto* entry = shown_table()._table.known_at(place);
    if (!entry || !query.wants(entry->live_at)) {
        return false;
    }
    text += entry->ip.unparse() + " " + entry->ether.unparse() + " " + std::to_string(query.age(entry->live_at));
    return true;
}

template <typename Address>
bool NeighborTableHolder<Address>::take_state_line(std::string_view line, int64_t now, bool store) {
    Address ip;
    EtherAddress ether;
    uint64_t age;
    if (!parse_address(take_word(line), ip) || !parse_ether_address(take_word(line), ether) || ether.is_group() ||
        !this->take_number(line, UINT32_MAX, age) || !line.empty()) {
        return false;
    }
    if (!store) {
        return true;
    }
    bool room = shown_table()._table.restore(ip, ether, this->used_at(now, age));
    send_released(ip);
    return room;
}

template <typename Address>
void NeighborTableHolder<Address>::write_clear() {
    shown_table()._table.clear();
}

template <typename Address>
void NeighborTableHolder<Address>::add_table_handlers() {
    add_read_handler<&NeighborTableHolder::read_table>("table");
    add_read_handler<&NeighborTableHolder::read_number>("count", kCount);
    add_read_handler<&NeighborTableHolder::read_number>("length", kLength);
    add_write_handler<&NeighborTableHolder::write_insert>("insert");
    add_write_handler<&NeighborTableHolder::write_delete>("delete");
    add_write_handler<&NeighborTableHolder::write_clear>("clear", 0, Handler::kButton);
    this->add_state_handlers();
}

template class NeighborTableHolder<IPAddress>;
template class NeighborTableHolder<IP6Address>;

}  // namespace click
