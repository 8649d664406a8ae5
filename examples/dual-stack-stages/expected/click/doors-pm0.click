// doors-pm0: the part of allocation doors that forwards
// 0.0.0.0/0, ::/0.
//
// One interface carries all platform ports (0, 1, 2). The destination MAC of a packet says by which
// port it came in; the source MAC that it leaves with says by which port the switch sends it out.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;
bad_options, expired, too_big, unreachable, asked :: PaintSwitch;
expired6, too_big6, unreachable6, asked6 :: PaintSwitch;

// ---- The forwarding table

// Outputs: 0 is port 0, 1 is port 1, 2 is port 2, 3 is no route, 4 is the router itself.
rt :: RadixIPLookup(
    192.168.5.0/24 0,
    192.168.6.0/24 1,
    192.168.7.0/24 2,
    0.0.0.0/0 3,
    192.168.5.254/32 4,
    192.168.6.254/32 4,
    192.168.7.254/32 4);

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, 12/c0a805fe, 12/c0a806fe, 12/c0a807fe, -);
sources [0], sources [1], sources [2], sources [3], sources [4], sources [5], sources [6] -> martians :: Counter -> Discard;
sources [7] -> from :: PaintSwitch;
from [0] -> foreign0 :: Classifier(12/c0a806, 12/c0a807, -);
foreign0 [0], foreign0 [1] -> martians;
foreign0 [2] -> rt;
from [1] -> foreign1 :: Classifier(12/c0a805, 12/c0a807, -);
foreign1 [0], foreign1 [1] -> martians;
foreign1 [2] -> rt;
from [2] -> foreign2 :: Classifier(12/c0a805, 12/c0a806, -);
foreign2 [0], foreign2 [1] -> martians;
foreign2 [2] -> rt;

no_route :: Counter -> unreachable;
rt [3] -> no_route;

// Nothing listens on the router's own addresses, but they answer pings.
rt [4] -> local :: Counter -> asked;

// ---- IPv6: the forwarding table, and what comes to it

// Outputs as above. Nothing goes beyond its link that is for it alone, or for a group (RFC 4291 2.5.6).
rt6 :: LookupIP6Route(
    2001:db8:5::/64 0,
    2001:db8:6::/64 1,
    fd00:db8:7::/64 2,
    ::/0 3,
    fe80::/10 3,
    ff00::/8 3,
    2001:db8:5::fe/128 4,
    2001:db8:6::fe/128 4,
    fd00:db8:7::fe/128 4);

ip6 :: Strip(14) -> header6 :: CheckIP6Header -> GetIP6Address(24) -> sources6 :: Classifier(8/00000000000000000000000000000000%fffffffffffffffffffffffffffffffe, 8/00000000000000000000ffff, 8/ff, 8/fe80%ffc0, 8/20010db80005000000000000000000fe, 8/20010db80006000000000000000000fe, 8/fd000db80007000000000000000000fe, -);
sources6 [0], sources6 [1], sources6 [2], sources6 [3], sources6 [4], sources6 [5], sources6 [6] -> martians;
sources6 [7] -> from6 :: PaintSwitch;
from6 [0] -> foreign6_0 :: Classifier(8/20010db800060000, 8/fd000db800070000, -);
foreign6_0 [0], foreign6_0 [1] -> martians;
foreign6_0 [2] -> rt6;
from6 [1] -> foreign6_1 :: Classifier(8/20010db800050000, 8/fd000db800070000, -);
foreign6_1 [0], foreign6_1 [1] -> martians;
foreign6_1 [2] -> rt6;
from6 [2] -> foreign6_2 :: Classifier(8/20010db800050000, 8/20010db800060000, -);
foreign6_2 [0], foreign6_2 [1] -> martians;
foreign6_2 [2] -> rt6;

rt6 [3] -> no_route6 :: Counter -> unreachable6;
rt6 [4] -> local6 :: Counter -> asked6;

// ---- In: ARP and IP, told apart by platform port

// Outputs: ARP requests; then for each port its ARP replies and its IP packets; then neighbour solicitations; then for each
// port its neighbour advertisements and its IPv6 packets; then the rest.
classify :: Classifier(
    12/0806 20/0001,
    0/02005e005d00 12/0806 20/0002,
    0/02005e005d00 12/0800,
    0/02005e005d01 12/0806 20/0002,
    0/02005e005d01 12/0800,
    0/02005e005d02 12/0806 20/0002,
    0/02005e005d02 12/0800,
    12/86dd 20/3a 54/87,
    0/02005e005d00 12/86dd 20/3a 54/88,
    0/02005e005d00 12/86dd,
    0/02005e005d01 12/86dd 20/3a 54/88,
    0/02005e005d01 12/86dd,
    0/02005e005d02 12/86dd 20/3a 54/88,
    0/02005e005d02 12/86dd,
    -);

