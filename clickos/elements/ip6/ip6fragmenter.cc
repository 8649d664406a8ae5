// SPDX-License-Identifier: Apache-2.0
/*
=c
IP6Fragmenter(MTU)
=s ip6
fragments large IPv6 packets
=d
Expects IPv6 packets with their header marked. Those of at most MTU bytes leave by output 0 as they are. A router may not
fragment IPv6 packets, so if output 1 is connected, larger ones leave there. If it is not,
the element acts for the packets' source: larger ones leave by output 0 as fragments (RFC 8200 4.5), first fragment first,
each with the packet's annotations. A packet that is a fragment already, or whose extension headers are wrong or leave no
room for eight bytes of data, is dropped.

What lies before the IPv6 header is not sent with fragments.
=h drops read-only
How many large packets were not fragmented.
=h fragments read-only
How many fragments were sent.
=e
  ... -> fr :: IP6Fragmenter(1500) -> Queue(20) -> ...
  fr[1] -> Discard
=a IPFragmenter
*/
#include <click/emitter.hh>

#include <algorithm>

#include "net/ip6.hh"

namespace click {

namespace {

class IP6Fragmenter final : public Element {
public:
    const char* class_name() const override { return "IP6Fragmenter"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        constexpr uint32_t kLeast = sizeof(Ip6Header) + sizeof(Ip6FragmentHeader) + 8;
        return Args(conf, this, errh).mandatory("MTU", bounded(_mtu, kLeast, UINT32_MAX)).complete();
    }
    void add_handlers() override {
        add_data_handler("drops", _drops);
        add_data_handler("fragments", _fragments);
    }
    void push(int, PacketBatch& batch) override {
        PacketEmitter out(*this, 0);
        batch.drain([&](PacketPtr packet) {
            const Ip6Header* ip = ip6_header(*packet);
            if (!ip || packet->network_length() <= _mtu) {
                out.add(std::move(packet));
            } else if (noutputs() > 1) {
                ++_drops;
                out.flush();
                checked_push(1, std::move(packet));
            } else if (!fragment(*packet, *ip, out)) {
                ++_drops;
            }
        });
    }

private:
    bool fragment(const Packet& packet, const Ip6Header& ip, PacketEmitter& out);

    uint32_t _mtu = 0;
    uint32_t _id = 0;
    Tally _drops;
    Tally _fragments;
};

/// Where each fragment's own headers end (RFC 8200 4.5): behind the last header that routers on the way look at.
/// `next_field` is the offset of the byte that says what follows.
struct Unfragmentable {
    unsigned end = sizeof(Ip6Header);
    unsigned next_field = 6;
};

Unfragmentable unfragmentable_part(const Ip6Header& ip, unsigned payload_offset) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&ip);
    Unfragmentable part;
    unsigned next_field = part.next_field;
    for (unsigned at = part.end; at < payload_offset;) {
        uint8_t type = bytes[next_field];
        next_field = at;
        at += (bytes[at + 1] + 1U) * 8;
        if (type == kIp6HopByHop || type == kIp6Routing) {
            part = {at, next_field};
        }
    }
    return part;
}

bool IP6Fragmenter::fragment(const Packet& packet, const Ip6Header& ip, PacketEmitter& out) {
    Ip6Payload payload;
    if (!find_ip6_payload(packet, ip, payload) || payload.has_fragment_header) {
        return false;
    }
    Unfragmentable own = unfragmentable_part(ip, payload.offset);
    unsigned headers = own.end + static_cast<unsigned>(sizeof(Ip6FragmentHeader));
    unsigned most = _mtu > headers ? (_mtu - headers) & ~7U : 0;
    if (most == 0) {
        return false;
    }
    const auto* bytes = reinterpret_cast<const uint8_t*>(&ip);
    unsigned data_length = payload.offset + payload.length - own.end;
    uint32_t id = ++_id;
    for (unsigned offset = 0; offset < data_length; offset += most) {
        unsigned length = std::min(most, data_length - offset);
        PacketPtr part = Packet::make(nullptr, headers + length);
        if (!part) {
            return false;
        }
        part->copy_annotations(packet);
        part->set_type(packet.type());
        part->set_timestamp(packet.timestamp());
        uint8_t* data = part->mutable_data();
        std::memcpy(data, bytes, own.end);
        data[own.next_field] = kIp6Fragment;
        bool more = offset + length < data_length;
        auto* header = reinterpret_cast<Ip6FragmentHeader*>(data + own.end);
        *header = {bytes[own.next_field], 0, net16(static_cast<uint16_t>(offset | (more ? 1U : 0U))), net32(id)};
        std::memcpy(data + headers, bytes + own.end + offset, length);
        part->set_network_header(data, sizeof(Ip6Header));
        auto* part_ip = reinterpret_cast<Ip6Header*>(data);
        part_ip->payload_length = net16(static_cast<uint16_t>(headers - sizeof(Ip6Header) + length));
        ++_fragments;
        out.add(std::move(part));
    }
    return true;
}

}  // namespace

CLICK_ELEMENT(IP6Fragmenter)

}  // namespace click
