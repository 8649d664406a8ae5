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
=use neighbor-keywords
Time value. How long an entry lives after the last reply. Default is 5 minutes; zero means for ever.
=back
=h table read-only
One line an entry, oldest first: IP address, 1 or 0 for known or not, Ethernet address, seconds since the last reply.
=h drops read-only
Packets that were dropped because of time or capacity.
=use neighbor-numbers
=use neighbor-entries
=use neighbor-state
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
