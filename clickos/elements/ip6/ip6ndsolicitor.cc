// SPDX-License-Identifier: Apache-2.0
/*
=c
IP6NDSolicitor(IP6, ETH [, I<keywords>])
=s ip6
puts IPv6 packets into Ethernet frames to addresses found by neighbor discovery
=d
IP6 is this host's address on the link and ETH its Ethernet address.

Input 0 takes IPv6 packets, whose destination IPv6 address annotation is their next hop. If its Ethernet address is known,
the packet gets an Ethernet header and leaves by output 0. If not, it waits, and a neighbor solicitation (RFC 4861 4.3) is
sent by the last output (output 1, or 0 when there is only one). Input 1 takes neighbor advertisements with their Ethernet
header; waiting packets are then sent in the order in which they came.

An advertisement counts only if it is valid (RFC 4861 7.1.2: hop limit 255, right checksum) and names a target that was
asked for; so nobody can fill the table, and nobody behind a router can change it. One without the override flag does not
change an address that is known. One address is asked for at most once a second, and every two seconds after ten questions
without an answer. Packets to C<::> are dropped; those to groups go to their Ethernet group (RFC 2464 7). Entries and
waiting packets survive hot-swapping.

Keyword arguments are:
=over 8
=item CAPACITY
Unsigned integer. How many packets wait for answers at most. Default is 2048; zero means 65536. A small machine keeps fewer:
a sixteenth of its free memory.
=item ENTRY_CAPACITY
Unsigned integer. How many entries the table has at most; the oldest of those without an answer makes room, or else the
oldest. Default is zero, which means 65536, or what a sixteenth of the free memory of a small machine holds.
=item ENTRY_PACKET_CAPACITY
Unsigned integer. How many packets wait for one answer at most. Default is zero, which means no limit.
=item CAPACITY_SLIM_FACTOR
Unsigned integer. When too many packets wait, one in so many of them, the oldest ones, are dropped. Default is 2.
=item TIMEOUT
Time value. How long an entry lives after the last answer. Default is 5 minutes; zero means for ever.
=item POLL_TIMEOUT
Time value. The use of an entry of that age asks its holder again, directly. Default is 30 seconds (RFC 4861 10,
REACHABLE_TIME); zero means never.
=back
=h table read-only
One line an entry, oldest first: IPv6 address, 1 or 0 for known or not, Ethernet address, seconds since the last answer.
=h stats read-only
Dropped packets and sent questions in words.
=h queries read-only
Questions that were sent.
=h responses read-only
Valid advertisements that came in on input 1.
=h drops read-only
Packets that were dropped because of time, capacity or a missing next hop.
=use neighbor-numbers
=h insert write-only
Adds C<IP6 ETH>.
=h delete write-only
Removes the entry of an IPv6 address.
=use neighbor-state
=e
  FromDevice(eth0) -> c :: Classifier(12/86dd 20/3a 54/87, 12/86dd 20/3a 54/88, 12/86dd);
  nda :: IP6NDAdvertiser(3ffe:1ce1:2::2/128 00:e0:29:05:e2:d4);
  nds :: IP6NDSolicitor(3ffe:1ce1:2::2, 00:e0:29:05:e2:d4);
  c[0] -> nda -> ...
  c[1] -> [1]nds;
  c[2] -> Strip(14) -> CheckIP6Header -> GetIP6Address(24) -> nds -> Queue -> ToDevice(eth0);
=a IP6NDAdvertiser, LookupIP6Route, ARPQuerier
*/
#include "elements/ethernet/neighborquerier.hh"
#include "elements/ip6/ip6annotation.hh"
#include "elements/ip6/neighbordiscovery.hh"

namespace click {

namespace {

constexpr Duration kReachable{30 * clock::kSecond};

class IP6NDSolicitor final : public NeighborQuerier<IP6Address, anno::dst_ip6> {
public:
    IP6NDSolicitor() : NeighborQuerier("neighbor solicitations") {}
    const char* class_name() const override { return "IP6NDSolicitor"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Limits limits;
        NeighborParty own;
        Duration timeout{limits.timeout};
        Duration poll_timeout = kReachable;
        Args args(conf, this, errh);
        args.mandatory("IP6", own.ip).mandatory("ETH", own.ether).keyword("POLL_TIMEOUT", poll_timeout);
        if (table_keywords(args, limits, timeout).complete() < 0) {
            return -1;
        }
        limits.timeout = timeout.nanoseconds;
        limits.poll_after = poll_timeout.nanoseconds;
        if (neighbors().set_limits(limits, errh) < 0) {
            return -1;
        }
        use(*this, own.ether, kEtherTypeIp6);
        _own = own;
        return 0;
    }
    void add_handlers() override { add_querier_handlers(); }

private:
    bool group_address(const IP6Address& ip, EtherAddress& ether) const override {
        ether = ether_group(ip);
        return ip.is_multicast();
    }
    PacketPtr question(const IP6Address& ip, const EtherAddress& known) override {
        IP6Address group = ip.solicited_node();
        NeighborParty everybody{ether_group(group), group};
        return make_neighbor_message(kIcmp6NeighborSolicitation, 0, _own,
                                     known.is_broadcast() ? everybody : NeighborParty{known, ip}, ip);
    }
    void receive_answer(const Packet& packet) override {
        NeighborNews news;
        if (!read_neighbor_message(packet, kIcmp6NeighborAdvertisement, news) ||
            (news.destination.is_multicast() && (news.flags & NeighborMessage::kSolicited))) {
            return;
        }
        note_answer();
        const auto* entry = table().lookup(news.target);
        // Who answers a direct question need not say the address that we asked at (RFC 4861 7.2.4).
        EtherAddress ether = news.has_link ? news.link : entry ? entry->ether : EtherAddress();
        bool changes = entry && entry->ether != ether;
        bool counts = changes ? (news.flags & NeighborMessage::kOverride) != 0
                              : !entry || (news.flags & NeighborMessage::kSolicited) != 0;
        if (ether && !ether.is_group() && counts) {
            learn(news.target, ether);
        }
    }

    NeighborParty _own;
};

}  // namespace

CLICK_ELEMENT(IP6NDSolicitor)

}  // namespace click
