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

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "net/ether.hh"
#include "net/etheraddress.hh"

namespace click {

namespace {

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
    enum Part { kType, kSource, kDestination };
    std::string part(int which) const;
    int set_part(std::string_view value, int which, ErrorHandler& errh);

    EtherHeader _header{};
};

int EtherEncap::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    uint16_t type = 0;
    EtherAddress source;
    EtherAddress destination;
    if (Args(conf, this, errh)
            .mandatory("ETHERTYPE", type)
            .mandatory("SRC", source)
            .mandatory("DST", destination)
            .complete() < 0) {
        return -1;
    }
    _header.type = net16(type);
    source.write(_header.source);
    destination.write(_header.destination);
    return 0;
}

std::string EtherEncap::part(int which) const {
    if (which == kType) {
        return format("0x%04x", net16(_header.type));
    }
    return EtherAddress::read(which == kSource ? _header.source : _header.destination).unparse();
}

int EtherEncap::set_part(std::string_view value, int which, ErrorHandler& errh) {
    uint64_t type;
    EtherAddress address;
    if (which == kType) {
        if (!parse_unsigned(trim(value), type) || type > 0xffff) {
            return errh.error("expected Ethernet type");
        }
        _header.type = net16(static_cast<uint16_t>(type));
    } else {
        if (!parse_ether_address(trim(value), address)) {
            return errh.error("expected Ethernet address");
        }
        address.write(which == kSource ? _header.source : _header.destination);
    }
    return 0;
}

void EtherEncap::add_handlers() {
    constexpr std::pair<const char*, Part> kParts[] = {
        {"ethertype", kType}, {"etht", kType}, {"src", kSource}, {"dst", kDestination}};
    for (const auto& [name, which] : kParts) {
        add_read_handler<&EtherEncap::part>(name, which, Handler::kCalm);
        add_write_handler<&EtherEncap::set_part>(name, which);
    }
}

}  // namespace

CLICK_ELEMENT(EtherEncap)

}  // namespace click
