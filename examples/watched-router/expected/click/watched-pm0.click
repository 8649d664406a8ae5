// watched-pm0: the part of allocation watched that forwards
// 128.0.0.0/1.
//
// One interface carries all platform ports (0, 1). The destination MAC of a packet says by which
// port it came in; the source MAC that it leaves with says by which port the switch sends it out.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;

// ---- The forwarding table

// Outputs: 0 is port 0, 1 is port 1, 2 is no route.
rt :: RadixIPLookup(
    192.168.5.0/24 0,
    192.168.6.0/24 1,
    0.0.0.0/0 2);

// No packet comes from these, or by a port from the network of another (RFC 1812 5.3.7, BCP 38).
ip :: Strip(14) -> header :: CheckIPHeader -> sources :: Classifier(12/00, 12/7f, 12/e0%f0, 12/ffffffff, -);
sources [0], sources [1], sources [2], sources [3] -> martians :: Counter -> Discard;
sources [4] -> from :: PaintSwitch;
from [0] -> rt;
from [1] -> rt;

no_route :: Counter -> Discard;
rt [2] -> no_route;

// ---- In: ARP and IP, told apart by platform port

// Outputs: ARP requests; then for each port its ARP replies and its IP packets; then the rest.
classify :: Classifier(
    12/0806 20/0001,
    0/02005e005c00 12/0806 20/0002,
    0/02005e005c00 12/0800,
    0/02005e005c01 12/0806 20/0002,
    0/02005e005c01 12/0800,
    -);

from_device -> classify;
classify [2] -> in0 :: Counter -> Paint(0) -> ip;
classify [4] -> in1 :: Counter -> Paint(1) -> ip;
classify [5] -> other :: Counter -> Discard;

// ---- Out: one chain for each platform port

// Port 0: 02:00:5e:00:5c:00
rt [0] -> DropBroadcasts
    -> ttl0 :: DecIPTTL
    -> mtu0 :: IPFragmenter(1500)
    -> out0 :: Counter
    -> arpq0 :: ARPQuerier(0.0.0.0, 02:00:5e:00:5c:00)
    -> queue0 :: Queue(1000)
    -> [0] scheduler;
classify [1] -> [1] arpq0;

// Port 1: 02:00:5e:00:5c:01
rt [1] -> DropBroadcasts
    -> ttl1 :: DecIPTTL
    -> mtu1 :: IPFragmenter(1500)
    -> out1 :: Counter
    -> arpq1 :: ARPQuerier(0.0.0.0, 02:00:5e:00:5c:01)
    -> queue1 :: Queue(1000)
    -> [1] scheduler;
classify [3] -> [1] arpq1;

// ---- ARP and ICMP of the router itself

// No port has an address: nobody asks for one, and an ICMP error would have no source.
classify [0] -> Discard;
