// generator-pm0: the part of traffic generator generator that sends from 203.0.113.48.
//
// One interface carries all platform ports (0, 1). The destination MAC of a packet says by which
// port it came in; the source MAC that it leaves with says by which port the switch sends it out.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;
bad_options, expired, too_big, unreachable, asked :: PaintSwitch;

// ---- The forwarding table

// Outputs: 0 is port 0, 1 is port 1, 2 is no route, 3 is the router itself.
rt :: RadixIPLookup(
    0.0.0.0/0 192.168.5.1 0,
    192.168.5.254/32 3,
    10.0.5.254/32 3,
    192.168.6.254/32 3,
    10.0.6.254/32 3,
    203.0.113.48/32 4);

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, 12/c0a805fe, 12/0a0005fe, 12/c0a806fe, 12/0a0006fe, 12/cb007130, -);
sources [0], sources [1], sources [2], sources [3], sources [4], sources [5], sources [6], sources [7], sources [8] -> martians :: Counter -> Discard;
sources [9] -> from :: PaintSwitch;
from [0] -> foreign0 :: Classifier(12/c0a806, 12/0a0006, -);
foreign0 [0], foreign0 [1] -> martians;
foreign0 [2] -> rt;
from [1] -> foreign1 :: Classifier(12/c0a805, 12/0a0005, -);
foreign1 [0], foreign1 [1] -> martians;
foreign1 [2] -> rt;

no_route :: Counter -> unreachable;
rt [2] -> no_route;

// Nothing listens on the router's own addresses, but they answer pings.
rt [3] -> local :: Counter -> asked;

// ---- In: ARP and IP, told apart by platform port

// Outputs: ARP requests; then for each port its ARP replies and its IP packets; then the rest.
classify :: Classifier(
    12/0806 20/0001,
    0/02005e005300 12/0806 20/0002,
    0/02005e005300 12/0800,
    0/02005e005301 12/0806 20/0002,
    0/02005e005301 12/0800,
    -);

from_device -> classify;
classify [2] -> in0 :: Counter -> Paint(0) -> ip;
classify [4] -> in1 :: Counter -> Paint(1) -> ip;
classify [5] -> other :: Counter -> Discard;

// ---- Out: one chain for each platform port

// Port 0: 02:00:5e:00:53:00, 192.168.5.254/24, 10.0.5.254/24
rt [0] -> DropBroadcasts
    -> options0 :: IPGWOptions(192.168.5.254)
    -> ttl0 :: DecIPTTL
    -> mtu0 :: IPFragmenter(1500)
    -> out0 :: Counter
    -> arpq0 :: ARPQuerier(192.168.5.254, 02:00:5e:00:53:00)
    -> queue0 :: Queue(1000)
    -> [0] scheduler;
classify [1] -> [1] arpq0;
options0 [1] -> bad_options;
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
options1 [1] -> bad_options;
ttl1 [1] -> expired;
mtu1 [1] -> too_big;

// ---- ARP and ICMP of the router itself

arp_responder :: ARPResponder(
    192.168.5.254 10.0.5.254 02:00:5e:00:53:00,
    192.168.6.254 10.0.6.254 02:00:5e:00:53:01);
classify [0] -> arp_responder -> arp_queue :: Queue(100) -> [2] scheduler;

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

// ---- What is sent, and what comes back

// Errors about what the module itself sends go nowhere.
own :: Paint(2) -> rt;
reflected, discarded, ignored :: Counter;
discarded, ignored -> Discard;
rt [4] -> arriving :: IPClassifier(
    src host 203.0.113.49 and src udp port 862 and dst udp port 40000,
    src host 192.168.5.1 and icmp type echo-reply,
    icmp type echo,
    dst udp port 862 and not src udp port 862,
    dst udp port 9,
    -);
arriving [2] -> ICMPPingResponder -> own;
arriving [3] -> reflected -> IPMirror -> own;
arriving [4] -> discarded;
arriving [5] -> ignored;

// 0: frames of 512 bytes to 203.0.113.49
source0 :: RatedSource(RATE 200, LENGTH 470)
    -> UDPIPEncap(203.0.113.48, 40000, 203.0.113.49, 862)
    -> sent0 :: Counter
    -> own;
arriving [0] -> returned0 :: Counter -> Discard;

// 1: pings to 192.168.5.1
arriving [1]
    -> probe1 :: ICMPPingSource(203.0.113.48, 192.168.5.1, INTERVAL 0.1s, IDENTIFIER 2, VERBOSE false)
    -> own;
