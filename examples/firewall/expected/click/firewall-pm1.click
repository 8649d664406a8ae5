// firewall-pm1: the part of firewall firewall for the networks
// 10.0.5.0/24 behind port 0.
//
// One interface carries all platform ports (0, 1, 2). The destination MAC of a packet says by which
// port it came in; the source MAC that it leaves with says by which port the switch sends it out.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;
bad_options, expired, too_big, unreachable, asked :: PaintSwitch;

// ---- The forwarding table

// Outputs: 0 is port 0, 1 is port 1, 2 is port 2, 3 is no route, 4 is the router itself.
rt :: RadixIPLookup(
    0.0.0.0/0 10.0.6.1 1,
    10.0.5.0/24 0,
    10.0.7.0/24 2,
    192.168.5.254/32 4,
    10.0.5.254/32 4,
    192.168.6.254/32 4,
    10.0.6.254/32 4,
    192.168.7.254/32 4,
    10.0.7.254/32 4);

// ---- The policy

refused :: Counter -> Discard;   // denied by a rule or for its direction
// From inside [0], from outside [1]; [2] are those from outside that may begin a connection. Times are those of RFC 4787, 5382 and 5508.
firewall :: StatefulFirewall(CAPACITY 4096, TCP_TIMEOUT 7440s, TCP_TRANSITORY_TIMEOUT 240s, UDP_TIMEOUT 300s, ICMP_TIMEOUT 60s);
firewall [0] -> rt;
firewall [1] -> rt;
firewall [2] -> rejected :: Counter -> Discard;   // belongs to no connection
rule0 :: Counter -> refused;

// Only the first fragment has ports.
whole :: IPReassembler -> ways :: PaintSwitch;

// What enters by port 0, from the networks.
ways [0] -> policy0 :: IPClassifier(
    dst tcp port 25 and (not tcp or (tcp opt syn and not tcp opt ack)),
    -);
policy0 [0] -> rule0;
policy0 [1] -> [0] firewall;

// What enters by port 1.
ways [1] -> [1] firewall;

// What enters by port 2.
ways [2] -> [1] firewall;

// ---- What comes in

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, 12/c0a805fe, 12/0a0005fe, 12/c0a806fe, 12/0a0006fe, 12/c0a807fe, 12/0a0007fe, -);
sources [0], sources [1], sources [2], sources [3], sources [4], sources [5], sources [6], sources [7], sources [8], sources [9] -> martians :: Counter -> Discard;
sources [10] -> from :: PaintSwitch;
from [0] -> foreign0 :: Classifier(12/c0a806, 12/0a0006, 12/c0a807, 12/0a0007, -);
foreign0 [0], foreign0 [1], foreign0 [2], foreign0 [3] -> martians;
foreign0 [4] -> whole;
from [1] -> foreign1 :: Classifier(12/c0a805, 12/0a0005, 12/c0a807, 12/0a0007, -);
foreign1 [0], foreign1 [1], foreign1 [2], foreign1 [3] -> martians;
foreign1 [4] -> whole;
from [2] -> foreign2 :: Classifier(12/c0a805, 12/0a0005, 12/c0a806, 12/0a0006, -);
foreign2 [0], foreign2 [1], foreign2 [2], foreign2 [3] -> martians;
foreign2 [4] -> whole;

no_route :: Counter -> unreachable;
rt [3] -> no_route;

// Nothing listens on the router's own addresses, but they answer pings.
rt [4] -> local :: Counter -> asked;

// ---- In: ARP and IP, told apart by platform port

// Outputs: ARP requests; then for each port its ARP replies and its IP packets; then the rest.
classify :: Classifier(
    12/0806 20/0001,
    0/02005e005300 12/0806 20/0002,
    0/02005e005300 12/0800,
    0/02005e005301 12/0806 20/0002,
    0/02005e005301 12/0800,
    0/02005e005302 12/0806 20/0002,
    0/02005e005302 12/0800,
    -);

from_device -> classify;
classify [2] -> in0 :: Counter -> Paint(0) -> ip;
classify [4] -> in1 :: Counter -> Paint(1) -> ip;
classify [6] -> in2 :: Counter -> Paint(2) -> ip;
classify [7] -> other :: Counter -> Discard;

// ---- Out: one chain for each platform port

// Port 0: 02:00:5e:00:53:00, 192.168.5.254/24, 10.0.5.254/24
rt [0] -> DropBroadcasts
    -> options0 :: IPGWOptions(10.0.5.254)
    -> ttl0 :: DecIPTTL
    -> mtu0 :: IPFragmenter(1500)
    -> out0 :: Counter
    -> arpq0 :: ARPQuerier(10.0.5.254, 02:00:5e:00:53:00)
    -> queue0 :: Queue(1000)
    -> [0] scheduler;
