// staged-pm11: stands in stage seen of allocation staged, at platform port 1.
//
// Frames to the port's MAC are on their way in, frames from it on their way out. They leave with the Ethernet header that
// they came with, from which the bridges see where they go next.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;

way :: Classifier(0/02005e005701 12/0800, 6/02005e005701 12/0800, -);
from_device -> way;
way [0] -> inward :: Counter -> inward_header :: CheckIPHeader(OFFSET 14);
way [1] -> outward :: Counter -> outward_header :: CheckIPHeader(OFFSET 14);
way [2] -> other :: Counter -> Discard;

to_inside :: Queue(1000) -> [0] scheduler;
to_outside :: Queue(1000) -> [1] scheduler;

// Counts the packets of both ways, and gives them to where they were going.
inward_header -> Paint(0) -> monitor :: IPFIXExporter(
    INACTIVE_TIMEOUT 2s, ACTIVE_TIMEOUT 10s, TEMPLATE_INTERVAL 10s, DOMAIN 11);
outward_header -> Paint(1) -> monitor;
monitor -> onward :: PaintSwitch;
onward [0] -> to_inside;
onward [1] -> to_outside;

// What it tells the collector goes to the allocation's own modules, as if a host behind the port had sent it.
monitor [1]
    -> UDPIPEncap(192.168.6.250, 4739, 192.168.8.1, 4739)
    -> EtherEncap(0x0800, 02:64:fc:3f:43:04, 02:00:5e:00:57:01)
    -> reports :: Counter
    -> to_inside;
