// SPDX-License-Identifier: Apache-2.0
/*
=c
HostEtherFilter(ETHER [, DROP_OWN, DROP_OTHER, I<keywords> OFFSET])
=s ethernet
drops Ethernet packets for other machines
=d
Passes the Ethernet packets that a network card with address ETHER would: those sent to it, to a group or to everybody.
Sets the packet type annotation of all packets accordingly. What is dropped leaves by output 1, if there is one.

Keyword arguments are:
=over 8
=item DROP_OWN
Boolean. Whether packets that ETHER sent are dropped. Default is false.
=item DROP_OTHER
Boolean. Whether packets to other machines are dropped. Default is true.
=item OFFSET
Unsigned integer. Where the Ethernet header begins. Default is 0.
=back
=h ether read/write
The ETHER argument.
=e
  FromDevice(eth0, PROMISC true) -> HostEtherFilter(02:00:00:00:00:01) -> ...
=a DropBroadcasts, FromDevice
*/
#include <click/element.hh>

#include <cstring>

#include "net/ether.hh"
#include "net/etheraddress.hh"

namespace click {

namespace {

class HostEtherFilter final : public PacketAction<HostEtherFilter> {
public:
    const char* class_name() const override { return "HostEtherFilter"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override { add_setting_handler("ether", _address); }

    PacketPtr simple_action(PacketPtr packet) {
        if (keep(*packet)) [[likely]] {
            return packet;
        }
        checked_push(1, std::move(packet));
        return {};
    }

private:
    bool keep(Packet& packet) const;

    EtherAddress _address;
    bool _drop_own = false;
    bool _drop_other = true;
    uint32_t _offset = 0;
};

int HostEtherFilter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    return Args(conf, this, errh)
        .mandatory("ETHER", _address)
        .optional("DROP_OWN", _drop_own)
        .optional("DROP_OTHER", _drop_other)
        .keyword("OFFSET", _offset)
        .complete();
}

bool HostEtherFilter::keep(Packet& packet) const {
    if (packet.length() < sizeof(EtherHeader) || packet.length() - sizeof(EtherHeader) < _offset) {
        return false;
    }
    const auto* header = reinterpret_cast<const EtherHeader*>(packet.data() + _offset);
    const uint8_t* own = _address.bytes.data();
    if (_drop_own && std::memcmp(header->source, own, 6) == 0) {
        return false;
    }
    if (std::memcmp(header->destination, own, 6) == 0) {
        packet.set_type(Packet::Type::Host);
        return true;
    }
    EtherAddress destination = EtherAddress::read(header->destination);
    if (destination.is_group()) {
        packet.set_type(destination.is_broadcast() ? Packet::Type::Broadcast : Packet::Type::Multicast);
        return true;
    }
    packet.set_type(Packet::Type::OtherHost);
    return !_drop_other;
}

}  // namespace

CLICK_ELEMENT(HostEtherFilter)

}  // namespace click
