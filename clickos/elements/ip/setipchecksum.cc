// SPDX-License-Identifier: Apache-2.0
/*
=c
SetIPChecksum()
=s ip
sets the checksum of IP headers
=d
Expects IP packets, which begin with their header where none is marked. Works the header's checksum out anew; the old one
does not matter. A packet whose header is not whole is dropped.
=h drops read
How many packets were dropped.
=e
  ... -> MarkIPHeader -> SetIPChecksum -> CheckIPHeader -> ...
=a CheckIPHeader, SetTCPChecksum, SetUDPChecksum
*/
#include <click/element.hh>

#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

namespace {

class SetIPChecksum final : public PacketAction<SetIPChecksum> {
public:
    const char* class_name() const override { return "SetIPChecksum"; }
    void add_handlers() override { add_data_handler("drops", _drops); }

    PacketPtr simple_action(PacketPtr packet) {
        bool marked = packet->has_network_header();
        if (!marked && packet->length() >= sizeof(IpHeader)) {
            packet->set_network_header(packet->data(), sizeof(IpHeader));
        }
        packet = whole_ip_header(*packet) ? uniqueify(std::move(packet)) : PacketPtr();
        if (!packet) [[unlikely]] {
            ++_drops;
            return packet;
        }
        IpHeader* ip = mutable_ip_header(*packet);
        ip->checksum = 0;
        ip->checksum = ip_header_checksum(ip, ip->header_length());
        if (!marked) {
            packet->clear_network_header();
        }
        return packet;
    }

private:
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(SetIPChecksum)

}  // namespace click
