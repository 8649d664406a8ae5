// farm-pm1: the part of load balancer farm for the servers on
// 10.0.5.0/24 behind port 0; its addresses are 10.0.6.254.
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
    10.0.5.0/24 0,
    10.0.6.0/24 1,
    0.0.0.0/0 2,
    192.168.5.254/32 3,
    10.0.5.254/32 3,
    192.168.6.254/32 3,
    10.0.6.254/32 3);

// ---- Services

unasked :: Counter -> Discard;   // belongs to no service and to no connection

balancer0 :: MaglevBalancer(0 1, 10.0.5.1 8443, 10.0.5.2 8443);

// An input for each service, and the last for what belongs to a connection. By [0] to servers, by [1] to clients. Times are those of
// RFC 4787 and RFC 5382.
flows :: IPRewriter(balancer0, pass 2,
    TCP_TIMEOUT 7440s, TCP_NODATA_TIMEOUT 240s, UDP_TIMEOUT 300s, REAP_INTERVAL 10s, MAPPING_CAPACITY 4096);
flows [0], flows [1] -> rt;
flows [2] -> unasked;

// ---- Whether the servers live: each is asked every 1 s, and left after 3 times without an answer

answers :: IPClassifier(src host 10.0.5.1, src host 10.0.5.2, -);
answers [2] -> unasked;
answers [0] -> ping0 :: ICMPPingSource(10.0.5.254, 10.0.5.1, INTERVAL 1s, IDENTIFIER 1, VERBOSE false) -> rt;
health0 :: Script(export down false, init seen 0, init missed 0,
    label again, wait 1s, goto alive $(ne $(ping0.replies) $seen),
    set missed $(add $missed 1), goto again $(or $down $(lt $missed 3)), set down true,
    write balancer0.remove 10.0.5.1 8443, goto again,
    label alive, set seen $(ping0.replies), set missed 0, goto again $(not $down), set down false,
    write balancer0.add 10.0.5.1 8443, goto again);
answers [1] -> ping1 :: ICMPPingSource(10.0.5.254, 10.0.5.2, INTERVAL 1s, IDENTIFIER 2, VERBOSE false) -> rt;
health1 :: Script(export down false, init seen 0, init missed 0,
    label again, wait 1s, goto alive $(ne $(ping1.replies) $seen),
    set missed $(add $missed 1), goto again $(or $down $(lt $missed 3)), set down true,
    write balancer0.remove 10.0.5.2 8443, goto again,
    label alive, set seen $(ping1.replies), set missed 0, goto again $(not $down), set down false,
    write balancer0.add 10.0.5.2 8443, goto again);

// Only the first fragment has ports.
whole :: IPReassembler -> ways :: PaintSwitch;

// From outside: services, then pings and ICMP errors.
ways [1] -> inward :: IPClassifier(
    dst host 10.0.6.254 and dst tcp port 443,
    icmp type echo,
    icmp,
    tcp or udp,
    -);
inward [0] -> [0] flows;
inward [1] -> rt;
inward [2] -> errors_in :: ICMPRewriter(flows) -> rt;
inward [3] -> [1] flows;
errors_in [1], inward [4] -> unasked;

// From the servers: to the router itself, answers, and ICMP errors about what came.
ways [0] -> asking :: IPClassifier(icmp type echo-reply and (dst host 192.168.5.254 or 10.0.5.254 or 192.168.6.254 or 10.0.6.254), -);
asking [0] -> answers;
asking [1] -> outward :: IPClassifier(
    dst host 192.168.5.254 or 10.0.5.254 or 192.168.6.254 or 10.0.6.254,
    tcp or udp,
    icmp,
    -);
outward [0] -> rt;
outward [1] -> [1] flows;
outward [2] -> errors_out :: ICMPRewriter(flows) -> rt;
errors_out [1], outward [3] -> unasked;

// ---- What comes in

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, 12/c0a805fe, 12/0a0005fe, 12/c0a806fe, 12/0a0006fe, -);
sources [0], sources [1], sources [2], sources [3], sources [4], sources [5], sources [6], sources [7] -> martians :: Counter -> Discard;
sources [8] -> from :: PaintSwitch;
from [0] -> foreign0 :: Classifier(12/c0a806, 12/0a0006, -);
foreign0 [0], foreign0 [1] -> martians;
foreign0 [2] -> whole;
from [1] -> foreign1 :: Classifier(12/c0a805, 12/0a0005, -);
foreign1 [0], foreign1 [1] -> martians;
foreign1 [2] -> whole;

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

// ---- ARP and ICMP of the router itself

arp_responder :: ARPResponder(
    192.168.5.254 10.0.5.254 02:00:5e:00:53:00,
    192.168.6.254 10.0.6.254 02:00:5e:00:53:01);
classify [0] -> arp_responder -> arp_queue :: Queue(100) -> [2] scheduler;

// An answer goes back by the port that its packet came in by: its paint. Of each kind of errors a port gets at most
// 100 a second (RFC 1812 4.3.2.8); packets beyond that are dropped without.
unanswered :: Counter -> Discard;

icmp0 :: StaticIPLookup(192.168.5.0/24 0, 10.0.5.0/24 1, 0.0.0.0/0 1);
mended0 :: ICMPRewriter(flows);
mended0 [0], mended0 [1] -> icmp0;
bad_options [0] -> bad_options0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.5.254, parameterproblem) -> mended0;
bad_options0 [1] -> unanswered;
expired [0] -> expired0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.5.254, timeexceeded) -> mended0;
expired0 [1] -> unanswered;
too_big [0] -> too_big0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.5.254, unreachable, needfrag, PMTU 1500) -> mended0;
too_big0 [1] -> unanswered;
unreachable [0] -> unreachable0 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.5.254, unreachable, net) -> mended0;
unreachable0 [1] -> unanswered;
asked [0] -> ICMPPingResponder -> icmp0;
icmp0 [0] -> FixIPSrc(192.168.5.254) -> out0;
icmp0 [1] -> FixIPSrc(10.0.5.254) -> out0;

icmp1 :: StaticIPLookup(192.168.6.0/24 0, 10.0.6.0/24 1, 0.0.0.0/0 1);
mended1 :: ICMPRewriter(flows);
mended1 [0], mended1 [1] -> icmp1;
bad_options [1] -> bad_options1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.6.254, parameterproblem) -> mended1;
bad_options1 [1] -> unanswered;
expired [1] -> expired1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.6.254, timeexceeded) -> mended1;
expired1 [1] -> unanswered;
too_big [1] -> too_big1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.6.254, unreachable, needfrag, PMTU 1500) -> mended1;
too_big1 [1] -> unanswered;
unreachable [1] -> unreachable1 :: RatedSplitter(100, BURST_SIZE 50) -> ICMPError(10.0.6.254, unreachable, net) -> mended1;
unreachable1 [1] -> unanswered;
asked [1] -> ICMPPingResponder -> icmp1;
icmp1 [0] -> FixIPSrc(192.168.6.254) -> out1;
icmp1 [1] -> FixIPSrc(10.0.6.254) -> out1;
