// SPDX-License-Identifier: Apache-2.0
//
// The edge where subscribers meet a provider's network: a VLAN and a prefix for each.
//
// What a subscriber sends must come from its own prefix (BCP 38), and each way has its own rate. Packets above it wait in
// FQ-CoDel, so that one download does not make the same subscriber's calls wait. Subscribers reach each other by the edge only.
// ARP and pings are answered on all sides.
//
//   click subscriber-edge.click access=eth1 core=eth2 core_ip=192.0.2.7 core_net=192.0.2.0/24 gateway=192.0.2.1
//
// For one more subscriber add a line to each of the four tables below that are marked; a new rate can be set while traffic
// flows: write alice/down.rate 20Mbps. Read alice/spoofed.count for what was dropped.

define($access eth1, $access_mac 02:00:00:00:01:01, $customers 198.51.100.0/24,
       $core eth2, $core_mac 02:00:00:00:02:01, $core_ip 203.0.113.2, $core_net 203.0.113.0/24, $gateway 203.0.113.1);

// Frames from the VLAN, whose tag was taken off, by [0], which leave as IP packets by [0]; IP packets for the subscriber by [1],
// which leave as frames of the VLAN by [1]. $gate is the edge's address in the subscriber's prefix.
elementclass Subscriber { $vlan, $net, $gate, $mac, $up_rate, $down_rate |
    input[1] -> FQCoDel(1000) -> down :: BandwidthRatedUnqueue($down_rate, BURST_DURATION 50ms)
        -> arp :: ARPQuerier($gate, $mac) -> tag :: VLANEncap(VLAN_ID $vlan) -> [1]output;

    input[0] -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800);
    kind[0] -> ARPResponder($gate $mac) -> tag;
    kind[1] -> [1]arp;
    kind[2] -> Strip(14) -> CheckIPHeader -> DropBroadcasts
        -> source :: IPClassifier(src net $net and not src host $gate, -)
        -> FQCoDel(1000) -> up :: BandwidthRatedUnqueue($up_rate, BURST_DURATION 50ms) -> [0]output;
    source[1] -> spoofed :: Counter -> Discard;
}

// Table 1: name, VLAN, prefix, the edge's address in it, rates up and down
alice :: Subscriber(101, 198.51.100.8/29, 198.51.100.9, $access_mac, 1Mbps, 4Mbps);
bob :: Subscriber(102, 198.51.100.16/29, 198.51.100.17, $access_mac, 2Mbps, 8Mbps);

// Table 2: the edge's own addresses
here :: IPClassifier(dst host $core_ip or 198.51.100.9 or 198.51.100.17, -);

// Table 3: routes; [0] is the core, [1] nobody
routes :: RadixIPLookup(
    $core_net 0,
    0.0.0.0/0 $gateway 0,
    $customers 1,
    198.51.100.8/29 2,
    198.51.100.16/29 3);
routes[1] -> unreachable :: RatedSplitter(100) -> ICMPError($core_ip, unreachable, host) -> routes;
routes[2] -> [1]alice;
routes[3] -> [1]bob;

// Table 4: VLANs, in hexadecimal: 101 is 065
access :: FromDevice($access, PROMISC true) -> HostEtherFilter($access_mac, DROP_OWN true)
    -> vlans :: Classifier(12/8100 14/0065%0fff, 12/8100 14/0066%0fff, -);
vlans[0] -> VLANDecap -> [0]alice;
vlans[1] -> VLANDecap -> [0]bob;
vlans[2] -> strange :: Counter -> Discard;   // of no VLAN or of an unknown one

to_access :: Queue(1000) -> ToDevice($access);
alice[1], bob[1] -> to_access;
alice[0], bob[0] -> here;

// ---- The core

to_core :: Queue(1000) -> ToDevice($core);
core_arp :: ARPQuerier($core_ip, $core_mac) -> to_core;
routes[0] -> core_arp;

FromDevice($core, PROMISC true) -> HostEtherFilter($core_mac, DROP_OWN true)
    -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800);
kind[0] -> ARPResponder($core_ip $core_mac) -> to_core;
kind[1] -> [1]core_arp;
kind[2] -> Strip(14) -> CheckIPHeader(INTERFACES $core_net) -> DropBroadcasts
    -> foreign :: IPClassifier(src net $customers, -);
foreign[0] -> spoofed :: Counter -> Discard;   // no subscriber is behind the core
foreign[1] -> here;

// ---- Both ways

here[0] -> ICMPPingResponder -> routes;
here[1] -> ttl :: DecIPTTL -> routes;
ttl[1] -> expired :: RatedSplitter(100) -> ICMPError($core_ip, timeexceeded, transit) -> routes;
unreachable[1], expired[1] -> Discard;   // strangers do not make us send more errors than that a second
