// SPDX-License-Identifier: Apache-2.0
//
// A translator by which IPv6 hosts reach IPv4 servers (NAT64, RFC 6146).
//
// A server's address is embedded in a prefix, as DNS64 (RFC 6147) tells the hosts: 198.51.100.80 is 64:ff9b::c633:6450. TCP, UDP,
// pings and the ICMP errors about them are translated both ways; outside, all hosts have the addresses of a pool. On the IPv6
// link neighbors are found by neighbor discovery, on the IPv4 link by ARP. Hosts need a route for the prefix, since no router
// advertisements are sent; fragments of IPv6 are dropped.
//
//   click translator.click six=eth1 four=eth2 four_ip=198.51.100.2 four_net=198.51.100.0/24 four_gateway=198.51.100.1 \
//       pool='198.51.100.10 198.51.100.11'

define($prefix 64:ff9b::/96, $pool 203.0.113.10,
       $six eth1, $six_mac 02:00:00:00:01:01, $six_ip 2001:db8:1::1, $six_local fe80::ff:fe00:101, $six_net 2001:db8:1::/64,
       $six_gateway 2001:db8:1::fe,
       $four eth2, $four_mac 02:00:00:00:02:01, $four_ip 203.0.113.2, $four_net 203.0.113.0/24, $four_gateway 203.0.113.1);

// IPv6 hosts by [0], the IPv4 world by [1].
translator :: NAT64($prefix, $pool);

// ---- The IPv6 link

to_six :: Queue(1000) -> ToDevice($six);
neighbors :: IP6NDSolicitor($six_ip, $six_mac) -> to_six;
routes6 :: LookupIP6Route($six_net 0, ::/0 $six_gateway 0) -> IP6Fragmenter(1500) -> neighbors;

FromDevice($six, PROMISC true) -> HostEtherFilter($six_mac, DROP_OWN true)
    -> kind6 :: Classifier(12/86dd 20/3a 54/87, 12/86dd 20/3a 54/88, 12/86dd);
kind6[0] -> IP6NDAdvertiser($six_ip/128 $six_local/128 $six_mac) -> to_six;
kind6[1] -> [1]neighbors;
kind6[2] -> DropBroadcasts -> Strip(14) -> CheckIP6Header(::) -> GetIP6Address(24)
    -> destination6 :: LookupIP6Route($six_ip/128 0, $prefix 1, ::/0 2);

destination6[0] -> ICMP6PingResponder -> routes6;
destination6[1] -> hops6 :: DecIP6HLIM -> [0]translator;
destination6[2] -> ICMP6Error($six_ip, unreachable, noroute) -> routes6;
hops6[1] -> ICMP6Error($six_ip, timeexceeded, transit) -> routes6;
translator[1] -> routes6;

// ---- The IPv4 link

to_four :: Queue(1000) -> ToDevice($four);
arp :: ARPQuerier($four_ip, $four_mac) -> to_four;
routes4 :: StaticIPLookup($four_net 0, 0.0.0.0/0 $four_gateway 0) -> IPFragmenter(1500) -> arp;

FromDevice($four, PROMISC true) -> HostEtherFilter($four_mac, DROP_OWN true)
    -> kind4 :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800);
kind4[0] -> ARPResponder($four_ip $pool $four_mac) -> to_four;
kind4[1] -> [1]arp;
kind4[2] -> DropBroadcasts -> Strip(14) -> CheckIPHeader(INTERFACES $four_net)
    -> destination4 :: IPClassifier(dst host $four_ip, -);

// Headers of IPv6 are 20 bytes longer (RFC 7915 4): who forbids fragments is told, else the packet leaves in fragments.
destination4[0] -> ICMPPingResponder -> routes4;
destination4[1] -> hops4 :: DecIPTTL -> IPReassembler -> size :: IPClassifier(ip len > 1480 and ip[6] & 0x40 != 0, -);
size[0] -> big :: RatedSplitter(100) -> ICMPError($four_ip, unreachable, needfrag, PMTU 1480) -> routes4;
size[1] -> [1]translator;
hops4[1] -> few :: RatedSplitter(100) -> ICMPError($four_ip, timeexceeded, transit) -> routes4;
big[1], few[1] -> Discard;
translator[0] -> routes4;
