// SPDX-License-Identifier: Apache-2.0
/*
=block vlan-keywords
=item VLAN_TCI
0 to 65535, or C<ANNO>.
=item VLAN_ID
VLAN, 0 to 4095. It excludes VLAN_TCI.
=item VLAN_PCP
Priority, 0 to 7. Default is 0.
=block vlan-handlers
=h vlan_tci read/write
The tag control information, or C<ANNO>.
=h vlan_id read/write
Its VLAN.
=h vlan_pcp read/write
Its priority.
=h native_vlan read/write
The NATIVE_VLAN argument.
*/
/*
=c
VLANEncap(VLAN_TCI [, I<keywords> VLAN_ID, VLAN_PCP, NATIVE_VLAN, ETHERTYPE])
=s ethernet
puts an IEEE 802.1Q tag into Ethernet headers
=d
Expects Ethernet packets. Inserts a VLAN tag behind the Ethernet addresses. VLAN_TCI is the whole tag control information;
VLAN_ID and VLAN_PCP are its parts. C<VLANEncap(ANNO)> takes it from the VLAN_TCI annotation. A packet of VLAN NATIVE_VLAN
gets no tag. Packets without a whole Ethernet header are dropped.

Keyword arguments are:
=over 8
=use vlan-keywords
=item NATIVE_VLAN
VLAN whose packets stay without a tag; negative for none. Default is 0.
=item ETHERTYPE
The tag's EtherType. Default is 0x8100.
=back
=use vlan-handlers
=h ethertype read/write
The ETHERTYPE argument.
=e
  FromDevice(eth0) -> VLANEncap(VLAN_ID 100) -> Queue -> ToDevice(eth1);
=a VLANDecap, StripEtherVLANHeader, EtherVLANEncap, SetVLANAnno
*/
/*
=c
EtherVLANEncap(ETHERTYPE, SRC, DST, VLAN_TCI [, I<keywords> VLAN_ID, VLAN_PCP, NATIVE_VLAN])
=s ethernet
puts an Ethernet header with an IEEE 802.1Q tag in front of packets
=d
Puts an Ethernet header of type ETHERTYPE from SRC to DST with a VLAN tag in front of each packet. VLAN_TCI is the whole
tag control information, or C<ANNO> for the packet's VLAN_TCI annotation; VLAN_ID and VLAN_PCP are its parts. A packet of
VLAN NATIVE_VLAN gets a header without a tag.

Keyword arguments are:
=over 8
=item ETHERTYPE
The EtherType of what follows.
=item SRC
Ethernet address.
=item DST
Ethernet address.
=use vlan-keywords
=item NATIVE_VLAN
VLAN whose packets get no tag; negative for none. Default is 0.
=back
=use address-handlers
=h ethertype read/write
The ETHERTYPE argument.
=use vlan-handlers
=e
  Idle -> EtherVLANEncap(0x0800, 1:1:1:1:1:1, 2:2:2:2:2:2, VLAN_ID 7) -> Discard;
=a VLANEncap, EtherEncap
*/
/*
=c
VLANDecap([ANNO, I<keywords> ETHERTYPE])
=s ethernet
takes the IEEE 802.1Q tag out of Ethernet headers
=d
Expects Ethernet packets. Takes the VLAN tag of those that have one out and puts its tag control information into the
VLAN_TCI annotation; the annotation of the others becomes 0.

Keyword arguments are:
=over 8
=item ANNO
Boolean. Whether the annotation is set. Default is true.
=item ETHERTYPE
The tag's EtherType. Default is 0x8100.
=back
=e
  FromDevice(eth0) -> VLANDecap -> Queue -> ToDevice(eth1);
=a VLANEncap, StripEtherVLANHeader
*/
/*
=c
StripEtherVLANHeader([ALIGN, I<keywords> NATIVE_VLAN, ETHERTYPE])
=s ethernet
strips Ethernet headers with or without an IEEE 802.1Q tag
=d
Removes the Ethernet header, 14 bytes or 18 with a VLAN tag, and puts the tag control information into the VLAN_TCI
annotation. Packets without a tag are of VLAN NATIVE_VLAN; with a negative one they leave by output 1 if it is connected and
are dropped if not, as do packets without a whole header.

Keyword arguments are:
=over 8
=item ALIGN
Boolean. Taken for Click's sake: alignment does not matter here. Default is true.
=item NATIVE_VLAN
VLAN of packets without a tag; negative for none. Default is 0.
=item ETHERTYPE
The tag's EtherType. Default is 0x8100.
=back
=e
  FromDevice(eth0) -> StripEtherVLANHeader -> CheckIPHeader -> ...
=a VLANDecap, Strip
*/
/*
=c
SetVLANAnno(VLAN_TCI [, I<keywords> VLAN_ID, VLAN_PCP])
=s ethernet
sets the VLAN_TCI annotation
=d
Sets each packet's VLAN_TCI annotation to VLAN_TCI, or to VLAN_ID and VLAN_PCP. With VLAN_PCP alone, the rest of the
annotation stays as it is.

Keyword arguments are:
=over 8
=item VLAN_TCI
0 to 65535.
=item VLAN_ID
VLAN, 0 to 4095. It excludes VLAN_TCI.
=item VLAN_PCP
Priority, 0 to 7.
=back
=h vlan_tci read/write
The tag control information.
=h vlan_id read/write
Its VLAN.
=h vlan_pcp read/write
Its priority.
=e
  ... -> SetVLANAnno(VLAN_ID 5) -> VLANEncap(ANNO) -> ...
=a VLANEncap
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <cstring>

#include "elements/ethernet/vlantag.hh"

namespace click {

namespace {

/// Base of elements that write a tag of their arguments.
template <typename E>
class Tagging : public PacketAction<E> {
public:
    bool can_live_reconfigure() const override { return true; }

protected:
    /// Completes the arguments; `native`: there may be NATIVE_VLAN. Negative after a report.
    int complete(Args& args, bool native, ErrorHandler& errh) {
        VlanTag tag;
        if (tag.read(args, native).complete() < 0 || tag.check(errh) < 0) {
            return -1;
        }
        _tag = tag;
        return 0;
    }
    void add_tag_handlers() {
        this->add_setting_handler("vlan_tci", _tag.control);
        this->add_setting_handler("vlan_id", _tag.control.id);
        this->add_setting_handler("vlan_pcp", _tag.control.priority);
    }
    const VlanTag& tag() const { return _tag; }
    int& native_vlan() { return _tag.native; }

private:
    VlanTag _tag;
};

class VLANEncap final : public Tagging<VLANEncap> {
public:
    const char* class_name() const override { return "VLANEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Args args(conf, this, errh);
        return complete(args.keyword("ETHERTYPE", _type, kEtherTypeVlan), true, errh);
    }
    void add_handlers() override {
        add_tag_handlers();
        add_setting_handler("native_vlan", native_vlan());
        add_setting_handler("ethertype", _type);
    }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->length() < sizeof(EtherHeader)) {
            return {};
        }
        uint16_t control = tag().of(*packet);
        if (tag().is_native(control)) {
            return packet;
        }
        packet = prepend(std::move(packet), sizeof(VlanShim));
        if (packet) {
            uint8_t* data = packet->mutable_data();
            std::memmove(data, data + sizeof(VlanShim), kEtherAddresses);
            VlanShim shim{net16(_type), net16(control)};
            std::memcpy(data + kEtherAddresses, &shim, sizeof shim);
            packet->set_mac_header(packet->data());
        }
        return packet;
    }

private:
    uint16_t _type = kEtherTypeVlan;
};

class EtherVLANEncap final : public Tagging<EtherVLANEncap> {
public:
    const char* class_name() const override { return "EtherVLANEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        EtherAddress source;
        EtherAddress destination;
        uint16_t type = 0;
        Args args(conf, this, errh);
        args.mandatory("ETHERTYPE", type).mandatory("SRC", source).mandatory("DST", destination);
        if (complete(args, true, errh) < 0) {
            return -1;
        }
        _type = type;
        _source = source;
        _destination = destination;
        return 0;
    }
    void add_handlers() override {
        add_setting_handler("src", _source);
        add_setting_handler("dst", _destination);
        add_setting_handler("ethertype", _type);
        add_tag_handlers();
        add_setting_handler("native_vlan", native_vlan());
    }

    PacketPtr simple_action(PacketPtr packet) {
        uint16_t control = tag().of(*packet);
        bool tagged = !tag().is_native(control);
        packet = prepend(std::move(packet), sizeof(EtherHeader) + (tagged ? sizeof(VlanShim) : 0));
        if (packet) {
            auto* ether = reinterpret_cast<EtherHeader*>(packet->mutable_data());
            _destination.write(ether->destination);
            _source.write(ether->source);
            ether->type = net16(tagged ? kEtherTypeVlan : _type);
            if (tagged) {
                uint16_t rest[2] = {net16(control), net16(_type)};
                std::memcpy(packet->mutable_data() + sizeof *ether, rest, sizeof rest);
            }
            packet->set_mac_header(packet->data());
        }
        return packet;
    }

private:
    uint16_t _type = 0;
    EtherAddress _source;
    EtherAddress _destination;
};

class VLANDecap final : public PacketAction<VLANDecap> {
public:
    const char* class_name() const override { return "VLANDecap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("ANNO", _annotate, true)
            .keyword("ETHERTYPE", _type, kEtherTypeVlan)
            .complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        const VlanShim* shim = vlan_shim(*packet, _type);
        uint16_t control = shim ? net16(shim->control) : 0;
        if (shim) {
            packet = uniqueify(std::move(packet));
            if (!packet) {
                return packet;
            }
            uint8_t* data = packet->mutable_data();
            std::memmove(data + sizeof(VlanShim), data, kEtherAddresses);
            packet->pull(sizeof(VlanShim));
            packet->set_mac_header(packet->data());
        }
        if (_annotate) {
            packet->set_anno_u16(anno::kVlanTci, net16(control));
        }
        return packet;
    }

private:
    bool _annotate = true;
    uint16_t _type = kEtherTypeVlan;
};

class StripEtherVLANHeader final : public PacketAction<StripEtherVLANHeader> {
public:
    const char* class_name() const override { return "StripEtherVLANHeader"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        bool align = true;
        return Args(conf, this, errh)
            .optional("ALIGN", align)
            .keyword("NATIVE_VLAN", _native, 0)
            .keyword("ETHERTYPE", _type, kEtherTypeVlan)
            .complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        const VlanShim* shim = vlan_shim(*packet, _type);
        if (packet->length() < sizeof(EtherHeader) || (!shim && _native < 0)) {
            checked_push(1, std::move(packet));
            return {};
        }
        uint16_t control = shim ? net16(shim->control) : static_cast<uint16_t>(_native);
        packet->set_anno_u16(anno::kVlanTci, net16(control));
        packet->set_mac_header(packet->data());
        packet->pull(sizeof(EtherHeader) + (shim ? sizeof(VlanShim) : 0));
        return packet;
    }

private:
    int _native = 0;
    uint16_t _type = kEtherTypeVlan;
};

class SetVLANAnno final : public Tagging<SetVLANAnno> {
public:
    const char* class_name() const override { return "SetVLANAnno"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Args args(conf, this, errh);
        return complete(args, false, errh);
    }
    void add_handlers() override { add_tag_handlers(); }

    PacketPtr simple_action(PacketPtr packet) {
        packet->set_anno_u16(anno::kVlanTci, net16(tag().of(*packet)));
        return packet;
    }
};

}  // namespace

CLICK_ELEMENT(VLANEncap)
CLICK_ELEMENT(EtherVLANEncap)
CLICK_ELEMENT(VLANDecap)
CLICK_ELEMENT(StripEtherVLANHeader)
CLICK_ELEMENT(SetVLANAnno)

}  // namespace click
