// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMPRewriter(MAPS [, I<keywords> DST_ANNO, REPLY_ANNO])
=s nat
rewrites ICMP errors as IP rewriters did the packets that they are about
=d
Expects IP packets. MAPS is a list of rewriters, separated by spaces: IPRewriter, TCPRewriter, UDPRewriter,
IPAddrRewriter, IPAddrPairRewriter, ICMPPingRewriter.

An ICMP error quotes the beginning of the packet that it is about (RFC 792). If that went out by a mapping of one of the
rewriters, the error is turned into one about the packet that came in, and leaves by output 0: what it quotes gets the
old addresses, ports or identifier, sequence number and checksums; the error goes to whom the quoted packet came from,
and comes from whom that went to if it came from there. So destination unreachable, time exceeded, parameter problem,
source quench and redirect pass a network address translator, in both directions (RFC 5508 4). Mappings do not live
longer by errors about them.

Everything else leaves by output 1 if it is connected and is dropped if not: other packets, errors about packets that no
rewriter knows, those that do not go to whom they quote, and what is cut off.

A name in MAPS may be followed by a number. Then errors about packets of that rewriter leave by that output plus the one
by which packets leave it that answer the quoted ones.

Keyword arguments are:
=over 8
=item DST_ANNO
Boolean. Whether destination address annotations are set to the rewritten destination addresses. Default is true.
=item REPLY_ANNO
A byte annotation. It is set on errors about packets that began a flow, to what the REPLY_ANNO of the rewriter
remembers. Default is none.
=back
=e
  rw :: IPRewriter(pattern 1.0.0.1 1024-65535 - - 0 1, drop);
  inside :: Idle -> [0]rw; rw[0] -> Discard;
  outside :: Idle -> c :: IPClassifier(icmp, -); rw[1] -> Discard;
  c[0] -> ICMPRewriter(rw) -> Discard; c[1] -> [1]rw;
=a IPRewriter, IPAddrRewriter, TCPRewriter, UDPRewriter, ICMPPingRewriter, ICMPError
*/
#include <click/router.hh>

#include "elements/rewriter/rewriter.hh"
#include "lang/confparse.hh"
#include "net/icmp.hh"
#include "net/transport.hh"

namespace click {

namespace {

/// A rewriter that is asked, and where errors about its packets leave.
struct AskedRewriter {
    Rewriter* rewriter = nullptr;
    int first_output = -1;  ///< negative: all by output 0

