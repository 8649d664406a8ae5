// SPDX-License-Identifier: Apache-2.0
//
// Lies between two cables, passes all frames as they are, and tells a collector about the IPv4 flows among them.
//
// The collector gets IPFIX (RFC 7011) by UDP through a third device: a record for each flow and way when it ends, is silent
// for $inactive, or goes on for $active. What has a VLAN tag passes uncounted. monitor.flush tells about all flows at once.
//
//   click flow-monitor.click left=eth1 right=eth2 export=eth3 ip=192.168.1.7 collector=192.168.1.9

define($left eth1, $right eth2, $export eth3,
       $mac 02:00:00:00:00:01, $ip 192.168.1.2,
       $collector 192.168.1.3, $port 4739,
       $inactive 15s, $active 1m, $domain 1);

to_left :: Queue(1000) -> ToDevice($left);
to_right :: Queue(1000) -> ToDevice($right);

// Counts each way's packets, and gives them to the other side.
monitor :: IPFIXExporter(INACTIVE_TIMEOUT $inactive, ACTIVE_TIMEOUT $active, DOMAIN $domain)
	-> way :: PaintSwitch;
way[0] -> to_right;
way[1] -> to_left;

FromDevice($left, PROMISC true) -> Paint(0) -> kind :: Classifier(12/0800, -);
FromDevice($right, PROMISC true) -> Paint(1) -> kind;
kind[0] -> MarkIPHeader(14) -> monitor;
kind[1] -> way;

// The way to the collector, on the same network.
to_collector :: Queue(1000) -> ToDevice($export);
arp :: ARPQuerier($ip, $mac) -> to_collector;
monitor[1] -> UDPIPEncap($ip, $port, $collector, $port) -> arp;

FromDevice($export) -> answers :: Classifier(12/0806 20/0001, 12/0806 20/0002);
answers[0] -> ARPResponder($ip $mac) -> to_collector;
answers[1] -> [1]arp;
