// SPDX-License-Identifier: Apache-2.0
/*
=c
MarkIP6Header([OFFSET])
=s ip6
sets the IPv6 header annotation
=d
Says that an IPv6 header begins OFFSET bytes (default 0) into each packet. Nothing is checked: where packets may be wrong,
use CheckIP6Header. A packet that is too short to hold a header gets no mark.
=e
  ... -> MarkIP6Header(14) -> IP6Print -> ...
=a CheckIP6Header
*/
#include <click/element.hh>

#include "net/ip6.hh"

namespace click {

namespace {

class MarkIP6Header final : public PacketAction<MarkIP6Header> {
public:
    const char* class_name() const override { return "MarkIP6Header"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("OFFSET", _offset, 0).complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->length() < size_t{_offset} + sizeof(Ip6Header)) {
            packet->clear_network_header();
        } else {
            packet->set_network_header(packet->data() + _offset, sizeof(Ip6Header));
        }
        return packet;
    }

private:
    uint32_t _offset = 0;
};

}  // namespace

CLICK_ELEMENT(MarkIP6Header)

}  // namespace click