    int output_of(const Mapping& mapping, bool reply) const {
        return first_output < 0 ? 0 : first_output + mapping.outputs[reply ? 1 : 0];
    }
};

struct AskedRewriters {
    std::vector<AskedRewriter> all;
};

bool parse_arg(std::string_view text, AskedRewriters& value, ArgContext& context) {
    constexpr uint64_t kMostOutput = 255;
    std::vector<AskedRewriter> all;
    for (const std::string& word : split_words(text)) {
        uint64_t output;
        if (!all.empty() && all.back().first_output < 0 && parse_unsigned(word, output) && output <= kMostOutput) {
            all.back().first_output = static_cast<int>(output);
            continue;
        }
        Element* element = nullptr;
        if (!parse_arg(word, element, context)) {
            return false;
        }
        all.push_back({element ? element->as<Rewriter>() : nullptr, -1});
        if (!all.back().rewriter) {
            return context.error("element '%s' is not an IP rewriter", word.c_str());
        }
    }
    value.all = std::move(all);
    return !value.all.empty() || context.error("no IP rewriters supplied");
}

class ICMPRewriter final : public Element {
public:
    const char* class_name() const override { return "ICMPRewriter"; }
    const char* port_count() const override { return "1/1-"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void push(int, PacketBatch& batch) override {
        int ways[PacketBatch::kCapacity];
        Packet* packets[PacketBatch::kCapacity];
        unsigned count = 0;
        batch.drain([&](PacketPtr packet) {
            ways[count] = kUnmapped;
            packets[count] = rewrite(std::move(packet), ways[count]).release();
            ++count;
        });
        push_ways(*this, packets, ways, count);
    }

private:
    static constexpr int kUnmapped = 1;

    PacketPtr rewrite(PacketPtr packet, int& way);
    const AskedRewriter* ask(const IpHeader& quoted, uint32_t length, MappingTable::Flows::Found& back) const;

    std::vector<AskedRewriter> _asked;
    bool _dst_anno = true;
    int _reply_anno = -1;
};

int ICMPRewriter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    AskedRewriters asked;
    Annotation reply_anno;
    if (Args(conf, this, errh)
            .mandatory("MAPS", asked)
            .keyword("DST_ANNO", _dst_anno, true)
            .keyword("REPLY_ANNO", reply_anno)
            .complete() < 0) {
        return -1;
    }
    _asked = std::move(asked.all);
    _reply_anno = reply_anno.offset;
    return 0;
}

constexpr bool is_error(uint8_t type) {
    constexpr uint8_t kUnreachable = 3, kSourceQuench = 4, kRedirect = 5, kTimeExceeded = 11, kParameterProblem = 12;
    return type == kUnreachable || type == kSourceQuench || type == kRedirect || type == kTimeExceeded ||
           type == kParameterProblem;
}

/// The rewriter that let the quoted packet out, with the mapping of the packets that answer it.
const AskedRewriter* ICMPRewriter::ask(const IpHeader& quoted, uint32_t length,
                                       MappingTable::Flows::Found& back) const {
    for (const AskedRewriter& asked : _asked) {
        FlowKey flow{};
        if (asked.rewriter->flow_of(quoted, length, flow)) {
            back = asked.rewriter->find_flow(flow.reversed());
            if (back) {
                return &asked;
            }
        }
    }
    return nullptr;
}

PacketPtr ICMPRewriter::rewrite(PacketPtr packet, int& way) {
    const IpHeader* ip = whole_ip_header(*packet);
    if (!ip || ip->protocol != kIpProtoIcmp || !ip->first_fragment()) {
        return packet;
    }
    Segment message = ip_segment(*packet, *ip);
    const auto* error = message.header<IcmpHeader>();
    if (!error || !is_error(error->type) || message.length < sizeof(IcmpHeader) + sizeof(IpHeader)) {
        return packet;
    }
    auto length = static_cast<uint32_t>(message.length - sizeof(IcmpHeader));
    const auto& quoted = *reinterpret_cast<const IpHeader*>(message.data + sizeof(IcmpHeader));
    MappingTable::Flows::Found back;
    const AskedRewriter* asked = nullptr;
    if (quoted.header_length() < sizeof(IpHeader) || quoted.header_length() > length ||
        quoted.source != ip->destination || !(asked = ask(quoted, length, back))) {
        return packet;
    }
    packet = uniqueify(std::move(packet));
    if (!packet) {
        return packet;
    }
    IpHeader& outer = *mutable_ip_header(*packet);
    uint8_t* bytes = mutable_segment(*packet, outer);
    auto& icmp = *reinterpret_cast<IcmpHeader*>(bytes);
    auto& inner = *reinterpret_cast<IpHeader*>(bytes + sizeof(IcmpHeader));
    const uint32_t quoted_destination = inner.destination;
    ChangingPart quote(bytes, message.length & ~size_t{1});  // an odd byte at the end is never a changed one
    asked->rewriter->restore(inner, length, back);
    icmp.checksum = quote.changed(icmp.checksum);

    ChangingPart addresses(&outer.source, 2 * sizeof outer.source);
    outer.source = outer.source == quoted_destination ? inner.destination : outer.source;
    outer.destination = inner.source;
    outer.checksum = addresses.changed(outer.checksum);
    if (_dst_anno) {
        anno::set_dst_ip(*packet, IPAddress(outer.destination));
    }
    const Mapping& mapping = asked->rewriter->table().flows()[back.handle];
    bool reply = back.key == 1;
    if (reply && _reply_anno >= 0) {
        packet->set_anno_u8(static_cast<size_t>(_reply_anno), mapping.reply_anno);
    }
    way = asked->output_of(mapping, reply);
    return packet;
}

}  // namespace

CLICK_ELEMENT(ICMPRewriter)

}  // namespace click
