// watched-pm10: stands in stage watch of allocation watched, at platform port 1.
//
// Frames to the port's MAC are on their way in, frames from it on their way out. They leave with the Ethernet header that
// they came with, from which the bridges see where they go next.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;

way :: Classifier(0/02005e005c01 12/0800, 6/02005e005c01 12/0800, -);
from_device -> way;
way [0] -> inward :: Counter -> inward_header :: CheckIPHeader(OFFSET 14);
way [1] -> outward :: Counter -> outward_header :: CheckIPHeader(OFFSET 14);
way [2] -> other :: Counter -> Discard;

to_inside :: Queue(1000) -> [0] scheduler;
to_outside :: Queue(1000) -> [1] scheduler;

// ---- The rules of web.rules

alert0 :: PayloadMatcher(
    1000001 "/bin/sh",   // A shell in a request
    1000002 "GET /admin" nocase,   // A private page asked for
    RATE 10);
packets_of_alert0 :: IPClassifier(tcp, -);

alert1 :: PayloadMatcher(
    1000005 \<046576696c076578616d706c6500> nocase,   // A name of the test asked for
    RATE 10);
packets_of_alert1 :: IPClassifier((dst udp port 53) or (src udp port 53), -);

alert2 :: PayloadMatcher(
    1000006 \<9090909090909090>,   // A sled of instructions that do nothing
    RATE 10);

drop0 :: PayloadMatcher(
    1000003 "/../",   // A parent folder asked for
    RATE 10);
packets_of_drop0 :: IPClassifier(tcp, -);

drop1 :: PayloadMatcher(
    1000004 \<544f50205345435245540d0a>,   // A secret leaves
    RATE 10);
packets_of_drop1 :: IPClassifier(src net 192.168.5.0/24 and tcp, -);

// ---- From one to the next: a packet remembers the way that it goes, and whether something was found in it

inward_header -> Paint(0) -> packets_of_alert0;
outward_header -> Paint(1) -> packets_of_alert0;

dropped :: Counter -> Discard;
found :: PaintSwitch(AGGREGATE);
packets_of_alert0 [0] -> alert0;
packets_of_alert0 [1] -> packets_of_alert1;
alert0 [0] -> packets_of_alert1;
alert0 [1] -> Paint(1, AGGREGATE) -> packets_of_alert1;
packets_of_alert1 [0] -> alert1;
packets_of_alert1 [1] -> alert2;
alert1 [0] -> alert2;
alert1 [1] -> Paint(1, AGGREGATE) -> alert2;
alert2 [0] -> packets_of_drop0;
alert2 [1] -> Paint(1, AGGREGATE) -> packets_of_drop0;
packets_of_drop0 [0] -> drop0;
packets_of_drop0 [1] -> packets_of_drop1;
drop0 [0] -> packets_of_drop1;
drop0 [1] -> dropped;
packets_of_drop1 [0] -> drop1;
packets_of_drop1 [1] -> found;
drop1 [0] -> found;
drop1 [1] -> dropped;

found [0] -> onward :: PaintSwitch;
found [1] -> alerted :: Counter -> onward;
onward [0] -> to_inside;
onward [1] -> to_outside;
