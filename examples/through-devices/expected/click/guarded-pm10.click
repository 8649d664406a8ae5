// guarded-pm10: stands in stage line of allocation guarded, at platform port 1.
//
// Frames to the port's MAC are on their way in, frames from it on their way out. They leave with the Ethernet header that
// they came with, from which the bridges see where they go next.

from_device :: FromDevice(eth0, PROMISC true);
to_device :: ToDevice(eth0);
scheduler :: RoundRobinSched -> to_device;

way :: Classifier(0/02005e005a01 12/0800, 6/02005e005a01 12/0800, -);
from_device -> way;
way [0] -> inward :: Counter -> inward_header :: CheckIPHeader(OFFSET 14);
way [1] -> outward :: Counter -> outward_header :: CheckIPHeader(OFFSET 14);
way [2] -> other :: Counter -> Discard;

// ---- From port 1 to the inside

// Expedited packets (DSCP 46, RFC 3246) go first as long as they keep to 10 Mbit/s, and are dropped beyond. The
// others share what is left by flows, each with a short queue of its own (RFC 8290).
inward_header -> inward_class :: IPClassifier(ip dscp 46, -);
inward_class [0]
    -> inward_agreed :: BandwidthRatedSplitter(10Mbps, BURST_BYTES 6056)
    -> inward_first :: Queue(100)
    -> [0] inward_line :: PrioSched;
inward_agreed [1] -> inward_excess :: Counter -> Discard;
inward_class [1] -> inward_flows :: FQCoDel -> [1] inward_line;
inward_line
    -> inward_rate :: BandwidthShaper(50Mbps, BURST_BYTES 6056)
    -> [0] scheduler;

// ---- Out by port 1

// Expedited packets (DSCP 46, RFC 3246) go first as long as they keep to 10 Mbit/s, and are dropped beyond. The
// others share what is left by flows, each with a short queue of its own (RFC 8290).
outward_header -> outward_class :: IPClassifier(ip dscp 46, -);
outward_class [0]
    -> outward_agreed :: BandwidthRatedSplitter(10Mbps, BURST_BYTES 6056)
    -> outward_first :: Queue(100)
    -> [0] outward_line :: PrioSched;
outward_agreed [1] -> outward_excess :: Counter -> Discard;
outward_class [1] -> outward_flows :: FQCoDel -> [1] outward_line;
outward_line
    -> outward_rate :: BandwidthShaper(50Mbps, BURST_BYTES 6056)
    -> [1] scheduler;

