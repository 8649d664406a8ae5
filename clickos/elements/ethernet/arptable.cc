// SPDX-License-Identifier: Apache-2.0
/*
=c
ARPTable(I<keywords>)
=s arp
holds IP to Ethernet mappings for several ARPQueriers
=d
An ARPQuerier has a table of its own unless its TABLE names an ARPTable. Entries and waiting packets survive hot-swapping.

Keyword arguments are:
=over 8
=item CAPACITY
Unsigned integer. How many packets wait for replies at most. Default is 2048; zero means 65536. A small machine keeps fewer:
a sixteenth of its free memory.
=item ENTRY_CAPACITY
Unsigned integer. How many entries the table has at most; the oldest of those without an answer makes room, or else the
oldest. Default is zero, which means 65536, or what a sixteenth of the free memory of a small machine holds.
=item ENTRY_PACKET_CAPACITY
Unsigned integer. How many packets wait for one reply at most. Default is zero, which means no limit.
=item CAPACITY_SLIM_FACTOR
Unsigned integer. When too many packets wait, one in so many of them, the oldest ones, are dropped. Default is 2.
=item TIMEOUT
Time value. How long an entry lives after the last reply. Default is 5 minutes; zero means for ever.
=back
=h table read-only
One line an entry, oldest first: IP address, 1 or 0 for known or not, Ethernet address, seconds since the last reply.
=h drops read-only
Packets that were dropped because of time or capacity.
=h count read-only
Number of entries.
=h length read-only
Number of waiting packets.
=h insert write-only
Adds C<IP ETH>.
=h delete write-only
Removes the entry of an IP address.
=h clear write-only
Removes all entries.
=a ARPQuerier
*/
#include "elements/ethernet/arptableholder.hh"

#include <click/clock.hh>

#include <algorithm>

#include "lang/confparse.hh"

namespace click {

Args& ArpTableHolder::table_keywords(Args& args, ArpTable::Limits& limits, Duration& timeout) {
    return args.keyword("CAPACITY", limits.packets)
        .keyword("ENTRY_CAPACITY", limits.entries)
        .keyword("ENTRY_PACKET_CAPACITY", limits.entry_packets)
        .keyword("CAPACITY_SLIM_FACTOR", limits.slim_factor)
        .keyword("TIMEOUT", timeout);
}

int ArpTableHolder::initialize(ErrorHandler&) {
    _timer.initialize(this);
    return 0;
}

void ArpTableHolder::watch_table() {
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

void ArpTableHolder::run_timer() {
    _table.expire(clock::steady());
    watch_table();
}

void ArpTableHolder::take_table(ArpTableHolder& old) {
    _table.take(old._table);
    watch_table();
}

/// A table alone can send nothing.
void ArpTableHolder::send_released(IPAddress ip) {
    for (bool more = true; more;) {
        PacketBatch dropped;
        _table.release(ip, dropped);
        more = !dropped.empty();
    }
}

std::string ArpTableHolder::read_table() { return shown_table()._table.unparse(clock::steady()); }

std::string ArpTableHolder::read_number(int which) {
    const ArpTable& table = shown_table()._table;
    return std::to_string(which == kCount ? table.size() : table.waiting_packets());
}

int ArpTableHolder::write_insert(std::string_view value, ErrorHandler& errh) {
    std::vector<std::string> words = split_words(value);
    IPAddress ip;
    EtherAddress ether;
    if (words.size() != 2 || !parse_ip_address(words[0], ip) || !parse_ether_address(words[1], ether)) {
        return errh.error("expected 'IP ETH'");
    }
    bool waited_for = shown_table()._table.insert(ip, ether, clock::steady());
    shown_table().watch_table();
    if (waited_for) {
        send_released(ip);
    }
    return 0;
}

int ArpTableHolder::write_delete(std::string_view value, ErrorHandler& errh) {
    IPAddress ip;
    if (!parse_ip_address(trim(value), ip)) {
        return errh.error("expected IP address");
    }
    return shown_table()._table.erase(ip) ? 0 : errh.error("%s not found", ip.unparse().c_str());
}

void ArpTableHolder::write_clear() { shown_table()._table.clear(); }

void ArpTableHolder::add_table_handlers() {
    add_read_handler<&ArpTableHolder::read_table>("table");
    add_read_handler<&ArpTableHolder::read_number>("count", kCount);
    add_read_handler<&ArpTableHolder::read_number>("length", kLength);
    add_write_handler<&ArpTableHolder::write_insert>("insert");
    add_write_handler<&ArpTableHolder::write_delete>("delete");
    add_write_handler<&ArpTableHolder::write_clear>("clear", 0, Handler::kButton);
}

namespace {

class ARPTable final : public ArpTableHolder {
public:
    const char* class_name() const override { return "ARPTable"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        ArpTable::Limits limits;
        Args args(conf, this, errh);
        Duration timeout{limits.timeout};
        if (table_keywords(args, limits, timeout).complete() < 0) {
            return -1;
        }
        limits.timeout = timeout.nanoseconds;
        // An ARPQuerier may have said before what it polls after; the order of declarations does not matter.
        limits.poll_after = arp_table().limits().poll_after;
        return arp_table().set_limits(limits, errh);
    }
    void take_state(Element& old, ErrorHandler&) override { take_table(static_cast<ARPTable&>(old)); }
    void add_handlers() override {
        add_table_handlers();
        add_read_handler<&ARPTable::drops>("drops");
    }

private:
    /// Queriers use its table.
    void* role(Role asked) override { return asked == kRoleOf<ArpTableHolder> ? this : nullptr; }
    std::string drops() { return std::to_string(arp_table().drops()); }
};

}  // namespace

CLICK_ELEMENT(ARPTable)

}  // namespace click
