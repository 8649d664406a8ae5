// staged-pm14: stands in stage door of allocation staged, at platform port 3.
//
// Frames to the port's MAC are on their way in, frames from it on their way out. They leave with the Ethernet header that
// they came with, from which the bridges see where they go next.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;

way :: Classifier(0/02005e005703 12/0800, 6/02005e005703 12/0800, -);
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
firewall :: StatefulFirewall(CAPACITY 16384, TCP_TIMEOUT 7440s, TCP_TRANSITORY_TIMEOUT 240s, UDP_TIMEOUT 300s, ICMP_TIMEOUT 60s);
firewall [0] -> onward;
firewall [1] -> onward;
firewall [2] -> rejected :: Counter -> Discard;   // belongs to no connection
rule0 :: Counter -> [2] firewall;
rule1 :: Counter -> [0] firewall;
rule2 :: Counter -> [1] firewall;
rule3 :: Counter -> refused;

// What comes in by port 3.
inward_header -> Paint(0) -> policy3 :: IPClassifier(
    src net 192.168.8.0/24 and dst net 192.168.7.0/24 and udp,
    dst net 192.168.8.0/24 and dst tcp port 25,
    -);
policy3 [0] -> rule0;
policy3 [1] -> rule2;
policy3 [2] -> [1] firewall;

// What leaves by it.
outward_header -> Paint(1) -> policy_within :: IPClassifier(
    src net 192.168.8.0/24 and dst net 192.168.7.0/24 and udp,
    dst net 192.168.8.0/24 and dst tcp port 25 and (not tcp or (tcp opt syn and not tcp opt ack)),
    -);
policy_within [0] -> rule1;
policy_within [1] -> rule3;
policy_within [2] -> [0] firewall;