from_device -> classify;
classify [2] -> in0 :: Counter -> Paint(0) -> ip;
classify [4] -> in1 :: Counter -> Paint(1) -> ip;
classify [6] -> in2 :: Counter -> Paint(2) -> ip;
classify [9] -> in6_0 :: Counter -> Paint(0) -> ip6;
classify [11] -> in6_1 :: Counter -> Paint(1) -> ip6;
classify [13] -> in6_2 :: Counter -> Paint(2) -> ip6;
classify [14] -> other :: Counter -> Discard;

// ---- Out: one chain for each platform port

// Port 0: 02:00:5e:00:5d:00, 192.168.5.254/24
rt [0] -> DropBroadcasts
    -> options0 :: IPGWOptions(192.168.5.254)
    -> ttl0 :: DecIPTTL
    -> mtu0 :: IPFragmenter(1500)
    -> out0 :: Counter
    -> arpq0 :: ARPQuerier(192.168.5.254, 02:00:5e:00:5d:00)
    -> queue0 :: Queue(1000)
    -> [0] scheduler;
classify [1] -> [1] arpq0;
rt6 [0] -> DropBroadcasts
    -> hops6_0 :: DecIP6HLIM
    -> mtu6_0 :: IP6Fragmenter(1500)
    -> out6_0 :: Counter
    -> ndq0 :: IP6NDSolicitor(2001:db8:5::fe, 02:00:5e:00:5d:00)
    -> queue0;
ndq0 [1] -> queue0;
classify [8] -> [1] ndq0;
hops6_0 [1] -> expired6;
mtu6_0 [1] -> too_big6;
options0 [1] -> bad_options;
ttl0 [1] -> expired;
mtu0 [1] -> too_big;

// Port 1: 02:00:5e:00:5d:01, 192.168.6.254/24
rt [1] -> DropBroadcasts
    -> options1 :: IPGWOptions(192.168.6.254)
    -> ttl1 :: DecIPTTL
    -> mtu1 :: IPFragmenter(1500)
    -> out1 :: Counter
    -> arpq1 :: ARPQuerier(192.168.6.254, 02:00:5e:00:5d:01)
    -> queue1 :: Queue(1000)
    -> [1] scheduler;
classify [3] -> [1] arpq1;
rt6 [1] -> DropBroadcasts
    -> hops6_1 :: DecIP6HLIM
    -> mtu6_1 :: IP6Fragmenter(1500)
    -> out6_1 :: Counter
    -> ndq1 :: IP6NDSolicitor(2001:db8:6::fe, 02:00:5e:00:5d:01)
    -> queue1;
ndq1 [1] -> queue1;
classify [10] -> [1] ndq1;
hops6_1 [1] -> expired6;
mtu6_1 [1] -> too_big6;
options1 [1] -> bad_options;
ttl1 [1] -> expired;
mtu1 [1] -> too_big;

// Port 2: 02:00:5e:00:5d:02, 192.168.7.254/24
rt [2] -> DropBroadcasts
    -> options2 :: IPGWOptions(192.168.7.254)
    -> ttl2 :: DecIPTTL
    -> mtu2 :: IPFragmenter(1500)
    -> out2 :: Counter
    -> arpq2 :: ARPQuerier(192.168.7.254, 02:00:5e:00:5d:02)
    -> queue2 :: Queue(1000)
    -> [2] scheduler;
classify [5] -> [1] arpq2;
rt6 [2] -> DropBroadcasts
    -> hops6_2 :: DecIP6HLIM
    -> mtu6_2 :: IP6Fragmenter(1500)
    -> out6_2 :: Counter
    -> ndq2 :: IP6NDSolicitor(fd00:db8:7::fe, 02:00:5e:00:5d:02)
    -> queue2;
ndq2 [1] -> queue2;
classify [12] -> [1] ndq2;
hops6_2 [1] -> expired6;
mtu6_2 [1] -> too_big6;
options2 [1] -> bad_options;
ttl2 [1] -> expired;
mtu2 [1] -> too_big;

// ---- ARP and ICMP of the router itself

arp_responder :: ARPResponder(
    192.168.5.254 02:00:5e:00:5d:00,
    192.168.6.254 02:00:5e:00:5d:01,
    192.168.7.254 02:00:5e:00:5d:02);
classify [0] -> arp_responder -> arp_queue :: Queue(100) -> [3] scheduler;

