// gate-pm0: gate.click of allocation gate.
define($interface eth0, $mac0 02:00:5e:00:53:00, $ip0 192.168.5.254, $net0 192.168.5.0/24, $ip6_0 2001:db8:5::fe, $net6_0 2001:db8:5::/64, $mac1 02:00:5e:00:53:01, $ip1 192.168.6.254, $net1 192.168.6.0/24, $ip6_1 2001:db8:6::fe, $net6_1 2001:db8:6::/64);

# 1 "gate.click"
// SPDX-License-Identifier: Apache-2.0
// Between two networks of IPv4 and IPv6 everything passes but telnet.

to_device :: Queue(1000) -> ToDevice($interface);

// A port of the platform: Ethernet, ARP and neighbour discovery below; packets of IPv4 and of IPv6 above.
elementclass Port { $mac, $ip, $ip6 |
    input [1] -> DecIPTTL -> arp :: ARPQuerier($ip, $mac) -> [2] output;
    input [2] -> DecIP6HLIM -> neighbours :: IP6NDSolicitor($ip6, $mac);
    neighbours [0], neighbours [1] -> [2] output;
    input [0] -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800, 12/86dd 20/3a 54/87, 12/86dd 20/3a 54/88, 12/86dd);
    kind [0] -> ARPResponder($ip $mac) -> [2] output;
    kind [1] -> [1] arp;
    kind [2] -> Strip(14) -> CheckIPHeader -> [0] output;
    kind [3] -> IP6NDAdvertiser($ip6/128 $mac) -> [2] output;
    kind [4] -> [1] neighbours;
    kind [5] -> Strip(14) -> CheckIP6Header -> GetIP6Address(24) -> [1] output;
}
left :: Port($mac0, $ip0, $ip6_0);
right :: Port($mac1, $ip1, $ip6_1);

// Frames for the first port, for the second, and for everybody: questions, which each port answers for its own addresses.
FromDevice($interface, PROMISC true)
    -> all :: Classifier(12/0806 20/0001, 12/86dd 20/3a 54/87, -);
all [0], all [1] -> asked :: Tee;
asked [0] -> [0] left;
asked [1] -> [0] right;
all [2] -> for_left :: HostEtherFilter($mac0) -> [0] left;
for_left [1] -> for_right :: HostEtherFilter($mac1) -> [0] right;
for_right [1] -> Discard;

telnet :: Counter -> Discard;
left [0], right [0] -> four :: IPClassifier(dst tcp port 23, -);
left [1], right [1] -> six :: IPClassifier(ip6 and dst tcp port 23, -);
four [0], six [0] -> telnet;
four [1] -> out :: StaticIPLookup($net0 0, $net1 1);
six [1] -> out6 :: LookupIP6Route($net6_0 0, $net6_1 1);
out [0] -> [1] left;
out [1] -> [1] right;
out6 [0] -> [2] left;
out6 [1] -> [2] right;
left [2], right [2] -> to_device;

