// SPDX-License-Identifier: Apache-2.0
/*
=c
MarkMACHeader([OFFSET])
=s ethernet
marks where the MAC header begins
=d
Sets each packet's MAC header annotation to OFFSET bytes behind its start; default is 0. A shorter packet keeps the one
that it has.
=e
  InfiniteSource(LIMIT 1, STOP true) -> MarkMACHeader -> Strip(14) -> Discard;
=a MarkIPHeader
*/
/*
=c
SetPacketType(TYPE)
=s annotations
sets packets' type annotations
=d
Sets each packet's type annotation to TYPE: C<HOST>, C<BROADCAST>, C<MULTICAST>, C<OTHERHOST>, C<OUTGOING>, C<LOOPBACK> or
C<FASTROUTE>.
=e
  InfiniteSource(LIMIT 1, STOP true) -> SetPacketType(HOST) -> Discard;
=a DropBroadcasts
*/
/*
=c
SetAnnoByte(ANNO, VALUE)
=s annotations
sets a byte of packets' annotations
=d
Sets the byte of each packet's annotation area that ANNO names or counts, 0 to 47, to VALUE, 0 to 255.
=h anno read
The ANNO argument as a number.
=h value read/write
The VALUE argument.
=e
  InfiniteSource(LIMIT 1, STOP true) -> SetAnnoByte(20, 7) -> Print(PRINTANNO true) -> Discard;
=a Paint
*/
#include <click/element.hh>

#include "lang/confparse.hh"

namespace click {

namespace {

class MarkMACHeader final : public PacketAction<MarkMACHeader> {
public:
    const char* class_name() const override { return "MarkMACHeader"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("OFFSET", _offset, 0).complete();
    }
    PacketPtr simple_action(PacketPtr packet) {
        if (_offset <= packet->length()) {
            packet->set_mac_header(packet->data() + _offset);
        }
        return packet;
    }

private:
    uint32_t _offset = 0;
};

struct PacketTypeName {
    Packet::Type type = Packet::Type::Host;
};

bool parse_arg(std::string_view text, PacketTypeName& value, ArgContext& context) {
    constexpr std::pair<std::string_view, Packet::Type> kNames[] = {
        {"HOST", Packet::Type::Host},           {"BROADCAST", Packet::Type::Broadcast},
        {"MULTICAST", Packet::Type::Multicast}, {"OTHERHOST", Packet::Type::OtherHost},
        {"OTHER", Packet::Type::OtherHost},     {"OUTGOING", Packet::Type::Outgoing},
        {"LOOPBACK", Packet::Type::Loopback},   {"FASTROUTE", Packet::Type::FastRoute},
    };
    std::string word = unquote(text);
    for (auto& [name, type] : kNames) {
        if (name == word) {
            value.type = type;
            return true;
        }
    }
    return context.error("unknown packet type '%s'", word.c_str());
}

class SetPacketType final : public PacketAction<SetPacketType> {
public:
    const char* class_name() const override { return "SetPacketType"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("TYPE", _type).complete();
    }
    PacketPtr simple_action(PacketPtr packet) {
        packet->set_type(_type.type);
        return packet;
    }

private:
    PacketTypeName _type;
};

class SetAnnoByte final : public PacketAction<SetAnnoByte> {
public:
    const char* class_name() const override { return "SetAnnoByte"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("ANNO", _annotation).mandatory("VALUE", _value).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_data_handler("anno", _annotation.offset);
        add_setting_handler("value", _value);
    }
    PacketPtr simple_action(PacketPtr packet) {
        packet->set_anno_u8(static_cast<size_t>(_annotation.offset), _value);
        return packet;
    }

private:
    Annotation _annotation{0, 1};
    uint8_t _value = 0;
};

}  // namespace

CLICK_ELEMENT(MarkMACHeader)
CLICK_ELEMENT(SetPacketType)
CLICK_ELEMENT(SetAnnoByte)

}  // namespace click