// An answer goes back by the port that its packet came in by: its paint. Of each kind of errors a port gets at most
// 100 a second (RFC 1812 4.3.2.8); packets beyond that are dropped without.
unanswered :: Counter -> Discard;

icmp0 :: StaticIPLookup(192.168.5.0/24 0, 0.0.0.0/0 0);
bad_options [0] -> bad_options0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.5.254, parameterproblem) -> icmp0;
bad_options0 [1] -> unanswered;
expired [0] -> expired0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.5.254, timeexceeded) -> icmp0;
expired0 [1] -> unanswered;
too_big [0] -> too_big0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.5.254, unreachable, needfrag, PMTU 1500) -> icmp0;
too_big0 [1] -> unanswered;
unreachable [0] -> unreachable0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.5.254, unreachable, net) -> icmp0;
unreachable0 [1] -> unanswered;
asked [0] -> ICMPPingResponder -> icmp0;
icmp0 [0] -> FixIPSrc(192.168.5.254) -> out0;

icmp1 :: StaticIPLookup(192.168.6.0/24 0, 0.0.0.0/0 0);
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

icmp2 :: StaticIPLookup(192.168.7.0/24 0, 0.0.0.0/0 0);
bad_options [2] -> bad_options2 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.7.254, parameterproblem) -> icmp2;
bad_options2 [1] -> unanswered;
expired [2] -> expired2 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.7.254, timeexceeded) -> icmp2;
expired2 [1] -> unanswered;
too_big [2] -> too_big2 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.7.254, unreachable, needfrag, PMTU 1500) -> icmp2;
too_big2 [1] -> unanswered;
unreachable [2] -> unreachable2 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.7.254, unreachable, net) -> icmp2;
unreachable2 [1] -> unanswered;
asked [2] -> ICMPPingResponder -> icmp2;
icmp2 [0] -> FixIPSrc(192.168.7.254) -> out2;

// ---- Neighbour discovery and ICMPv6 of the router itself

advertiser :: IP6NDAdvertiser(
    2001:db8:5::fe/128 02:00:5e:00:5d:00,
    2001:db8:6::fe/128 02:00:5e:00:5d:01,
    fd00:db8:7::fe/128 02:00:5e:00:5d:02);
classify [7] -> advertiser -> nd_queue :: Queue(100) -> [4] scheduler;

// An answer goes back by the port that its packet came in by. Each kind of errors has its limit within (RFC 4443 2.4 f).

icmp6_0 :: LookupIP6Route(2001:db8:5::/64 0, ::/0 0);
expired6 [0] -> expired6_0 :: ICMP6Error(2001:db8:5::fe, timeexceeded, transit, RATE 100) -> icmp6_0;
too_big6 [0] -> too_big6_0 :: ICMP6Error(2001:db8:5::fe, toobig, PMTU 1500, RATE 100) -> icmp6_0;
unreachable6 [0] -> unreachable6_0 :: ICMP6Error(2001:db8:5::fe, unreachable, noroute, RATE 100) -> icmp6_0;
asked6 [0] -> ICMP6PingResponder -> icmp6_0;
icmp6_0 [0] -> out6_0;

icmp6_1 :: LookupIP6Route(2001:db8:6::/64 0, ::/0 0);
expired6 [1] -> expired6_1 :: ICMP6Error(2001:db8:6::fe, timeexceeded, transit, RATE 100) -> icmp6_1;
too_big6 [1] -> too_big6_1 :: ICMP6Error(2001:db8:6::fe, toobig, PMTU 1500, RATE 100) -> icmp6_1;
unreachable6 [1] -> unreachable6_1 :: ICMP6Error(2001:db8:6::fe, unreachable, noroute, RATE 100) -> icmp6_1;
asked6 [1] -> ICMP6PingResponder -> icmp6_1;
icmp6_1 [0] -> out6_1;

icmp6_2 :: LookupIP6Route(fd00:db8:7::/64 0, ::/0 0);
expired6 [2] -> expired6_2 :: ICMP6Error(fd00:db8:7::fe, timeexceeded, transit, RATE 100) -> icmp6_2;
too_big6 [2] -> too_big6_2 :: ICMP6Error(fd00:db8:7::fe, toobig, PMTU 1500, RATE 100) -> icmp6_2;
unreachable6 [2] -> unreachable6_2 :: ICMP6Error(fd00:db8:7::fe, unreachable, noroute, RATE 100) -> icmp6_2;
asked6 [2] -> ICMP6PingResponder -> icmp6_2;
icmp6_2 [0] -> out6_2;
