// doors-pm3: stands in stage rooms of allocation doors, at platform port 2.
//
// Frames to the port's MAC are on their way in, frames from it on their way out. They leave with the Ethernet header that
// they came with, from which the bridges see where they go next.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;

way :: Classifier(0/02005e005d02 12/0800, 6/02005e005d02 12/0800, 0/02005e005d02 12/86dd, 6/02005e005d02 12/86dd, -);
from_device -> way;
way [0] -> inward :: Counter -> inward_header :: CheckIPHeader(OFFSET 14);
way [1] -> outward :: Counter -> outward_header :: CheckIPHeader(OFFSET 14);
way [2] -> inward6 :: Counter -> inward6_header :: CheckIP6Header(OFFSET 14);
way [3] -> outward6 :: Counter -> outward6_header :: CheckIP6Header(OFFSET 14);
way [4] -> other :: Counter -> Discard;

to_inside :: Queue(1000) -> [0] scheduler;
to_outside :: Queue(1000) -> [1] scheduler;
onward :: PaintSwitch;
onward [0] -> to_inside;
onward [1] -> to_outside;

// ---- The policy

refused :: Counter -> Discard;   // denied by a rule or for its direction
// From inside [0], from outside [1]; [2] are those from outside that may begin a connection. Times are those of RFC 4787, 5382 and 5508.
firewall :: StatefulFirewall(CAPACITY 16384, TCP_TIMEOUT 7440s, TCP_TRANSITORY_TIMEOUT 240s, UDP_TIMEOUT 300s, ICMP_TIMEOUT 60s);
firewall [0] -> onward;
firewall [1] -> onward;
firewall [2] -> rejected :: Counter -> Discard;   // belongs to no connection
Idle -> refused;
rule0 :: Counter -> [2] firewall;
rule1 :: Counter -> [2] firewall;

// What comes in by port 2.
inward_header -> Paint(0) -> policy2 :: IPClassifier(
    dst tcp port 22,
    -);
policy2 [0] -> rule1;
policy2 [1] -> [1] firewall;

// What leaves by it.
outward_header -> Paint(1) -> [0] firewall;

// No rule sees what stands behind an extension header (RFC 8200 4): hop-by-hop, routing, fragment and destination options.
inward6_header -> Paint(0) -> shown6 :: Classifier(20/00, 20/2b, 20/2c, 20/3c, -);
outward6_header -> Paint(1) -> shown6;
shown6 [0], shown6 [1], shown6 [2], shown6 [3] -> extended6 :: Counter -> Discard;
shown6 [4] -> ways6 :: PaintSwitch;

// What of IPv6 comes in by port 2.
ways6 [0] -> policy6_2 :: IPClassifier(
    ip6 and icmp6 type 128,
    ip6 and dst tcp port 22,
    -);
policy6_2 [0] -> rule0;
policy6_2 [1] -> rule1;
policy6_2 [2] -> [1] firewall;

// What of IPv6 leaves by it.
ways6 [1] -> [0] firewall;
