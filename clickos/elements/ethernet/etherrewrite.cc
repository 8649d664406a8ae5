// SPDX-License-Identifier: Apache-2.0
/*
=c
EtherRewrite(SRC, DST)
=s ethernet
overwrites the Ethernet source and destination
=d
Packets must begin with an Ethernet header; shorter ones are dropped. Its source becomes SRC, its destination DST.
=use address-handlers
=e
  FromDevice(eth0) -> EtherRewrite(1:1:1:1:1:1, 2:2:2:2:2:2) -> ...
=a EtherEncap, EtherMirror, StoreEtherAddress
*/
/*
=c
EnsureEther([ETHERTYPE, SRC, DST])
=s ethernet
puts an Ethernet header in front of packets that have none
=d
Packets without a marked IP header, and those whose IP header begins 14 bytes into them, behind an Ethernet header of type
ETHERTYPE or ARP, pass as they are. A packet that had such a header, which was stripped, gets it back. Others get an
Ethernet header with the arguments.

Keyword arguments are:
=over 8
=item ETHERTYPE
Default is 0x0800 (IP).
=item SRC
Default is 1:1:1:1:1:1.
=item DST
Default is 2:2:2:2:2:2.
=back
=h ethertype read/write
The ETHERTYPE argument.
=use address-handlers
=e
  FromDump(a.pcap, FORCE_IP true) -> EnsureEther -> ToDump(b.pcap);
=a EtherEncap
*/
/*
=c
StoreEtherAddress(ADDR, OFFSET)
=s ethernet
writes an Ethernet address into packets
=d
Writes ADDR into each packet, OFFSET bytes from its start: a number, C<src> for an Ethernet header's source, or C<dst> for
its destination. Packets that are too short leave by output 1 if it is connected and are dropped if not.
=h addr read/write
The ADDR argument.
=e
  FromDevice(eth0) -> StoreEtherAddress(1:1:1:1:1:1, src) -> ...
=a EtherRewrite, GetEtherAddress
*/
/*
=c
GetEtherAddress(ANNO, OFFSET)
=s ethernet
copies an Ethernet address out of packets into an annotation
=d
Copies the six bytes OFFSET bytes from the start of each packet into the annotation ANNO: a number, C<src> for an Ethernet
header's source, or C<dst> for its destination. Packets that are too short are dropped.
=e
  FromDevice(eth0) -> GetEtherAddress(20, src) -> ...
=a PutEtherAddress, StoreEtherAddress, SetEtherAddress
*/
/*
=c
PutEtherAddress(ANNO, OFFSET)
=s ethernet
copies an Ethernet address out of an annotation into packets
=d
The other way round than GetEtherAddress: copies the six bytes of annotation ANNO into each packet, OFFSET bytes from its start.
OFFSET is a number, C<src> for an Ethernet header's source, or C<dst> for its destination. Packets that are too short are
dropped. With both, a packet gets back the address that it had before its Ethernet header was taken off.
=e
  FromDevice(eth0) -> GetEtherAddress(20, dst) -> Strip(14)
      -> IPEncap(ipip, 192.0.2.1, 192.0.2.2)
      -> EtherEncap(0x0800, 02:00:00:00:00:01, 00:00:00:00:00:00) -> PutEtherAddress(20, dst) -> ...
=a GetEtherAddress, StoreEtherAddress
*/
/*
=c
SetEtherAddress(ADDR, ANNO)
=s ethernet
sets an annotation to an Ethernet address
=d
Sets the six bytes of annotation ANNO to ADDR.
=h addr read/write
The ADDR argument.
=e
  ... -> SetEtherAddress(1:1:1:1:1:1, 20) -> ...
=a GetEtherAddress
*/
#include <click/element.hh>

#include <cstring>

#include "lang/confparse.hh"
#include "net/ether.hh"

namespace click {

namespace {

/// Where an Ethernet address lies in a packet: `src`, `dst`, or a number of bytes from its start.
struct EtherOffset {
    static constexpr uint32_t kMost = 0xffff;
    uint32_t bytes = 0;
};

bool parse_arg(std::string_view text, EtherOffset& value, ArgContext& context) {
    std::string word = unquote(text);
    if (word == "src" || word == "dst") {
        value.bytes = word == "src" ? offsetof(EtherHeader, source) : offsetof(EtherHeader, destination);
        return true;
    }
    return parse_within(text, value.bytes, uint32_t{0}, EtherOffset::kMost, context);
}

/// An annotation that holds an Ethernet address.
constexpr size_t kAddressSize = 6;

class EtherRewrite final : public PacketAction<EtherRewrite> {
public:
    const char* class_name() const override { return "EtherRewrite"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("SRC", _source).mandatory("DST", _destination).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_setting_handler("src", _source);
        add_setting_handler("dst", _destination);
    }

