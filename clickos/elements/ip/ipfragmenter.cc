// SPDX-License-Identifier: Apache-2.0
/*
=c
IPFragmenter(MTU, [I<keywords> HONOR_DF, VERBOSE, HEADROOM])
=s ip
fragments large IP packets
=d
Expects IP packets. Those of at most MTU bytes leave by output 0 as they are; larger ones leave there as fragments, first
fragment first, each with all annotations of the packet (RFC 791 3.2). A large packet that says "don't fragment" leaves by
output 1 if that is connected and is dropped if not; connect an ICMPError there.

A fragment that would end beyond the 65,535 bytes of the longest packet is dropped: its parts would say that they lie at
its beginning.

What lies before the IP header goes with the first fragment only, so strip link headers before.

Keyword arguments are:
=over 8
=item HONOR_DF
Boolean. False also fragments packets that say "don't fragment". Default is true.
=item VERBOSE
Boolean. Whether every packet that may not be fragmented is reported, not only the first five. Default is false.
=item HEADROOM
Unsigned. Room in front of the fragments, in bytes. Default is that of any new packet.
=back
=h drops read-only
How many packets could not be fragmented.
=h fragments read-only
How many fragments were sent.
=e
  ... -> fr :: IPFragmenter(1500) -> Queue(20) -> ...
  fr[1] -> ICMPError(18.26.4.24, unreachable, needfrag) -> ...
=a ICMPError
*/
#include <click/element.hh>

#include <algorithm>

#include "elements/ip/ipoptions.hh"
#include "lib/checksum.hh"
#include "lib/format.hh"
#include "net/ip.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class IPFragmenter final : public Element {
public:
    const char* class_name() const override { return "IPFragmenter"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override {
        add_read_handler<&IPFragmenter::drops>("drops");
        add_read_handler<&IPFragmenter::fragments>("fragments");
    }

    void push(int, PacketBatch& batch) override {
        bool all_fit = true;
        for (const Packet* packet : batch) {
            all_fit &= fits(*packet);
        }
        if (all_fit) [[likely]] {
            output(0).push(batch);
            return;
        }
        PacketBatch out;
        batch.drain([&](PacketPtr packet) {
            if (fits(*packet)) {
                send(std::move(packet), out);
            } else {
                fragment(std::move(packet), out);
            }
        });
        output(0).push(out);
    }

private:
    static constexpr unsigned kMinMtu = 8;

    /// Packets without an IP header are none of this element's business.
    bool fits(const Packet& packet) const { return !packet.has_network_header() || packet.network_length() <= _mtu; }
    void send(PacketPtr packet, PacketBatch& out) const {
        if (out.full()) {
            output(0).push(out);
        }
        out.append(std::move(packet));
    }
    void fragment(PacketPtr packet, PacketBatch& out);
    void refuse(PacketPtr packet, PacketBatch& out);

    std::string drops() const { return std::to_string(_drops); }
    std::string fragments() const { return std::to_string(_fragments); }

    uint32_t _mtu = 0;
    uint32_t _headroom = Packet::kDefaultHeadroom;
    bool _honor_df = true;
    bool _verbose = false;
    uint64_t _drops = 0;
    uint64_t _fragments = 0;
};

/// Copies the options that every fragment has, padded to four bytes; returns their length.
unsigned copy_options(const uint8_t* options, unsigned length, uint8_t* out) {
    unsigned copied = 0;
    for (unsigned at = 0; at < length && options[at] != ip_option::kEnd;) {
        unsigned own = ip_option::length_at(options, length, at);
        if (own == 0) {
            break;
        }
        if (options[at] & ip_option::kCopied) {
            std::memcpy(out + copied, options + at, own);
            copied += own;
        }
        at += own;
    }
    while (copied % 4 != 0) {
        out[copied++] = ip_option::kEnd;
    }
    return copied;
}

