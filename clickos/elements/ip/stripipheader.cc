// SPDX-License-Identifier: Apache-2.0
/*
=c
StripIPHeader()
UnstripIPHeader()
=s ip
removes the IP header from packets, or puts it back
=d
StripIPHeader removes everything up to the end of the marked IP header. The mark stays where it is, now before the data,
so that UnstripIPHeader can undo it; for IP in IP, mark the inner header with CheckIPHeader or MarkIPHeader. A packet
without a mark, or that already begins where the header is to end (or to begin), passes as it is.
=e
  ... -> CheckIPHeader -> StripIPHeader -> CheckIPHeader -> ...
=a CheckIPHeader, MarkIPHeader, Strip
*/
#include <click/element.hh>

#include "net/ip.hh"

namespace click {

namespace {

class StripIPHeader final : public PacketAction<StripIPHeader> {
public:
    const char* class_name() const override { return "StripIPHeader"; }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->has_network_header() && packet->transport_header() > packet->data() &&
            packet->transport_header() <= packet->end_data()) {
            packet->pull(static_cast<uint32_t>(packet->transport_header() - packet->data()));
        }
        return packet;
    }
};

class UnstripIPHeader final : public PacketAction<UnstripIPHeader> {
public:
    const char* class_name() const override { return "UnstripIPHeader"; }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->has_network_header() && packet->network_header() < packet->data()) {
            packet->unpull(static_cast<uint32_t>(packet->data() - packet->network_header()));
        }
        return packet;
    }
};

}  // namespace

CLICK_ELEMENT(StripIPHeader)
CLICK_ELEMENT(UnstripIPHeader)

}  // namespace click
