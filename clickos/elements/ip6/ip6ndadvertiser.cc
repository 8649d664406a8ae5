// SPDX-License-Identifier: Apache-2.0
/*
=c
IP6NDAdvertiser(IP6/MASK [IP6/MASK...] ETH, IP6/MASK... ETH, ..., I<keywords> ROUTER)
=s ip6
answers neighbor solicitations
=d
Takes neighbor solicitations (RFC 4861 4.3) with their Ethernet header and sends the advertisements for the addresses and
networks that it is configured with, from the Ethernet address that follows them in the argument. Of several networks that
hold an address the one with the longest mask counts. Packets that are no valid solicitations (RFC 4861 7.1.1: hop limit
255, right checksum, whole options), or ask for other addresses, are dropped.

The advertisement goes to who asked; one that an unspecified address asked for (duplicate address detection) goes to all
nodes. For a single address it overrides what is known; for a network it does not, since this element then speaks for
others (RFC 4861 7.2.8).

Keyword arguments are:
=over 8
=item ROUTER
Boolean. Whether advertisements say that their sender is a router. Default is true.
=back
=h table read-only
All addresses, one C<IP6/MASK ETH> a line.
=e
  FromDevice(eth0) -> c :: Classifier(12/86dd 20/3a 54/87);
  c[0] -> IP6NDAdvertiser(3ffe:1ce1:2::2/128 00:e0:29:05:e2:d4, 3ffe:1ce1:2::/80 00:e0:29:05:e2:d4)
      -> Queue -> ToDevice(eth0);
=a IP6NDSolicitor, ARPResponder
*/
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>

#include "elements/ip6/neighbordiscovery.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

constexpr int kAllBits = 128;

class IP6NDAdvertiser final : public PacketAction<IP6NDAdvertiser> {
public:
    const char* class_name() const override { return "IP6NDAdvertiser"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_read_handler<&IP6NDAdvertiser::table>("table"); }

    PacketPtr simple_action(PacketPtr packet) {
        NeighborNews news;
        if (!read_neighbor_message(*packet, kIcmp6NeighborSolicitation, news)) {
            return {};
        }
        bool nobody = news.source.is_unspecified();
        // Who has no address asks everybody, and says no Ethernet address that could be remembered for it.
        if (nobody && (news.has_link || news.destination != news.target.solicited_node())) {
            return {};
        }
        const Entry* entry = find(news.target);
        return entry ? answer(*entry, news, nobody) : PacketPtr();
    }

private:
    struct Entry {
        IP6Prefix prefix;
        EtherAddress ether;
        int length = 0;
    };

    bool parse_entry(std::string_view text, std::vector<Entry>& entries, ErrorHandler& errh) const;
    const Entry* find(const IP6Address& ip) const {
        auto found = std::find_if(_entries.begin(), _entries.end(),
                                  [&](const Entry& entry) { return entry.prefix.contains(ip); });
        return found == _entries.end() ? nullptr : &*found;
    }
    PacketPtr answer(const Entry& entry, const NeighborNews& news, bool nobody) const;
    std::string table() const;

    std::vector<Entry> _entries;
    bool _router = true;
};

bool IP6NDAdvertiser::parse_entry(std::string_view text, std::vector<Entry>& entries, ErrorHandler& errh) const {
    size_t first = entries.size();
    EtherAddress ether;
    unsigned ethers = 0;
    for (const std::string& word : split_words(text)) {
        SilentErrorHandler silent;
        ArgContext context(this, silent, {});
        Entry entry;
        if (parse_arg(word, ether, context)) {
            ++ethers;
        } else if (parse_arg(word, entry.prefix, context) && entry.prefix.mask.mask_length() >= 0) {
            entry.length = entry.prefix.mask.mask_length();
            entries.push_back(entry);
        } else {
            errh.error("argument should be 'IP6/MASK ETH', got '%s'", word.c_str());
            return false;
        }
    }
    if (ethers != 1 || entries.size() == first) {
        errh.error("%s", ethers > 1 ? "more than one ETH" : ethers == 0 ? "missing ETH" : "no IPv6 addresses");
        return false;
    }
    std::for_each(entries.begin() + static_cast<ptrdiff_t>(first), entries.end(),
                  [&](Entry& entry) { entry.ether = ether; });
    return true;
}

int IP6NDAdvertiser::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::vector<std::string> arguments;
    std::vector<Entry> entries;
    bool router = true;
    if (Args(conf, this, errh).keyword("ROUTER", router).rest(arguments).complete() < 0) {
        return -1;
    }
    bool right = true;
    for (size_t i = 0; i < arguments.size(); ++i) {
        PrefixErrorHandler numbered(errh, "argument " + std::to_string(i + 1) + ": ");
        right &= parse_entry(arguments[i], entries, numbered);
    }
    if (!right) {
        return -1;
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& one, const Entry& other) { return one.length > other.length; });
    _entries = std::move(entries);
    _router = router;
    return 0;
}

PacketPtr IP6NDAdvertiser::answer(const Entry& entry, const NeighborNews& news, bool nobody) const {
    constexpr IP6Address kAllNodes({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01});
    NeighborParty asker{news.has_link ? news.link : news.sender, news.source};
    if (nobody) {
        asker = {ether_group(kAllNodes), kAllNodes};
    }
    auto flags =
        static_cast<uint8_t>((_router ? NeighborMessage::kRouter : 0) | (nobody ? 0 : NeighborMessage::kSolicited) |
                             (entry.length == kAllBits ? NeighborMessage::kOverride : 0));
    PacketPtr packet =
        make_neighbor_message(kIcmp6NeighborAdvertisement, flags, {entry.ether, news.target}, asker, news.target);
    if (packet) {
        packet->set_timestamp(clock::now());
    }
    return packet;
}

std::string IP6NDAdvertiser::table() const {
    std::string text;
    for (const Entry& entry : _entries) {
        text += entry.prefix.unparse() + " " + entry.ether.unparse() + "\n";
    }
    return text;
}

}  // namespace

CLICK_ELEMENT(IP6NDAdvertiser)

}  // namespace click