void finish(IpHeader& ip, unsigned header_length, unsigned data_length, unsigned offset, bool more) {
    ip.version_length = static_cast<uint8_t>(0x40 | header_length / 4);
    ip.total_length = net16(static_cast<uint16_t>(header_length + data_length));
    uint16_t flags = net16(ip.fragment) & (IpHeader::kReservedFragment | IpHeader::kDontFragment);
    ip.fragment = net16(static_cast<uint16_t>(flags | (more ? IpHeader::kMoreFragments : 0) | offset / 8));
    ip.checksum = 0;
    ip.checksum = ip_header_checksum(&ip, header_length);
}

int IPFragmenter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    if (Args(conf, this, errh)
            .mandatory("MTU", _mtu)
            .optional("HONOR_DF", _honor_df)
            .optional("VERBOSE", _verbose)
            .keyword("HEADROOM", _headroom)
            .complete() < 0) {
        return -1;
    }
    return _mtu < kMinMtu ? errh.error("MTU must be at least %u", kMinMtu) : 0;
}

void IPFragmenter::refuse(PacketPtr packet, PacketBatch& out) {
    constexpr uint64_t kQuietAfter = 5;
    if (_verbose || _drops < kQuietAfter) {
        const IpHeader* ip = ip_header(*packet);
        platform::log(format("IPFragmenter(%u) DF %s %s len=%u\n", _mtu, IPAddress(ip->source).unparse().c_str(),
                             IPAddress(ip->destination).unparse().c_str(), packet->length()));
    }
    ++_drops;
    // What came before leaves before.
    output(0).push(out);
    checked_push(1, std::move(packet));
}

void IPFragmenter::fragment(PacketPtr packet, PacketBatch& out) {
    const IpHeader* ip = whole_ip_header(*packet);
    if (!ip || ip->length() < ip->header_length()) {
        ++_drops;
        return;
    }
    unsigned header_length = ip->header_length();
    unsigned data_length = std::min(ip->length(), packet->network_length()) - header_length;
    if (ip->fragment_offset() + header_length + data_length > kMaxIpLength) {
        ++_drops;
        return;
    }
    unsigned first_length = _mtu > header_length ? (_mtu - header_length) & ~7U : 0;
    if (first_length == 0 || (_honor_df && (net16(ip->fragment) & IpHeader::kDontFragment))) {
        refuse(std::move(packet), out);
        return;
    }
    first_length = std::min(first_length, data_length);

    struct {
        IpHeader ip;
        uint8_t options[40];
    } header;
    std::memcpy(&header.ip, ip, sizeof(IpHeader));
    unsigned later_header_length =
        sizeof(IpHeader) + copy_options(packet->network_header() + sizeof(IpHeader),
                                        header_length - static_cast<unsigned>(sizeof(IpHeader)), header.options);
    unsigned later_length = (_mtu - later_header_length) & ~7U;
    unsigned base = ip->fragment_offset();
    bool last_has_more = ip->more_fragments();

    PacketPtr whole = uniqueify(std::move(packet));
    if (!whole) {
        return;
    }
    // The first fragment is the beginning of the packet itself; the others are made from the rest.
    finish(*mutable_ip_header(*whole), header_length, first_length, base, last_has_more || first_length < data_length);
    if (PacketPtr first = whole->clone()) {
        first->take(first->network_length() - header_length - first_length);
        send(std::move(first), out);
        ++_fragments;
    }
    const uint8_t* data = whole->network_header() + header_length;
    for (unsigned at = first_length; at < data_length; at += later_length) {
        unsigned length = std::min(later_length, data_length - at);
        PacketPtr next = Packet::make(_headroom, nullptr, later_header_length + length, Packet::kMinTailroom);
        if (!next) {
            return;
        }
        finish(header.ip, later_header_length, length, base + at, last_has_more || at + length < data_length);
        std::memcpy(next->mutable_data(), &header, later_header_length);
        std::memcpy(next->mutable_data() + later_header_length, data + at, length);
        next->set_network_header(next->data(), later_header_length);
        next->copy_annotations(*whole);
        send(std::move(next), out);
        ++_fragments;
    }
}

}  // namespace

CLICK_ELEMENT(IPFragmenter)

}  // namespace click
