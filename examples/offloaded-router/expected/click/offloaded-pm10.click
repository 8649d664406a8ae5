// offloaded-pm10: stands in stage door of allocation offloaded, at platform port 1.
//
// Frames to the port's MAC are on their way in, frames from it on their way out. They leave with the Ethernet header that
// they came with, from which the bridges see where they go next.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;

way :: Classifier(0/02005e005901 12/0800, 6/02005e005901 12/0800, -);
from_device -> way;
way [0] -> inward :: Counter -> inward_header :: CheckIPHeader(OFFSET 14);
way [1] -> outward :: Counter -> outward_header :: CheckIPHeader(OFFSET 14);
way [2] -> other :: Counter -> Discard;

to_inside :: Queue(1000) -> [0] scheduler;
to_outside :: Queue(1000) -> [1] scheduler;
onward :: PaintSwitch;
onward [0] -> to_inside;
onward [1] -> to_outside;

// ---- The policy

refused :: Counter -> Discard;   // denied by a rule or for its direction
// From inside [0], from outside [1]; [2] are those from outside that may begin a connection. Times are those of RFC 4787, 5382 and 5508.
firewall :: StatefulFirewall(CAPACITY 16384, TCP_TIMEOUT 7440s, TCP_TRANSITORY_TIMEOUT 240s, UDP_TIMEOUT 300s, ICMP_TIMEOUT 60s, VERDICT_AFTER 8);
firewall [0] -> onward;
firewall [1] -> onward;
firewall [2] -> rejected :: Counter -> Discard;   // belongs to no connection
rule0 :: Counter -> [2] firewall;
rule1 :: Counter -> [1] firewall;
rule2 :: Counter -> refused;

// The switch lets the rest of the connection go past, as the tag says, which it takes off.
firewall [3] -> verdict :: VLANEncap(VLAN_ID 4094) -> onward;
firewall [4] -> verdict;

// What comes in by port 1.
inward_header -> Paint(0) -> policy1 :: IPClassifier(
    (dst tcp port 80 or dst tcp port 5201),
    dst udp port 53,
    -);
policy1 [0] -> rule0;
policy1 [1] -> rule1;
policy1 [2] -> [1] firewall;

// What leaves by it.
outward_header -> Paint(1) -> policy_within :: IPClassifier(
    dst udp port 53,
    -);
policy_within [0] -> rule2;
policy_within [1] -> [0] firewall;
