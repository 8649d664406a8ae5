// SPDX-License-Identifier: Apache-2.0
/*
=c
Strip(LENGTH)
=s basicmod
removes bytes from the front of packets
=d
Removes the first LENGTH bytes of each packet, or all of a shorter one.
=e
  FromDevice(eth0) -> Strip(14) -> CheckIPHeader -> Discard;
=a Unstrip, StripToNetworkHeader
*/
/*
=c
Unstrip(LENGTH)
=s basicmod
gives packets back their first bytes
=d
Puts LENGTH bytes in front of each packet: those that were there before Strip took them away, as long as nobody wrote
over them.
=e
  FromDevice(eth0) -> Strip(14) -> MarkIPHeader -> Unstrip(14) -> Discard;
=a Strip
*/
/*
=c
StripToNetworkHeader
=s basicmod
removes what is before the network header
=d
Moves the start of each packet to its network header annotation: removes the bytes before it, or gives them back when the
packet begins behind it. Packets without that annotation pass unchanged.
=e
  FromDevice(eth0) -> MarkIPHeader(14) -> StripToNetworkHeader -> Discard;
=a Strip
*/
#include <click/element.hh>

#include <algorithm>

namespace click {

namespace {

class Strip final : public Element {
public:
    const char* class_name() const override { return "Strip"; }
    const char* port_count() const override { return "1/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("LENGTH", _length).complete();
    }

    void transform(PacketBatch& batch) override {
        for (Packet* packet : batch) {
            packet->pull(std::min(_length, packet->length()));
        }
    }

private:
    uint32_t _length = 0;
};

class Unstrip final : public PacketAction<Unstrip> {
public:
    const char* class_name() const override { return "Unstrip"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("LENGTH", _length).complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->headroom() < _length) [[unlikely]] {
            return prepend(std::move(packet), _length);
        }
        packet->unpull(_length);
        return packet;
    }

private:
    uint32_t _length = 0;
};

class StripToNetworkHeader final : public Element {
public:
    const char* class_name() const override { return "StripToNetworkHeader"; }
    const char* port_count() const override { return "1/1"; }

    void transform(PacketBatch& batch) override {
        for (Packet* packet : batch) {
            if (!packet->has_network_header()) {
                continue;
            }
            ptrdiff_t before = packet->network_header() - packet->data();
            if (before >= 0) {
                packet->pull(std::min(static_cast<uint32_t>(before), packet->length()));
            } else {
                packet->unpull(static_cast<uint32_t>(-before));
            }
        }
    }
};

}  // namespace

CLICK_ELEMENT(Strip)
CLICK_ELEMENT(Unstrip)
CLICK_ELEMENT(StripToNetworkHeader)

}  // namespace click
