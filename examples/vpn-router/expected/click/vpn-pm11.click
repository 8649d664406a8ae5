// vpn-pm11: stands in stage gate of allocation vpn, at platform port 1.
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

// From or to the other site, but not between the networks of the tunnel; and from there without the tunnel.
refused :: Counter -> Discard;
unprotected :: Counter -> Discard;

// ---- Out by port 1: to the other site encrypted, for the neighbour that the packet was for

outward_header -> out :: IPClassifier(
    (src net 192.168.5.0/24) and (dst net 10.99.0.0/16),
    (dst net 10.99.0.0/16),
    -);
out [0] -> GetEtherAddress(20, dst) -> Strip(14)
    -> fits :: IPFragmenter(1438)
    -> encrypt :: IPsecESPEncap
    -> IPEncap(esp, 192.168.6.254, 192.168.6.1)
    -> EtherEncap(0x0800, 02:00:5e:00:59:01, 00:00:00:00:00:00) -> PutEtherAddress(20, dst)
    -> to_outside;
out [1] -> refused;
out [2] -> to_outside;

// What must not be cut is answered as if by the other gateway, which the allocation's own modules take for a host behind the port.
fits [1] -> ICMPError(192.168.6.1, unreachable, needfrag, PMTU 1438)
    -> EtherEncap(0x0800, 02:ca:e5:a3:8f:e5, 02:00:5e:00:59:01)
    -> to_inside;

// ---- From port 1 to the inside: the other gateway may have had its packets cut to pieces

inward_header -> in :: IPClassifier(
    src host 192.168.6.1 and dst host 192.168.6.254 and ip proto esp,
    (src net 10.99.0.0/16),
    -);
in [0] -> GetEtherAddress(20, src) -> Strip(14) -> IPReassembler -> StripIPHeader
    -> decrypt :: IPsecESPUnencap
    -> opened_header :: CheckIPHeader
    -> opened :: IPClassifier((src net 10.99.0.0/16) and (dst net 192.168.5.0/24), -);
in [1] -> unprotected;
in [2] -> to_inside;
opened [0] -> EtherEncap(0x0800, 00:00:00:00:00:00, 02:00:5e:00:59:01) -> PutEtherAddress(20, src) -> to_inside;
opened [1] -> refused;