    PacketPtr simple_action(PacketPtr packet) {
        packet = packet->length() >= sizeof(EtherHeader) ? uniqueify(std::move(packet)) : PacketPtr();
        if (packet) {
            auto* ether = reinterpret_cast<EtherHeader*>(packet->mutable_data());
            _source.write(ether->source);
            _destination.write(ether->destination);
        }
        return packet;
    }

private:
    EtherAddress _source;
    EtherAddress _destination;
};

class EnsureEther final : public PacketAction<EnsureEther> {
public:
    const char* class_name() const override { return "EnsureEther"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("ETHERTYPE", _type, kEtherTypeIp)
            .optional("SRC", _source, {{1, 1, 1, 1, 1, 1}})
            .optional("DST", _destination, {{2, 2, 2, 2, 2, 2}})
            .complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_setting_handler("ethertype", _type);
        add_setting_handler("src", _source);
        add_setting_handler("dst", _destination);
    }

    PacketPtr simple_action(PacketPtr packet) {
        constexpr uint32_t kHeader = sizeof(EtherHeader);
        if (!packet->has_network_header() || is_header(*packet, packet->data())) {
            return packet;
        }
        if (packet->headroom() >= kHeader && packet->mac_header() == packet->data() - kHeader &&
            is_header(*packet, packet->mac_header())) {
            packet->unpull(kHeader);
            return packet;
        }
        packet = prepend(std::move(packet), kHeader);
        if (packet) {
            auto* ether = reinterpret_cast<EtherHeader*>(packet->mutable_data());
            _destination.write(ether->destination);
            _source.write(ether->source);
            ether->type = net16(_type);
            packet->set_mac_header(packet->data());
        }
        return packet;
    }

private:
    bool is_header(const Packet& packet, const uint8_t* place) const {
        if (packet.network_header() != place + sizeof(EtherHeader) ||
            packet.data() + packet.length() < place + sizeof(EtherHeader)) {
            return false;
        }
        uint16_t type = net16(reinterpret_cast<const EtherHeader*>(place)->type);
        return type == _type || type == kEtherTypeArp;
    }

    uint16_t _type = kEtherTypeIp;
    EtherAddress _source;
    EtherAddress _destination;
};

class StoreEtherAddress final : public PacketAction<StoreEtherAddress> {
public:
    const char* class_name() const override { return "StoreEtherAddress"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("ADDR", _address).mandatory("OFFSET", _offset).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("addr", _address); }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->length() < _offset.bytes + kAddressSize) {
            checked_push(1, std::move(packet));
            return {};
        }
        packet = uniqueify(std::move(packet));
        if (packet) {
            _address.write(packet->mutable_data() + _offset.bytes);
        }
        return packet;
    }

private:
    EtherAddress _address;
    EtherOffset _offset;
};

/// What copies an address between an annotation and a packet; what is too short for that is dropped.
template <typename Self>
class AddressCopy : public PacketAction<Self> {
public:
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Annotation annotation{-1, kAddressSize};
        EtherOffset offset;
        if (Args(conf, this, errh).mandatory("ANNO", annotation).mandatory("OFFSET", offset).complete() < 0) {
            return -1;
        }
        _annotation = static_cast<size_t>(annotation.offset);
        _offset = offset;
        return 0;
    }

protected:
    bool reaches(const Packet& packet) const { return packet.length() >= _offset.bytes + kAddressSize; }
    uint8_t* annotation(Packet& packet) const { return packet.anno() + _annotation; }
    uint32_t offset() const { return _offset.bytes; }

private:
    size_t _annotation = 0;
    EtherOffset _offset;
};

class GetEtherAddress final : public AddressCopy<GetEtherAddress> {
public:
    const char* class_name() const override { return "GetEtherAddress"; }

    PacketPtr simple_action(PacketPtr packet) {
        if (!reaches(*packet)) {
            return {};
        }
        std::memcpy(annotation(*packet), packet->data() + offset(), kAddressSize);
        return packet;
    }
};

class PutEtherAddress final : public AddressCopy<PutEtherAddress> {
public:
    const char* class_name() const override { return "PutEtherAddress"; }

    PacketPtr simple_action(PacketPtr packet) {
        packet = reaches(*packet) ? uniqueify(std::move(packet)) : PacketPtr();
        if (packet) {
            std::memcpy(packet->mutable_data() + offset(), annotation(*packet), kAddressSize);
        }
        return packet;
    }
};

class SetEtherAddress final : public PacketAction<SetEtherAddress> {
public:
    const char* class_name() const override { return "SetEtherAddress"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Annotation annotation{-1, kAddressSize};
        EtherAddress address;
        if (Args(conf, this, errh).mandatory("ADDR", address).mandatory("ANNO", annotation).complete() < 0) {
            return -1;
        }
        _address = address;
        _annotation = static_cast<size_t>(annotation.offset);
        return 0;
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("addr", _address); }

    PacketPtr simple_action(PacketPtr packet) {
        _address.write(packet->anno() + _annotation);
        return packet;
    }

private:
    EtherAddress _address;
    size_t _annotation = 0;
};

}  // namespace

CLICK_ELEMENT(EtherRewrite)
CLICK_ELEMENT(EnsureEther)
CLICK_ELEMENT(StoreEtherAddress)
CLICK_ELEMENT(GetEtherAddress)
CLICK_ELEMENT(PutEtherAddress)
CLICK_ELEMENT(SetEtherAddress)

}  // namespace click
