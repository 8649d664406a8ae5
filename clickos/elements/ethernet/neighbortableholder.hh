// SPDX-License-Identifier: Apache-2.0
/*
=block neighbor-keywords
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
=block neighbor-numbers
=h count read-only
Number of entries.
=h length read-only
Number of waiting packets.
=block neighbor-entries
=h insert write-only
Adds C<IP ETH>.
=h delete write-only
Removes the entry of an IP address.
=block neighbor-state
=h clear write-only
Removes all entries.
=h state read/write
The known addresses in a form that another table of the same configuration takes when it is written there, in chunks: read with the position
that the end of the first line says, until that is C<end>. The first line is C<neighbors 1 CLASS NOW NEXT>; the others are
C<IP ETH AGE>, where AGE is in milliseconds.
=h state_since read-only
The same of what was used since a time: the parameter is C<SINCE [POSITION]>, SINCE being the NOW of an earlier chunk.
*/
#pragma once
#include <click/task.hh>

#include "elements/standard/stateelement.hh"
#include "lib/neighbor_table.hh"

namespace click {

/// An element with a table of neighbors: its keywords and handlers, and the timer that lets entries grow old.
template <typename Address>
class NeighborTableHolder : public StateElement {
public:
    int initialize(ErrorHandler& errh) override;
    void run_timer() override;

    NeighborTable<Address>& neighbors() { return _table; }
    /// To be called after the table has got an entry: sees to it that the timer runs in time.
    void watch_table();
    /// Takes over entries, waiting packets and drops.
    void take_table(NeighborTableHolder& old);

protected:
    /// Adds the keywords of a table, for `limits` and its `timeout`.
    static Args& table_keywords(Args& args, typename NeighborTable<Address>::Limits& limits, Duration& timeout);
    void add_table_handlers();
    const char* state_kind() const override { return "neighbors"; }
    uint32_t state_end() override { return shown_table()._table.end(); }
    bool append_state(uint32_t place, const StateQuery& query, std::string& text) override;
    bool take_state_line(std::string_view line, int64_t now, bool store) override;
    void state_taken() override { shown_table().watch_table(); }
    /// The table that handlers show; another element's where elements share one.
    virtual NeighborTableHolder& shown_table() { return *this; }
    /// What becomes of packets that wait for an address which a handler made known.
    virtual void send_released(const Address& ip);

private:
    enum Number { kCount, kLength };

    std::string read_table();
    std::string read_number(int which);
    int write_insert(std::string_view value, ErrorHandler& errh);
    int write_delete(std::string_view value, ErrorHandler& errh);
    void write_clear();

    NeighborTable<Address> _table;
    Timer _timer{this};
};

using ArpTableHolder = NeighborTableHolder<IPAddress>;

}  // namespace click
