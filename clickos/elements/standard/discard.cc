// SPDX-License-Identifier: Apache-2.0
/*
=c
Discard([I<keywords> ACTIVE, BURST])
=s basicsources
drops all packets
=d
Drops every packet that it gets. On a pull input, pulls BURST packets (1 by default) at each turn while there are any.

Keyword arguments are:
=over 8
=item ACTIVE
Boolean. Whether packets are pulled; a push input does not care. Default is true.
=item BURST
Unsigned integer, at least 1. How many packets are pulled at each turn. Default is 1.
=back
=h count read
How many packets were dropped.
=h reset_counts write
Sets the count to 0.
=h active read/write
The ACTIVE argument.
=h burst read/write
The BURST argument.
=use task-handlers
=e
  InfiniteSource(LIMIT 5, STOP true) -> d :: Discard;
  DriverManager(wait_stop, print d.count);
=a Idle
*/
#include <click/pullelement.hh>

#include <limits>

namespace click {

namespace {

class Discard final : public PullElement {
public:
    const char* class_name() const override { return "Discard"; }
    const char* port_count() const override { return "1/0"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).keyword("ACTIVE", _active, true).keyword("BURST", burst(), 1).complete();
    }
    bool can_live_reconfigure() const override { return true; }

    void add_handlers() override {
        add_pull_handlers();
        add_setting_handler("burst", burst());
    }

    void push(int, PacketBatch& batch) override {
        _count += batch.size();
        batch.clear();
    }

protected:
    void take(PacketBatch&) override {}

private:
    Bounded<int32_t> burst() { return bounded(_burst, 1, std::numeric_limits<int32_t>::max(), "bad BURST"); }
};

}  // namespace

CLICK_ELEMENT(Discard)

}  // namespace click
