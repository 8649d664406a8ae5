// SPDX-License-Identifier: Apache-2.0
/*
=c
StoreIPAddress([ADDR,] OFFSET)
=s ip
writes an IP address into packets
=d
Writes ADDR, or the packet's destination address annotation where no ADDR is given, into each packet, OFFSET bytes from its
start. C<StoreIPAddress(src)> and C<StoreIPAddress(dst)> write the source or destination of the marked IP header, and
update its checksum and those of TCP and UDP. Packets that are too short leave by output 1 if it is connected and are
dropped if not.

Keyword arguments are:
=over 8
=item ADDR
IP address. Default is the annotation.
=item OFFSET
A number of bytes, C<src> or C<dst>.
=back
=h addr read/write
The ADDR argument, where one was given.
=e
  ... -> CheckIPHeader -> StoreIPAddress(10.0.0.1, src) -> ...
=a GetIPAddress, SetIPAddress
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <cstddef>
#include <cstring>

#include "lang/confparse.hh"
#include "lib/checksum.hh"
#include "net/transport.hh"

namespace click {

namespace {

/// Where an address goes: into a field of the IP header, or a number of bytes from the packet's start.
struct StoreOffset {
    static constexpr uint32_t kMost = 0xffff;
    uint32_t bytes = 0;
    bool in_header = false;
};

bool parse_arg(std::string_view text, StoreOffset& value, ArgContext& context) {
    std::string word = unquote(text);
    value.in_header = word == "src" || word == "dst";
    if (value.in_header) {
        value.bytes = word == "src" ? offsetof(IpHeader, source) : offsetof(IpHeader, destination);
        return true;
    }
    return parse_within(text, value.bytes, uint32_t{0}, StoreOffset::kMost, context);
}

/// The checksum of data in which a 32-bit word changed (RFC 1624), all in network order.
uint16_t update_for_word(uint16_t checksum, uint32_t from, uint32_t to) {
    uint16_t old_halves[2];
    uint16_t new_halves[2];
    std::memcpy(old_halves, &from, sizeof from);
    std::memcpy(new_halves, &to, sizeof to);
    return checksum_update(checksum_update(checksum, old_halves[0], new_halves[0]), old_halves[1], new_halves[1]);
}

class StoreIPAddress final : public PacketAction<StoreIPAddress> {
public:
    const char* class_name() const override { return "StoreIPAddress"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Args args(conf, this, errh);
        bool has_address = conf.size() > 1;
        if (has_address) {
            args.mandatory("ADDR", _address);
        }
        if (args.mandatory("OFFSET", _offset).complete() < 0) {
            return -1;
        }
        _annotated = !has_address;
        return 0;
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        if (!_annotated) {
            add_setting_handler("addr", _address);
        }
    }

    PacketPtr simple_action(PacketPtr packet) {
        bool fits = _offset.in_header ? whole_ip_header(*packet) != nullptr
                                      : packet->length() >= _offset.bytes + sizeof(uint32_t);
        if (!fits) {
            checked_push(1, std::move(packet));
            return {};
        }
        packet = uniqueify(std::move(packet));
        if (packet) {
            store(*packet, (_annotated ? anno::dst_ip(*packet) : _address).network_order());
        }
        return packet;
    }

private:
    void store(Packet& packet, uint32_t address) const {
        if (!_offset.in_header) {
            std::memcpy(packet.mutable_data() + _offset.bytes, &address, sizeof address);
            return;
        }
        IpHeader* ip = mutable_ip_header(packet);
        uint8_t* field = packet.mutable_network_header() + _offset.bytes;
        uint32_t old;
        std::memcpy(&old, field, sizeof old);
        std::memcpy(field, &address, sizeof address);
        ip->checksum = update_for_word(ip->checksum, old, address);
        update_transport(packet, *ip, old, address);
    }

    static void update_transport(Packet& packet, const IpHeader& ip, uint32_t old, uint32_t address) {
        Segment segment = ip_segment(packet, ip);
        if (!ip.first_fragment() || !segment.data) {
            return;
        }
        if (ip.protocol == kIpProtoTcp && segment.header<TcpHeader>()) {
            auto* tcp = reinterpret_cast<TcpHeader*>(mutable_segment(packet, ip));
            tcp->checksum = update_for_word(tcp->checksum, old, address);
        } else if (ip.protocol == kIpProtoUdp && segment.header<UdpHeader>()) {
            auto* udp = reinterpret_cast<UdpHeader*>(mutable_segment(packet, ip));
            if (udp->checksum != 0) {
                uint16_t sum = update_for_word(udp->checksum, old, address);
                udp->checksum = sum != 0 ? sum : 0xffff;
            }
        }
    }

    StoreOffset _offset;
    IPAddress _address;
    bool _annotated = true;
};

}  // namespace

CLICK_ELEMENT(StoreIPAddress)

}  // namespace click
