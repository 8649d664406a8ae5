// campus-pm0: the part of allocation campus that forwards
// 192.168.0.0/16.
//
// One interface carries all platform ports (0, 1, 2, 3). The destination MAC of a packet says by which
// port it came in; the source MAC that it leaves with says by which port the switch sends it out.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;
bad_options, expired, too_big, unreachable, asked :: PaintSwitch;

// ---- The forwarding table

// Outputs: 0 is port 0, 1 is port 1, 2 is port 2, 3 is port 3, 4 is no route, 5 is the router itself.
rt :: RadixIPLookup(
    192.168.5.0/24 0,
    192.168.6.0/24 1,
    192.168.7.0/24 2,
    192.168.8.0/24 3,
    0.0.0.0/0 4,
    192.168.5.254/32 5,
    10.0.5.254/32 5,
    192.168.6.254/32 5,
    10.0.6.254/32 5,
    192.168.7.254/32 5,
    10.0.7.254/32 5,
    192.168.8.254/32 5,
    10.0.8.254/32 5);

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, 12/c0a805fe, 12/0a0005fe, 12/c0a806fe, 12/0a0006fe, 12/c0a807fe, 12/0a0007fe, 12/c0a808fe, 12/0a0008fe, -);
sources [0], sources [1], sources [2], sources [3], sources [4], sources [5], sources [6], sources [7], sources [8], sources [9], sources [10], sources [11] -> martians :: Counter -> Discard;
sources [12] -> from :: PaintSwitch;
from [0] -> foreign0 :: Classifier(12/c0a806, 12/0a0006, 12/c0a807, 12/0a0007, 12/c0a808, 12/0a0008, -);
foreign0 [0], foreign0 [1], foreign0 [2], foreign0 [3], foreign0 [4], foreign0 [5] -> martians;
foreign0 [6] -> rt;
from [1] -> foreign1 :: Classifier(12/c0a805, 12/0a0005, 12/c0a807, 12/0a0007, 12/c0a808, 12/0a0008, -);
foreign1 [0], foreign1 [1], foreign1 [2], foreign1 [3], foreign1 [4], foreign1 [5] -> martians;
foreign1 [6] -> rt;
from [2] -> foreign2 :: Classifier(12/c0a805, 12/0a0005, 12/c0a806, 12/0a0006, 12/c0a808, 12/0a0008, -);
foreign2 [0], foreign2 [1], foreign2 [2], foreign2 [3], foreign2 [4], foreign2 [5] -> martians;
foreign2 [6] -> rt;
from [3] -> foreign3 :: Classifier(12/c0a805, 12/0a0005, 12/c0a806, 12/0a0006, 12/c0a807, 12/0a0007, -);
foreign3 [0], foreign3 [1], foreign3 [2], foreign3 [3], foreign3 [4], foreign3 [5] -> martians;
foreign3 [6] -> rt;

no_route :: Counter -> unreachable;
rt [4] -> no_route;

// Nothing listens on the router's own addresses, but they answer pings.
rt [5] -> local :: Counter -> asked;

// ---- In: ARP and IP, told apart by platform port

// Outputs: ARP requests; then for each port its ARP replies and its IP packets; then the rest.
classify :: Classifier(
    12/0806 20/0001,
    0/02005e005320 12/0806 20/0002,
    0/02005e005320 12/0800,
    0/02005e005321 12/0806 20/0002,
    0/02005e005321 12/0800,
    0/02005e005322 12/0806 20/0002,
    0/02005e005322 12/0800,
    0/02005e005323 12/0806 20/0002,
    0/02005e005323 12/0800,
    -);

from_device -> classify;
classify [2] -> in0 :: Counter -> Paint(0) -> ip;
classify [4] -> in1 :: Counter -> Paint(1) -> ip;
classify [6] -> in2 :: Counter -> Paint(2) -> ip;
classify [8] -> in3 :: Counter -> Paint(3) -> ip;
classify [9] -> other :: Counter -> Discard;

// ---- Out: one chain for each platform port

// Port 0: 02:00:5e:00:53:20, 192.168.5.254/24, 10.0.5.254/24
rt [0] -> DropBroadcasts
    -> options0 :: IPGWOptions(192.168.5.254)
    -> ttl0 :: DecIPTTL
    -> mtu0 :: IPFragmenter(1500)
    -> out0 :: Counter
    -> arpq0 :: ARPQuerier(192.168.5.254, 02:00:5e:00:53:20)
    -> queue0 :: Queue(1000)
    -> [0] scheduler;
