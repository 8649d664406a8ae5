// bng-pm0: the part of subscriber edge bng for the networks
// 192.168.5.0/24 behind port 0.
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
    0.0.0.0/0 192.168.6.1 1,
    192.168.5.0/24 0,
    192.168.6.0/24 1,
    192.168.5.254/32 3,
    10.0.5.254/32 3,
    192.168.6.254/32 3,
    10.0.6.254/32 3);

// ---- Subscribers

forged :: Counter -> Discard;    // of a subscriber, with an address that is not its own
strange :: Counter -> Discard;   // by no VLAN of a subscriber
admitted, shaped, tagged :: Null;

// Outputs: ARP requests for each address of the port; for each subscriber its ARP replies, its IP packets, and what else comes by its VLAN; then everything
// else by the access port; then the rest.
entering :: Classifier(
    12/8100 16/0806 18/0001080006040001 42/c0a805fe,
    12/8100 16/0806 18/0001080006040001 42/0a0005fe,
    0/02005e005300 12/8100 14/0065%0fff 16/0806 24/0002 32/c0a80501,
    0/02005e005300 12/8100 14/0065%0fff 16/0800 30/c0a80501,
    0/02005e005300 12/8100 14/0065%0fff,
    0/02005e005300 12/8100 14/0066%0fff 16/0806 24/0002 32/c0a80502,
    0/02005e005300 12/8100 14/0066%0fff 16/0800 30/c0a80502,
    0/02005e005300 12/8100 14/0066%0fff,
    0/02005e005300,
    -);
entering [8] -> strange;

// VLAN 101: 192.168.5.1
entering [2] -> VLANDecap -> admitted;
entering [3] -> VLANDecap
    -> up101 :: Counter
    -> up101_queue :: FQCoDel(1000, FLOWS 64)
    -> up101_rate :: BandwidthRatedUnqueue(20Mbps, BURST_DURATION 50ms)
    -> admitted;
entering [4] -> forged101 :: Counter -> forged;

// VLAN 102: 192.168.5.2
entering [5] -> VLANDecap -> admitted;
entering [6] -> VLANDecap
    -> up102 :: Counter
    -> up102_queue :: FQCoDel(1000, FLOWS 64)
    -> up102_rate :: BandwidthRatedUnqueue(2Mbps, BURST_DURATION 50ms)
    -> admitted;
entering [7] -> forged102 :: Counter -> forged;

// To a subscriber, by its address, and then into its VLAN.
subscribers :: RadixIPLookup(
    192.168.5.1/32 0,
    192.168.5.2/32 1,
    0.0.0.0/0 2);
subscribers [2] -> nobody :: Counter -> unreachable;
tagging :: Classifier(
    12/0800 30/c0a80501,
    12/0806 38/c0a80501,
    12/0800 30/c0a80502,
    12/0806 38/c0a80502,
    -);
tagging [4] -> Discard;
subscribers [0]
    -> down101 :: Counter
    -> down101_queue :: FQCoDel(1000, FLOWS 64)
    -> down101_rate :: BandwidthRatedUnqueue(50Mbps, BURST_DURATION 50ms)
    -> shaped;
tagging [0], tagging [1] -> VLANEncap(VLAN_ID 101) -> tagged;
subscribers [1]
    -> down102 :: Counter
    -> down102_queue :: FQCoDel(1000, FLOWS 64)
    -> down102_rate :: BandwidthRatedUnqueue(8Mbps, BURST_DURATION 50ms)
    -> shaped;
tagging [2], tagging [3] -> VLANEncap(VLAN_ID 102) -> tagged;

// ---- What comes in

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, 12/c0a805fe, 12/0a0005fe, 12/c0a806fe, 12/0a0006fe, -);
sources [0], sources [1], sources [2], sources [3], sources [4], sources [5], sources [6], sources [7] -> martians :: Counter -> Discard;
sources [8] -> from :: PaintSwitch;
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

from_device -> entering;
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
    -> subscribers;
shaped
    -> arpq0 :: ARPQuerier(192.168.5.254, 02:00:5e:00:53:00)
    -> tagging;
tagged
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

// ---- Out of the VLANs

admitted, entering [9] -> classify;

// An ARP request becomes its reply as it is, so that it goes back by the VLAN that it came by, be that of this module or not.
entering [0]
    -> GetEtherAddress(20, 26) -> PutEtherAddress(20, 36) -> GetIPAddress(32) -> StoreIPAddress(42)
    -> StoreData(24, \<0002>) -> StoreEtherAddress(02:00:5e:00:53:00, 26) -> StoreIPAddress(192.168.5.254, 32)
    -> EtherMirror -> StoreEtherAddress(02:00:5e:00:53:00, src) -> arp_queue;
entering [1]
    -> GetEtherAddress(20, 26) -> PutEtherAddress(20, 36) -> GetIPAddress(32) -> StoreIPAddress(42)
    -> StoreData(24, \<0002>) -> StoreEtherAddress(02:00:5e:00:53:00, 26) -> StoreIPAddress(10.0.5.254, 32)
    -> EtherMirror -> StoreEtherAddress(02:00:5e:00:53:00, src) -> arp_queue;
