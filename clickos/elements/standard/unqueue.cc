// SPDX-License-Identifier: Apache-2.0
/*
=c
Unqueue([BURST, I<keywords> ACTIVE, LIMIT])
=s shaping
pulls packets and pushes them on
=d
Pulls BURST packets (1 by default) at each turn and pushes them out, while there are any. Whether the output has room is
not asked: a full queue behind it drops what comes. A turn moves up to 32 packets where nothing tells the difference.

Keyword arguments are:
=over 8
=item BURST
Integer. How many packets are moved at each turn; 0 or less for all that there are. Default is 1.
=item ACTIVE
Boolean. Whether packets are pulled. Default is true.
=item LIMIT
Integer. How many packets are moved; negative for no limit. Default is -1.
=back
=h count read
How many packets were moved.
=h reset write
Sets the count to 0 and starts anew.
=h reset_counts write
The same as C<reset>.
=h active read/write
The ACTIVE argument.
=h limit read/write
The LIMIT argument.
=h burst read/write
The BURST argument.
=use task-handlers
=e
  InfiniteSource(LIMIT 5) -> Queue -> Unqueue -> Print -> Discard;
=a Queue
*/
#include <click/pullelement.hh>

namespace click {

namespace {

class Unqueue final : public PullElement {
public:
    const char* class_name() const override { return "Unqueue"; }
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPullToPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("BURST", _burst, 1)
            .keyword("ACTIVE", _active, true)
            .keyword("LIMIT", _limit, -1)
            .complete();
    }
    bool can_live_reconfigure() const override { return true; }

    void add_handlers() override {
        add_pull_handlers();
        add_write_handler<&Unqueue::reset_count>("reset", 0, Handler::kButton);
        add_setting_handler<&Unqueue::start>("limit", _limit);
        add_setting_handler<&Unqueue::start>("burst", _burst);
    }

protected:
    void take(PacketBatch& batch) override { output(0).push(batch); }
};

}  // namespace

CLICK_ELEMENT(Unqueue)

}  // namespace click