classify [1] -> [1] arpq0;
options0 [1] -> bad_options;
ttl0 [1] -> expired;
mtu0 [1] -> too_big;

// Port 1: 02:00:5e:00:53:21, 192.168.6.254/24, 10.0.6.254/24
rt [1] -> DropBroadcasts
    -> options1 :: IPGWOptions(192.168.6.254)
    -> ttl1 :: DecIPTTL
    -> mtu1 :: IPFragmenter(1500)
    -> out1 :: Counter
    -> arpq1 :: ARPQuerier(192.168.6.254, 02:00:5e:00:53:21)
    -> queue1 :: Queue(1000)
    -> [1] scheduler;
classify [3] -> [1] arpq1;
options1 [1] -> bad_options;
ttl1 [1] -> expired;
mtu1 [1] -> too_big;

// Port 2: 02:00:5e:00:53:22, 192.168.7.254/24, 10.0.7.254/24
rt [2] -> DropBroadcasts
    -> options2 :: IPGWOptions(192.168.7.254)
    -> ttl2 :: DecIPTTL
    -> mtu2 :: IPFragmenter(1500)
    -> out2 :: Counter
    -> arpq2 :: ARPQuerier(192.168.7.254, 02:00:5e:00:53:22)
    -> queue2 :: Queue(1000)
    -> [2] scheduler;
classify [5] -> [1] arpq2;
options2 [1] -> bad_options;
ttl2 [1] -> expired;
mtu2 [1] -> too_big;

// Port 3: 02:00:5e:00:53:23, 192.168.8.254/24, 10.0.8.254/24
rt [3] -> DropBroadcasts
    -> options3 :: IPGWOptions(192.168.8.254)
    -> ttl3 :: DecIPTTL
    -> mtu3 :: IPFragmenter(1500)
    -> out3 :: Counter
    -> arpq3 :: ARPQuerier(192.168.8.254, 02:00:5e:00:53:23)
    -> queue3 :: Queue(1000)
    -> [3] scheduler;
classify [7] -> [1] arpq3;
options3 [1] -> bad_options;
ttl3 [1] -> expired;
mtu3 [1] -> too_big;

// ---- ARP and ICMP of the router itself

arp_responder :: ARPResponder(
    192.168.5.254 10.0.5.254 02:00:5e:00:53:20,
    192.168.6.254 10.0.6.254 02:00:5e:00:53:21,
    192.168.7.254 10.0.7.254 02:00:5e:00:53:22,
    192.168.8.254 10.0.8.254 02:00:5e:00:53:23);
classify [0] -> arp_responder -> arp_queue :: Queue(100) -> [4] scheduler;

// An answer goes back by the port that its packet came in by: its paint. Of each kind of errors a port gets at most
// 100 a second (RFC 1812 4.3.2.8); packets beyond that are dropped without.
unanswered :: Counter -> Discard;

icmp0 :: StaticIPLookup(192.168.5.0/24 0, 10.0.5.0/24 1, 0.0.0.0/0 0);
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
icmp0 [1] -> FixIPSrc(10.0.5.254) -> out0;

icmp1 :: StaticIPLookup(192.168.6.0/24 0, 10.0.6.0/24 1, 0.0.0.0/0 0);
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

icmp2 :: StaticIPLookup(192.168.7.0/24 0, 10.0.7.0/24 1, 0.0.0.0/0 0);
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
icmp2 [1] -> FixIPSrc(10.0.7.254) -> out2;

icmp3 :: StaticIPLookup(192.168.8.0/24 0, 10.0.8.0/24 1, 0.0.0.0/0 0);
bad_options [3] -> bad_options3 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.8.254, parameterproblem) -> icmp3;
bad_options3 [1] -> unanswered;
expired [3] -> expired3 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.8.254, timeexceeded) -> icmp3;
expired3 [1] -> unanswered;
too_big [3] -> too_big3 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.8.254, unreachable, needfrag, PMTU 1500) -> icmp3;
too_big3 [1] -> unanswered;
unreachable [3] -> unreachable3 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(192.168.8.254, unreachable, net) -> icmp3;
unreachable3 [1] -> unanswered;
asked [3] -> ICMPPingResponder -> icmp3;
icmp3 [0] -> FixIPSrc(192.168.8.254) -> out3;
icmp3 [1] -> FixIPSrc(10.0.8.254) -> out3;
