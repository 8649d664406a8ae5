// SPDX-License-Identifier: Apache-2.0
/*
=c
ARPQuerier(IP, ETH, I<keywords>)
=s arp
puts IP packets into Ethernet frames to addresses found by ARP
=d
IP is this host's address on the link and ETH its Ethernet address; a name of AddressInfo or of a device that stands for
both may stand alone. With IP 0.0.0.0, questions are asked in the name of
nobody (RFC 5227 probes) and the answers are used all the same.

Input 0 takes IP packets, whose destination address annotation is their next hop. If its Ethernet address is known, the
packet gets an Ethernet header and leaves by output 0. If not, it waits, and a question is sent by the last output
(output 1, or 0 when there is only one). Input 1 takes ARP replies with their Ethernet header; waiting packets are then
sent in the order in which they came. A reply about an address that was never asked for and is not in the table changes
nothing, so that nobody can fill the table.

One address is asked for at most ten times a second, and every two seconds after ten questions without an answer.
Packets to 0.0.0.0 are dropped. Packets to 255.255.255.255 and BROADCAST are sent to FF-FF-FF-FF-FF-FF, packets to
multicast addresses to the group address of RFC 1112. Entries and waiting packets survive hot-swapping.

Keyword arguments are:
=over 8
=item TABLE
Element. An ARPTable to be used instead of an own table; it decides on CAPACITY, ENTRY_CAPACITY, ENTRY_PACKET_CAPACITY,
CAPACITY_SLIM_FACTOR and TIMEOUT.
=use neighbor-keywords
Time value. How long an entry lives after the last reply. Default is 5 minutes; zero means for ever.
=item BROADCAST
IP address. The link's broadcast address.
=item POLL_TIMEOUT
Time value. The use of an entry of that age asks its holder again, directly. Default is one minute; zero means never.
=back
=h ipaddr read/write
This host's IP address.
=h broadcast read/write
The link's broadcast address.
=h table read-only
One line an entry, oldest first: IP address, 1 or 0 for known or not, Ethernet address, seconds since the last reply.
=h stats read-only
Dropped packets and sent questions in words.
=h queries read-only
Questions that were sent.
=h responses read-only
Packets that came in on input 1.
=h drops read-only
Packets that were dropped because of time, capacity or a missing next hop.
=use neighbor-numbers
=use neighbor-entries
=use neighbor-state
=e
  FromDevice(eth0) -> c :: Classifier(12/0806 20/0002, 12/0800);
  a :: ARPQuerier(18.26.4.24, 00:00:C0:AE:67:EF);
  c[0] -> [1]a;
  c[1] -> Strip(14) -> CheckIPHeader -> GetIPAddress(16) -> a -> Queue -> ToDevice(eth0);
=a ARPTable, ARPResponder, EtherEncap
*/
#include <click/annotations.hh>

#include "elements/ethernet/arppacket.hh"
#include "elements/ethernet/neighborquerier.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class ARPQuerier final : public NeighborQuerier<IPAddress, anno::dst_ip> {
public:
    ARPQuerier() : NeighborQuerier("ARP queries") {}
    const char* class_name() const override { return "ARPQuerier"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override;

private:
    bool group_address(const IPAddress& ip, EtherAddress& ether) const override;
    PacketPtr question(const IPAddress& ip, const EtherAddress& known) override {
        return make_arp_packet(kArpRequest, _own, {EtherAddress(), ip}, known);
    }
    void receive_answer(const Packet& packet) override;

    ArpParty _own;
    IPAddress _broadcast;
};

int ARPQuerier::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    // A name alone stands for both of its addresses.
    IPAddress literal;
    bool alone = conf.size() == 1 || (conf.size() > 1 && is_keyword_argument(conf[1]));
    if (alone && !is_keyword_argument(conf[0]) && !parse_ip_address(unquote(conf[0]), literal)) {
        conf.insert(conf.begin() + 1, conf[0]);
    }
    Limits limits;
    ArpParty own;
    IPAddress broadcast;
    Element* table = nullptr;
    Duration poll_timeout{limits.poll_after};
    Duration timeout{limits.timeout};
    Args args(conf, this, errh);
    args.mandatory("IP", own.ip)
        .mandatory("ETH", own.ether)
        .keyword("TABLE", table)
        .keyword("BROADCAST", broadcast)
        .keyword("POLL_TIMEOUT", poll_timeout);
    if (table_keywords(args, limits, timeout).complete() < 0) {
        return -1;
    }
    limits.poll_after = poll_timeout.nanoseconds;
    limits.timeout = timeout.nanoseconds;
    Holder* holder = this;
    if (table) {
        holder = table->as<Holder>();
        if (!holder) {
            return errh.error("TABLE: '%s' is not an ARPTable", table->name().c_str());
        }
        holder->neighbors().set_poll_after(limits.poll_after);
    } else if (neighbors().set_limits(limits, errh) < 0) {
        return -1;
    }
    use(*holder, own.ether, kEtherTypeIp);
    _own = own;
    _broadcast = broadcast;
    return 0;
}

bool ARPQuerier::group_address(const IPAddress& ip, EtherAddress& ether) const {
    uint32_t group = ip.host_order();
    if (group == 0xffffffffU || (_broadcast && ip == _broadcast)) {
        ether = EtherAddress::broadcast();
        return true;
    }
    ether = {{0x01, 0x00, 0x5e, static_cast<uint8_t>(group >> 16 & 0x7f), static_cast<uint8_t>(group >> 8),
              static_cast<uint8_t>(group)}};
    return ip.is_multicast();
}

void ARPQuerier::receive_answer(const Packet& packet) {
    if (packet.length() < sizeof(ArpFrame)) {
        return;
    }
    note_answer();
    const ArpFrame* reply = arp_frame(packet, kArpReply);
    if (!reply) {
        return;
    }
    EtherAddress ether = EtherAddress::read(reply->arp.sender_ether);
    IPAddress ip = IPAddress::read(reply->arp.sender_ip);
    if (!ether.is_group() && ip) {
        learn(ip, ether);
    }
}

void ARPQuerier::add_handlers() {
    add_querier_handlers();
    add_setting_handler("ipaddr", _own.ip);
    add_setting_handler("broadcast", _broadcast);
}

}  // namespace

CLICK_ELEMENT(ARPQuerier)

}  // namespace click
