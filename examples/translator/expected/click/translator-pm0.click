// translator-pm0: the part of translator translator that has
// 203.0.113.0/31, 64:ff9b:1::/96.
//
// One interface carries all platform ports (0, 1). The destination MAC of a packet says by which
// port it came in; the source MAC that it leaves with says by which port the switch sends it out.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;
bad_options, expired, too_big, unreachable, asked :: PaintSwitch;
expired6, too_big6, unreachable6, asked6 :: PaintSwitch;

// ---- The forwarding table

// Outputs: 0 is port 0, 1 is port 1, 2 is no route, 3 is the router itself.
rt :: RadixIPLookup(
    10.0.6.0/24 1,
    192.168.6.0/24 1,
    0.0.0.0/0 2,
    192.168.6.254/32 3,
    10.0.6.254/32 3,
    203.0.113.0/31 4);

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, 12/c0a806fe, 12/0a0006fe, 12/cb007100%fffffffe, -);
sources [0], sources [1], sources [2], sources [3], sources [4], sources [5], sources [6] -> martians :: Counter -> Discard;
sources [7] -> from :: PaintSwitch;
from [0] -> foreign0 :: Classifier(12/c0a806, 12/0a0006, -);
foreign0 [0], foreign0 [1] -> martians;
foreign0 [2] -> rt;
from [1] -> rt;

no_route :: Counter -> unreachable;
rt [2] -> no_route;

// Nothing listens on the router's own addresses, but they answer pings.
rt [3] -> local :: Counter -> asked;

// ---- IPv6: the forwarding table, and what comes to it

// Outputs as above. Nothing goes beyond its link that is for it alone, or for a group (RFC 4291 2.5.6).
rt6 :: LookupIP6Route(
    2001:db8:5::/64 0,
    ::/0 2,
    fe80::/10 2,
    ff00::/8 2,
    2001:db8:5::fe/128 3,
    64:ff9b:1::/96 4);

ip6 :: Strip(14) -> header6 :: CheckIP6Header -> GetIP6Address(24) -> sources6 :: Classifier(8/00000000000000000000000000000000%fffffffffffffffffffffffffffffffe, 8/00000000000000000000ffff, 8/ff, 8/fe80%ffc0, 8/20010db80005000000000000000000fe, 8/0064ff9b0001000000000000, -);
sources6 [0], sources6 [1], sources6 [2], sources6 [3], sources6 [4], sources6 [5] -> martians;
sources6 [6] -> from6 :: PaintSwitch;
from6 [0] -> rt6;
from6 [1] -> foreign6_1 :: Classifier(8/20010db800050000, -);
foreign6_1 [0] -> martians;
foreign6_1 [1] -> rt6;

rt6 [2] -> no_route6 :: Counter -> unreachable6;
rt6 [3] -> local6 :: Counter -> asked6;

// ---- In: ARP and IP, told apart by platform port

// Outputs: ARP requests; then for each port its ARP replies and its IP packets; then neighbour solicitations; then for each
// port its neighbour advertisements and its IPv6 packets; then the rest.
classify :: Classifier(
    12/0806 20/0001,
    0/02005e005300 12/0806 20/0002,
    0/02005e005300 12/0800,
    0/02005e005301 12/0806 20/0002,
    0/02005e005301 12/0800,
    12/86dd 20/3a 54/87,
    0/02005e005300 12/86dd 20/3a 54/88,
    0/02005e005300 12/86dd,
    0/02005e005301 12/86dd 20/3a 54/88,
    0/02005e005301 12/86dd,
    -);

from_device -> classify;
classify [2] -> in0 :: Counter -> Paint(0) -> ip;
classify [4] -> in1 :: Counter -> Paint(1) -> ip;
classify [7] -> in6_0 :: Counter -> Paint(0) -> ip6;
classify [9] -> in6_1 :: Counter -> Paint(1) -> ip6;
classify [10] -> other :: Counter -> Discard;

// ---- Out: one chain for each platform port

// Port 0: 02:00:5e:00:53:00
rt [0] -> DropBroadcasts
    -> ttl0 :: DecIPTTL
    -> mtu0 :: IPFragmenter(1500)
    -> out0 :: Counter
    -> arpq0 :: ARPQuerier(0.0.0.0, 02:00:5e:00:53:00)
    -> queue0 :: Queue(1000)
    -> [0] scheduler;
classify [1] -> [1] arpq0;
rt6 [0] -> DropBroadcasts
    -> hops6_0 :: DecIP6HLIM
    -> mtu6_0 :: IP6Fragmenter(1500)
    -> out6_0 :: Counter
    -> ndq0 :: IP6NDSolicitor(2001:db8:5::fe, 02:00:5e:00:53:00)
    -> queue0;
ndq0 [1] -> queue0;
classify [6] -> [1] ndq0;
hops6_0 [1] -> expired6;
mtu6_0 [1] -> too_big6;
ttl0 [1] -> expired;
mtu0 [1] -> too_big;

