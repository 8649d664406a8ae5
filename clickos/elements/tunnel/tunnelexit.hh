// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include "net/transport.hh"

namespace click {

/// Base of the elements at the end of a tunnel: `bool E::carried(const Packet&, const uint8_t*& start, const uint8_t*& end)`
/// finds where what the packet carries begins and ends. Those in which there is nothing of this tunnel leave by output 1, or
/// are dropped where there is none.
template <typename E>
class TunnelEnd : public PacketAction<E> {
public:
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    void add_handlers() override {
        this->add_data_handler("count", _count);
        this->add_data_handler("drops", _drops);
    }
    void take_state(Element& old, ErrorHandler&) override {
        _count += static_cast<TunnelEnd&>(old)._count.value();
        _drops += static_cast<TunnelEnd&>(old)._drops.value();
    }

    PacketPtr simple_action(PacketPtr packet) {
        const uint8_t* start = nullptr;
        const uint8_t* end = nullptr;
        if (!static_cast<E*>(this)->carried(*packet, start, end) || start < packet->data() || start > end) {
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

/// The same for tunnels in IP packets: `bool E::inner(const Packet&, const IpHeader&, const uint8_t*& start)` finds where what
/// the packet carries begins; it ends where the packet does.
template <typename E>
class TunnelExit : public TunnelEnd<E> {
public:
    bool carried(const Packet& packet, const uint8_t*& start, const uint8_t*& end) const {
        const IpHeader* ip = whole_ip_header(packet);
        end = ip ? packet.network_header() + ip->length() : nullptr;
        return ip && !ip->is_fragment() && static_cast<const E*>(this)->inner(packet, *ip, start);
    }
};

}  // namespace click