classify [1] -> [1] arpq0;
options0 [1] -> bad_options;
ttl0 [1] -> expired;
mtu0 [1] -> too_big;

// Port 1: 02:00:5e:00:53:01, 192.168.6.254/24, 10.0.6.254/24
rt [1] -> DropBroadcasts
    -> options1 :: IPGWOptions(10.0.6.254)
    -> ttl1 :: DecIPTTL
    -> mtu1 :: IPFragmenter(1500)
    -> out1 :: Counter
    -> arpq1 :: ARPQuerier(10.0.6.254, 02:00:5e:00:53:01)
    -> queue1 :: Queue(1000)
    -> [1] scheduler;
classify [3] -> [1] arpq1;
options1 [1] -> bad_options;
ttl1 [1] -> expired;
mtu1 [1] -> too_big;

// Port 2: 02:00:5e:00:53:02, 192.168.7.254/24, 10.0.7.254/24
rt [2] -> DropBroadcasts
    -> options2 :: IPGWOptions(10.0.7.254)
    -> ttl2 :: DecIPTTL
    -> mtu2 :: IPFragmenter(1500)
    -> out2 :: Counter
    -> arpq2 :: ARPQuerier(10.0.7.254, 02:00:5e:00:53:02)
    -> queue2 :: Queue(1000)
    -> [2] scheduler;
classify [5] -> [1] arpq2;
options2 [1] -> bad_options;
ttl2 [1] -> expired;
mtu2 [1] -> too_big;

// ---- ARP and ICMP of the router itself

arp_responder :: ARPResponder(
    192.168.5.254 10.0.5.254 02:00:5e:00:53:00,
    192.168.6.254 10.0.6.254 02:00:5e:00:53:01,
    192.168.7.254 10.0.7.254 02:00:5e:00:53:02);
classify [0] -> arp_responder -> arp_queue :: Queue(100) -> [3] scheduler;

// An answer goes back by the port that its packet came in by: its paint. Of each kind of errors a port gets at most
// 100 a second (RFC 1812 4.3.2.8); packets beyond that are dropped without.
unanswered :: Counter -> Discard;

icmp0 :: StaticIPLookup(192.168.5.0/24 0, 10.0.5.0/24 1, 0.0.0.0/0 1);
bad_options [0] -> bad_options0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.5.254, parameterproblem) -> icmp0;
bad_options0 [1] -> unanswered;
expired [0] -> expired0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.5.254, timeexceeded) -> icmp0;
expired0 [1] -> unanswered;
too_big [0] -> too_big0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.5.254, unreachable, needfrag, PMTU 1500) -> icmp0;
too_big0 [1] -> unanswered;
unreachable [0] -> unreachable0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.5.254, unreachable, net) -> icmp0;
unreachable0 [1] -> unanswered;
asked [0] -> ICMPPingResponder -> icmp0;
icmp0 [0] -> FixIPSrc(192.168.5.254) -> out0;
icmp0 [1] -> FixIPSrc(10.0.5.254) -> out0;

icmp1 :: StaticIPLookup(192.168.6.0/24 0, 10.0.6.0/24 1, 0.0.0.0/0 1);
bad_options [1] -> bad_options1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.6.254, parameterproblem) -> icmp1;
bad_options1 [1] -> unanswered;
expired [1] -> expired1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.6.254, timeexceeded) -> icmp1;
expired1 [1] -> unanswered;
too_big [1] -> too_big1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.6.254, unreachable, needfrag, PMTU 1500) -> icmp1;
too_big1 [1] -> unanswered;
unreachable [1] -> unreachable1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.6.254, unreachable, net) -> icmp1;
unreachable1 [1] -> unanswered;
asked [1] -> ICMPPingResponder -> icmp1;
icmp1 [0] -> FixIPSrc(192.168.6.254) -> out1;
icmp1 [1] -> FixIPSrc(10.0.6.254) -> out1;

icmp2 :: StaticIPLookup(192.168.7.0/24 0, 10.0.7.0/24 1, 0.0.0.0/0 1);
bad_options [2] -> bad_options2 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.7.254, parameterproblem) -> icmp2;
bad_options2 [1] -> unanswered;
expired [2] -> expired2 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.7.254, timeexceeded) -> icmp2;
expired2 [1] -> unanswered;
too_big [2] -> too_big2 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.7.254, unreachable, needfrag, PMTU 1500) -> icmp2;
too_big2 [1] -> unanswered;
unreachable [2] -> unreachable2 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.7.254, unreachable, net) -> icmp2;
unreachable2 [1] -> unanswered;
asked [2] -> ICMPPingResponder -> icmp2;
icmp2 [0] -> FixIPSrc(192.168.7.254) -> out2;
icmp2 [1] -> FixIPSrc(10.0.7.254) -> out2;
