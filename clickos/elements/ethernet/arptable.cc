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
=h state read/write
The known addresses in a form that another table of the same configuration takes when it is written there, in chunks: read with the position
that the end of the first line says, until that is C<end>. The first line is C<neighbors 1 CLASS NOW NEXT>; the others are
C<IP ETH AGE>, where AGE is in milliseconds.
=h state_since read-only
The same of what was used since a time: the parameter is C<SINCE [POSITION]>, SINCE being the NOW of an earlier chunk.
=e
  neighbors :: ARPTable(TIMEOUT 60s);
  ... -> a :: ARPQuerier(10.0.0.1, 02:00:00:00:00:01, TABLE neighbors) -> ...
  ... -> [1]a;
=a ARPQuerier
*/
#include "elements/ethernet/neighbortableholder.hh"

namespace click {

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
        limits.poll_after = neighbors().limits().poll_after;
        return neighbors().set_limits(limits, errh);
    }
    void take_state(Element& old, ErrorHandler&) override { take_table(static_cast<ARPTable&>(old)); }
    void add_handlers() override {
        add_table_handlers();
        add_read_handler<&ARPTable::drops>("drops");
    }

private:
    /// Queriers use its table.
    void* role(Role asked) override { return asked == kRoleOf<ArpTableHolder> ? this : nullptr; }
    std::string drops() { return std::to_string(neighbors().drops()); }
};

}  // namespace

CLICK_ELEMENT(ARPTable)

}  // namespace click
