// SPDX-License-Identifier: Apache-2.0
/*
=c
EtherEncap(ETHERTYPE, SRC, DST)
=s ethernet
puts an Ethernet header in front of packets
=d
Adds the 14 bytes of an Ethernet header with that type, source and destination, and marks it as the packet's MAC header.
=h src read/write
The source address.
=h dst read/write
The destination address.
=h ethertype read/write
The type.
=h etht read/write
The same as C<ethertype>.
=e
  ... -> Queue -> EtherEncap(0x0800, 1:1:1:1:1:1, 2:2:2:2:2:2) -> ToDevice(eth0);
=a ARPQuerier, EtherMirror, Strip
*/
#include <click/element.hh>

#include <cstring>

#include "lib/format.hh"
#include "net/ether.hh"
#include "net/etheraddress.hh"

namespace click {

namespace {

struct EtherType {
    uint16_t number = 0;
};
std::string show_value(EtherType value) { return format("0x%04x", value.number); }
bool parse_arg(std::string_view text, EtherType& value, ArgContext& context) {
    int64_t number;
    if (!parse_integer(text, 0, 0xffff, number, context)) {
        return false;
    }
    value.number = static_cast<uint16_t>(number);
    return true;
}

class EtherEncap final : public PacketAction<EtherEncap> {
public:
    const char* class_name() const override { return "EtherEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override;

    PacketPtr simple_action(PacketPtr packet) {
        packet = prepend(std::move(packet), sizeof _header);
        if (packet) [[likely]] {
            std::memcpy(packet->mutable_data(), &_header, sizeof _header);
            packet->set_mac_header(packet->data());
        }
        return packet;
    }

private:
    void make_header() {
        _header.type = net16(_type.number);
        _source.write(_header.source);
        _destination.write(_header.destination);
    }

    EtherType _type;
    EtherAddress _source;
    EtherAddress _destination;
    EtherHeader _header{};
};

int EtherEncap::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    if (Args(conf, this, errh)
            .mandatory("ETHERTYPE", _type)
            .mandatory("SRC", _source)
            .mandatory("DST", _destination)
            .complete() < 0) {
        return -1;
    }
    make_header();
    return 0;
}

void EtherEncap::add_handlers() {
    add_setting_handler<&EtherEncap::make_header>("ethertype", _type);
    add_setting_handler<&EtherEncap::make_header>("etht", _type);
    add_setting_handler<&EtherEncap::make_header>("src", _source);
    add_setting_handler<&EtherEncap::make_header>("dst", _destination);
}

}  // namespace

CLICK_ELEMENT(EtherEncap)

}  // namespace click
