// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include "net/transport.hh"

namespace click {

/// Base of the elements at the end of a tunnel: `bool E::inner(const Packet&, const IpHeader&, const uint8_t*& start)`
/// finds where what the packet carries begins. Those in which there is nothing of this tunnel leave by output 1, or are
/// dropped where there is none.
template <typename E>
class TunnelExit : public PacketAction<E> {
public:
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    void add_handlers() override {
        this->add_data_handler("count", _count);
        this->add_data_handler("drops", _drops);
    }
    void take_state(Element& old, ErrorHandler&) override {
        _count += static_cast<TunnelExit&>(old)._count.value();
        _drops += static_cast<TunnelExit&>(old)._drops.value();
    }

    PacketPtr simple_action(PacketPtr packet) {
        const IpHeader* ip = whole_ip_header(*packet);
        const uint8_t* start = nullptr;
        const uint8_t* end = ip ? packet->network_header() + ip->length() : nullptr;
        if (!ip || ip->is_fragment() || !static_cast<E*>(this)->inner(*packet, *ip, start) || start < packet->data() ||
            start > end) {
            ++_drops;
            this->checked_push(1, std::move(packet));
            return {};
        }
        ++_count;
        packet->take(static_cast<uint32_t>(packet->end_data() - end));
        packet->pull(static_cast<uint32_t>(start - packet->data()));
        packet->clear_network_header();
        packet->clear_mac_header();
        return packet;
    }

private:
    Tally _count;
    Tally _drops;
};

}  // namespace click
