// SPDX-License-Identifier: Apache-2.0
/*
=c
DecIPTTL([I<keywords> ACTIVE, MULTICAST])
=s ip
decrements the time to live of IP packets
=d
Expects IP packets. One whose time to live is over (1 or less) leaves by output 1 if that is connected and is dropped if
not; connect an ICMPError there. Every other packet's time to live is decremented, its checksum updated, and it leaves by
output 0.

Keyword arguments are:
=over 8
=item ACTIVE
Boolean. False lets all packets pass as they are. Default is true.
=item MULTICAST
Boolean. False lets packets to multicast addresses pass as they are. Default is true.
=back
=h drops read-only
How many packets had no time left.
=h active read/write
The value of ACTIVE.
=e
  ... -> CheckIPHeader -> dt :: DecIPTTL -> ...
  dt[1] -> ICMPError(18.26.4.24, timeexceeded) -> ...
=a ICMPError, CheckIPHeader
*/
#include <click/element.hh>

#include "elements/ip/timetolive.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class DecIPTTL final : public PacketAction<DecIPTTL> {
public:
    const char* class_name() const override { return "DecIPTTL"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .keyword("ACTIVE", _active, true)
            .keyword("MULTICAST", _multicast, true)
            .complete();
    }
    void add_handlers() override {
        add_data_handler("drops", _drops);
        add_setting_handler("active", _active);
    }

    [[gnu::always_inline]] PacketPtr simple_action(PacketPtr packet) {
        const IpHeader* ip = ip_header(*packet);
        if (!ip) [[unlikely]] {
            return {};
        }
        if (!_active || (!_multicast && IPAddress(ip->destination).is_multicast())) {
            return packet;
        }
        if (ip->ttl <= 1) [[unlikely]] {
            ++_drops;
            checked_push(1, std::move(packet));
            return {};
        }
        packet = uniqueify(std::move(packet));
        if (!packet) [[unlikely]] {
            return {};
        }
        decrement_ttl(*mutable_ip_header(*packet));
        return packet;
    }

private:
    bool _active = true;
    bool _multicast = true;
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(DecIPTTL)

}  // namespace click
