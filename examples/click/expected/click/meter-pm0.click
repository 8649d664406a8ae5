// meter-pm0: meter.click of allocation meter.
define($interface eth0, $mac0 02:00:5e:00:53:00, $ip0 192.168.5.254, $net0 192.168.5.0/24, $mac1 02:00:5e:00:53:01, $ip1 192.168.6.254, $net1 192.168.6.0/24);

# 1 "meter.click"
// SPDX-License-Identifier: Apache-2.0
// Between two networks, DNS goes as expedited traffic (DSCP 46), telnet not at all, and the rest as it is.

to_device :: Queue(1000) -> ToDevice($interface);

// A port of the platform: Ethernet and ARP below, IP packets above.
elementclass Port { $mac, $ip |
    input [1] -> DecIPTTL -> arp :: ARPQuerier($ip, $mac) -> [1] output;
    input [0] -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800);
    kind [0] -> ARPResponder($ip $mac) -> [1] output;
    kind [1] -> [1] arp;
    kind [2] -> Strip(14) -> CheckIPHeader -> [0] output;
}
left :: Port($mac0, $ip0);
right :: Port($mac1, $ip1);

// Frames for the first port, for the second, and for everybody: only ARP requests, which each port answers for its own address.
FromDevice($interface, PROMISC true)
    -> all :: Classifier(12/0806 20/0001, -);
all [0] -> asked :: Tee;
asked [0] -> [0] left;
asked [1] -> [0] right;
all [1] -> for_left :: HostEtherFilter($mac0) -> [0] left;
for_left [1] -> for_right :: HostEtherFilter($mac1) -> [0] right;
for_right [1] -> Discard;

left [0] -> meter :: IPClassifier(dst udp port 53 or src udp port 53, dst tcp port 23, -);
right [0] -> meter;
meter [0] -> dns :: Counter -> SetIPDSCP(46) -> out :: StaticIPLookup($net0 0, $net1 1);
meter [1] -> telnet :: Counter -> Discard;
meter [2] -> others :: Counter -> out;
out [0] -> [1] left;
out [1] -> [1] right;
left [1], right [1] -> to_device;

