// SPDX-License-Identifier: Apache-2.0
/*
=c
FixIPSrc(IPADDR)
=s ip
sets the IP source address where an annotation asks for it
=d
Expects IP packets. One with the Fix IP Source annotation gets IPADDR as its source address and a new checksum, and loses
the annotation; all others pass as they are. An element that makes packets before it is known which interface they leave
by, such as ICMPError, sets the annotation (RFC 1812 4.3.2.4).
=e
  ... -> DropBroadcasts -> IPGWOptions(18.26.4.24) -> FixIPSrc(18.26.4.24) -> ...
=a ICMPError
*/
#include <click/element.hh>

#include "elements/ip/wantedsource.hh"

namespace click {

namespace {

class FixIPSrc final : public PacketAction<FixIPSrc> {
public:
    const char* class_name() const override { return "FixIPSrc"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("IPADDR", _address).complete();
    }
    bool can_live_reconfigure() const override { return true; }

    PacketPtr simple_action(PacketPtr packet) {
        return wants_source(*packet) ? give_source(std::move(packet), _address) : std::move(packet);
    }

private:
    IPAddress _address;
};

}  // namespace

CLICK_ELEMENT(FixIPSrc)

}  // namespace click
