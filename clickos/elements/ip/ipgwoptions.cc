// SPDX-License-Identifier: Apache-2.0
/*
=c
IPGWOptions(MYADDR [, OTHERADDRS])
=s ip
processes the IP options that every router processes
=d
Expects IP packets and does what Record Route and Timestamp options ask of a router, whoever a packet is for (RFC 791 3.1,
RFC 1812 4.2.2.2 and 5.3.13); other options, source routes among them, are left alone. MYADDR is the router's address on
the interface that the packets leave by, so the element belongs there. The checksum is computed anew when a packet is
changed.

OTHERADDRS are the router's other addresses, separated by spaces: with MYADDR, those at which a Timestamp option of
prespecified addresses may ask for the time.

A packet with a wrong option gets the ICMP Parameter Problem annotation, which says at which byte, and leaves by output 1
if that is connected; it is dropped if not. Connect an ICMPError there.
=h drops read-only
How many packets had wrong options.
=e
  ... -> op :: IPGWOptions(18.26.4.24) -> FixIPSrc(18.26.4.24) -> ...
  op[1] -> ICMPError(18.26.4.24, parameterproblem) -> ...
=a ICMPError
*/
#include <click/element.hh>

#include "elements/ip/gatewayoptions.hh"

namespace click {

namespace {

class IPGWOptions final : public PacketAction<IPGWOptions> {
public:
    const char* class_name() const override { return "IPGWOptions"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        IPAddress address;
        IPAddressList others;
        int result = Args(conf, this, errh).mandatory("MYADDR", address).optional("OTHERADDRS", others).complete();
        _options.set_addresses(address, std::move(others));
        return result;
    }
    void add_handlers() override { add_data_handler("drops", _drops); }

    PacketPtr simple_action(PacketPtr packet) {
        if (GatewayOptions::is_plain(*packet)) [[likely]] {
            return packet;
        }
        bool wrong = false;
        packet = _options.process(std::move(packet), wrong);
        if (wrong) {
            ++_drops;
            checked_push(1, std::move(packet));
            return {};
        }
        return packet;
    }

private:
    GatewayOptions _options;
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(IPGWOptions)

}  // namespace click