// Port 1: 02:00:5e:00:53:01, 192.168.6.254/24, 10.0.6.254/24
rt [1] -> DropBroadcasts
    -> options1 :: IPGWOptions(192.168.6.254)
    -> ttl1 :: DecIPTTL
    -> mtu1 :: IPFragmenter(1500)
    -> out1 :: Counter
    -> arpq1 :: ARPQuerier(192.168.6.254, 02:00:5e:00:53:01)
    -> queue1 :: Queue(1000)
    -> [1] scheduler;
classify [3] -> [1] arpq1;
rt6 [1] -> Discard;   // the port has no IPv6 address, and no route leads there
classify [8] -> Discard;
options1 [1] -> bad_options;
ttl1 [1] -> expired;
mtu1 [1] -> too_big;

// ---- ARP and ICMP of the router itself

arp_responder :: ARPResponder(
    192.168.6.254 10.0.6.254 02:00:5e:00:53:01);
classify [0] -> arp_responder -> arp_queue :: Queue(100) -> [2] scheduler;

// An answer goes back by the port that its packet came in by: its paint. Of each kind of errors a port gets at most
// 100 a second (RFC 1812 4.3.2.8); packets beyond that are dropped without.
unanswered :: Counter -> Discard;

bad_options [0] -> Discard;
expired [0] -> Discard;
too_big [0] -> Discard;
unreachable [0] -> Discard;
asked [0] -> Discard;

icmp1 :: StaticIPLookup(192.168.6.0/24 0, 10.0.6.0/24 1, 0.0.0.0/0 192.168.6.1 0);
bad_options [1] -> bad_options1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.6.254, parameterproblem) -> icmp1;
bad_options1 [1] -> unanswered;
expired [1] -> expired1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.6.254, timeexceeded) -> icmp1;
expired1 [1] -> unanswered;
too_big [1] -> too_big1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.6.254, unreachable, needfrag, PMTU 1500) -> icmp1;
too_big1 [1] -> unanswered;
unreachable [1] -> unreachable1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.6.254, unreachable, net) -> icmp1;
unreachable1 [1] -> unanswered;
asked [1] -> ICMPPingResponder -> icmp1;
icmp1 [0] -> FixIPSrc(192.168.6.254) -> out1;
icmp1 [1] -> FixIPSrc(10.0.6.254) -> out1;

// ---- Neighbour discovery and ICMPv6 of the router itself

advertiser :: IP6NDAdvertiser(
    2001:db8:5::fe/128 02:00:5e:00:53:00);
classify [5] -> advertiser -> nd_queue :: Queue(100) -> [3] scheduler;

// An answer goes back by the port that its packet came in by. Each kind of errors has its limit within (RFC 4443 2.4 f).

icmp6_0 :: LookupIP6Route(2001:db8:5::/64 0, ::/0 0);
expired6 [0] -> expired6_0 :: ICMP6Error(2001:db8:5::fe, timeexceeded, transit, RATE 100) -> icmp6_0;
too_big6 [0] -> too_big6_0 :: ICMP6Error(2001:db8:5::fe, toobig, PMTU 1500, RATE 100) -> icmp6_0;
unreachable6 [0] -> unreachable6_0 :: ICMP6Error(2001:db8:5::fe, unreachable, noroute, RATE 100) -> icmp6_0;
asked6 [0] -> ICMP6PingResponder -> icmp6_0;
icmp6_0 [0] -> out6_0;

expired6 [1], too_big6 [1], unreachable6 [1], asked6 [1] -> Discard;

// ---- Translation

// IPv6 hosts by [0], the IPv4 world by [1] (RFC 6146).
translation :: NAT64(64:ff9b:1::/96, 203.0.113.0 203.0.113.1, CAPACITY 65536);

// From IPv6: what has no hop left goes no further, the rest loses one on the way out.
rt6 [4] -> ending6 :: Classifier(7/00, 7/01, -);
ending6 [0], ending6 [1] -> expired6;
ending6 [2] -> [0] translation;
translation [0] -> translated4 :: Paint(2) -> rt;

// From IPv4, whose packets grow by 20 bytes, and by 28 as fragments.
rt [4] -> ending :: Classifier(8/00, 8/01, -);
ending [0], ending [1] -> expired;
// Only the first fragment has ports.
ending [2] -> whole :: IPReassembler -> sizes :: IPClassifier(ip len > 1480 and ip[6] & 0x40 != 0, -);
sizes [1] -> [1] translation;
translation [1] -> parts :: IP6Fragmenter(1500) -> translated6 :: Paint(2) -> rt6;
sizes [0] -> too_long :: PaintSwitch;
too_long [0] -> Discard;
too_long [1] -> too_long1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.6.254, unreachable, needfrag, PMTU 1480) -> icmp1;
too_long1 [1] -> unanswered;

// What the router itself says of translated packets goes back by the translation.
unreachable [2] -> unreachable_back :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.6.254, unreachable, net) -> [1] translation;
unreachable_back [1] -> unanswered;
asked [2] -> ICMPPingResponder -> [1] translation;
unreachable6 [2] -> ICMP6Error(2001:db8:5::fe, unreachable, noroute, RATE 100) -> [0] translation;
