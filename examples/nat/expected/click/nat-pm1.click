// nat-pm1: the part of NAT nat for the networks
// 10.0.5.0/24 behind port 0; its public addresses are 203.0.113.4/31.
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
    0.0.0.0/0 10.0.6.1 1,
    10.0.5.0/24 0,
    192.168.5.254/32 3,
    10.0.5.254/32 3,
    192.168.6.254/32 3,
    10.0.6.254/32 3);

// ---- Translation

unasked :: Counter -> Discard;        // came from outside and belongs to nothing
untranslated :: Counter -> Discard;   // came from inside and cannot be translated

// An input for each subscriber, in the order of their addresses, and the last for what comes from outside. By [0] they go out, by [1] in.
// Times are those of RFC 4787 REQ-5, RFC 5382 REQ-5 and RFC 5508 REQ-1.
flows :: IPRewriter(
    pattern 203.0.113.4 1024-5119 - - 0 1,
    pattern 203.0.113.4 5120-9215 - - 0 1,
    pattern 203.0.113.4 9216-13311 - - 0 1,
    pattern 203.0.113.4 13312-17407 - - 0 1,
    pattern 203.0.113.4 17408-21503 - - 0 1,
    pattern 203.0.113.4 21504-25599 - - 0 1,
    pattern 203.0.113.4 25600-29695 - - 0 1,
    pattern 203.0.113.4 29696-33791 - - 0 1,
    pattern 203.0.113.4 33792-37887 - - 0 1,
    pattern 203.0.113.4 37888-41983 - - 0 1,
    pattern 203.0.113.4 41984-46079 - - 0 1,
    pattern 203.0.113.4 46080-50175 - - 0 1,
    pattern 203.0.113.4 50176-54271 - - 0 1,
    pattern 203.0.113.4 54272-58367 - - 0 1,
    pattern 203.0.113.4 58368-62463 - - 0 1,
    pattern 203.0.113.5 1024-5119 - - 0 1,
    pass 2, TCP_TIMEOUT 7440s, TCP_NODATA_TIMEOUT 240s, UDP_TIMEOUT 300s, REAP_INTERVAL 10s, MAPPING_CAPACITY 65536);
pings :: ICMPPingRewriter(
    pattern 203.0.113.4 1024-5119 - - 0 1,
    pattern 203.0.113.4 5120-9215 - - 0 1,
    pattern 203.0.113.4 9216-13311 - - 0 1,
    pattern 203.0.113.4 13312-17407 - - 0 1,
    pattern 203.0.113.4 17408-21503 - - 0 1,
    pattern 203.0.113.4 21504-25599 - - 0 1,
    pattern 203.0.113.4 25600-29695 - - 0 1,
    pattern 203.0.113.4 29696-33791 - - 0 1,
    pattern 203.0.113.4 33792-37887 - - 0 1,
    pattern 203.0.113.4 37888-41983 - - 0 1,
    pattern 203.0.113.4 41984-46079 - - 0 1,
    pattern 203.0.113.4 46080-50175 - - 0 1,
    pattern 203.0.113.4 50176-54271 - - 0 1,
    pattern 203.0.113.4 54272-58367 - - 0 1,
    pattern 203.0.113.4 58368-62463 - - 0 1,
    pattern 203.0.113.5 1024-5119 - - 0 1,
    pass 2, TIMEOUT 60s, REAP_INTERVAL 10s, MAPPING_CAPACITY 65536);
flows [1], pings [0], pings [1] -> rt;
flows [2], pings [2] -> unasked;

sending :: RadixIPLookup(
    10.0.5.0/28 0,
    10.0.5.16/28 1,
    10.0.5.32/28 2,
    10.0.5.48/28 3,
    10.0.5.64/28 4,
    10.0.5.80/28 5,
    10.0.5.96/28 6,
    10.0.5.112/28 7,
    10.0.5.128/28 8,
    10.0.5.144/28 9,
    10.0.5.160/28 10,
    10.0.5.176/28 11,
    10.0.5.192/28 12,
    10.0.5.208/28 13,
    10.0.5.224/28 14,
    10.0.5.240/28 15);
