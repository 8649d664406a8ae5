// SPDX-License-Identifier: Apache-2.0
/*
=c
MarkIPHeader([OFFSET])
=s ip
sets the IP header annotation
=d
Says that an IP header begins OFFSET bytes (default 0) into each packet. Nothing is checked: where packets may be wrong,
use CheckIPHeader. A packet that is too short to hold a header gets no mark.
=e
  ... -> MarkIPHeader(14) -> IPPrint -> ...
=a CheckIPHeader, StripIPHeader
*/
#include <click/element.hh>

#include "net/ip.hh"

namespace click {

namespace {

class MarkIPHeader final : public PacketAction<MarkIPHeader> {
public:
    const char* class_name() const override { return "MarkIPHeader"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("OFFSET", _offset).complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->length() < size_t{_offset} + sizeof(IpHeader)) {
            packet->clear_network_header();
            return packet;
        }
        const uint8_t* header = packet->data() + _offset;
        packet->set_network_header(header, reinterpret_cast<const IpHeader*>(header)->header_length());
        return packet;
    }

private:
    uint32_t _offset = 0;
};

}  // namespace

CLICK_ELEMENT(MarkIPHeader)

}  // namespace click