sending [0] -> [0] flows;
sending [1] -> [1] flows;
sending [2] -> [2] flows;
sending [3] -> [3] flows;
sending [4] -> [4] flows;
sending [5] -> [5] flows;
sending [6] -> [6] flows;
sending [7] -> [7] flows;
sending [8] -> [8] flows;
sending [9] -> [9] flows;
sending [10] -> [10] flows;
sending [11] -> [11] flows;
sending [12] -> [12] flows;
sending [13] -> [13] flows;
sending [14] -> [14] flows;
sending [15] -> [15] flows;

pinging :: RadixIPLookup(
    10.0.5.0/28 0,
    10.0.5.16/28 1,
    10.0.5.32/28 2,
    10.0.5.48/28 3,
    10.0.5.64/28 4,
    10.0.5.80/28 5,
    10.0.5.96/28 6,
    10.0.5.112/28 7,
    10.0.5.128/28 8,
    10.0.5.144/28 9,
    10.0.5.160/28 10,
    10.0.5.176/28 11,
    10.0.5.192/28 12,
    10.0.5.208/28 13,
    10.0.5.224/28 14,
    10.0.5.240/28 15);
pinging [0] -> [0] pings;
pinging [1] -> [1] pings;
pinging [2] -> [2] pings;
pinging [3] -> [3] pings;
pinging [4] -> [4] pings;
pinging [5] -> [5] pings;
pinging [6] -> [6] pings;
pinging [7] -> [7] pings;
pinging [8] -> [8] pings;
pinging [9] -> [9] pings;
pinging [10] -> [10] pings;
pinging [11] -> [11] pings;
pinging [12] -> [12] pings;
pinging [13] -> [13] pings;
pinging [14] -> [14] pings;
pinging [15] -> [15] pings;

// Only the first fragment has ports.
whole :: IPReassembler -> ways :: PaintSwitch;

// From outside, to public addresses.
inward :: IPClassifier(tcp or udp, icmp type echo-reply, icmp, -);
ways [1] -> inward;

// From the networks. To the router itself and among them, nothing is translated. What goes to a subscriber by its public address
// comes back as if it were from outside, from the public address of its sender (hairpinning, RFC 4787 REQ-9); pings do not.
ways [0] -> outward :: IPClassifier(
    dst host 192.168.5.254 or 10.0.5.254 or 192.168.6.254 or 10.0.6.254,
    dst net 10.0.5.0/24,
    tcp or udp,
    icmp type echo and (dst net 203.0.113.4/31),
    icmp type echo,
    icmp,
    -);
outward [0], outward [1] -> rt;
outward [2] -> GetIPAddress(IP src) -> sending;
outward [3] -> unasked;
outward [4] -> GetIPAddress(IP src) -> pinging;
outward [5] -> errors_out :: ICMPRewriter(flows pings);
errors_out [1], outward [6] -> untranslated;
flows [0], errors_out [0] -> leaving :: IPClassifier(dst net 203.0.113.4/31, -);
leaving [0] -> hairpins :: Counter -> inward;
leaving [1] -> rt;

inward [0] -> [16] flows;
inward [1] -> [16] pings;
inward [2] -> errors_in :: ICMPRewriter(flows pings) -> rt;
errors_in [1], inward [3] -> unasked;

// ---- What comes in

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, 12/c0a805fe, 12/0a0005fe, 12/c0a806fe, 12/0a0006fe, -);
sources [0], sources [1], sources [2], sources [3], sources [4], sources [5], sources [6], sources [7] -> martians :: Counter -> Discard;
sources [8] -> from :: PaintSwitch;
from [0] -> foreign0 :: Classifier(12/c0a806, 12/0a0006, -);
foreign0 [0], foreign0 [1] -> martians;
foreign0 [2] -> whole;
from [1] -> foreign1 :: Classifier(12/c0a805, 12/0a0005, 12/cb007104%fffffffe, -);
foreign1 [0], foreign1 [1], foreign1 [2] -> martians;
foreign1 [3] -> whole;

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
mended0 :: ICMPRewriter(flows pings);
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
mended1 :: ICMPRewriter(flows pings);
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
