// SPDX-License-Identifier: Apache-2.0
//
// A balancer that shares the connections of one service among servers by consistent hashing (Maglev).
//
// Clients see one address; the servers see the clients' own addresses, and have the balancer as their gateway. A connection
// stays with its server whatever comes and goes. Balancers with the same servers choose alike, so several may stand side by
// side behind a router that spreads flows. Servers are kept by handlers:
//
//   servers.add 10.0.0.14 8080      new connections go there as well
//   servers.remove 10.0.0.12 8080   new connections go elsewhere; those that there are end in peace
//   servers.servers                 who there is, and how many connections each one got
//
//   click load-balancer.click -p 7777 front=eth1 back=eth2 service='tcp port 443' address=198.51.100.7 \
//       front_net=198.51.100.0/24 gateway=198.51.100.1

define($front eth1, $front_mac 02:00:00:00:01:01, $address 203.0.113.10, $front_net 203.0.113.0/24, $gateway 203.0.113.1,
       $back eth2, $back_mac 02:00:00:00:02:01, $back_ip 10.0.0.1, $back_net 10.0.0.0/24,
       $service tcp port 80);

servers :: MaglevBalancer(0 1, 10.0.0.11 8080, 10.0.0.12 8080, 10.0.0.13 8080);

// From [0] clients to their server, from [1] servers back to their clients; what belongs to no connection leaves by [2].
connections :: IPRewriter(servers, pass 2, TCP_TIMEOUT 7440s, UDP_TIMEOUT 300s, REAP_INTERVAL 10s);

// A link: Ethernet and ARP below, IP packets above.
elementclass Link { $device, $mac, $ip, $net |
    input -> arp :: ARPQuerier($ip, $mac) -> queue :: Queue(1000) -> ToDevice($device);
    FromDevice($device, PROMISC true) -> HostEtherFilter($mac, DROP_OWN true)
        -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800);
    kind[0] -> ARPResponder($ip $mac) -> queue;
    kind[1] -> [1]arp;
    kind[2] -> Strip(14) -> CheckIPHeader(INTERFACES $net) -> DropBroadcasts -> output;
}
clients :: Link($front, $front_mac, $address, $front_net);
farm :: Link($back, $back_mac, $back_ip, $back_net);
routes :: StaticIPLookup($front_net 0, 0.0.0.0/0 $gateway 0) -> clients;

refused :: Counter -> Discard;
connections[2] -> refused;

// ---- From clients

clients -> asked :: IPClassifier(dst host $address and dst $service, dst host $address and icmp type echo,
                                 dst host $address and icmp, -);
asked[0] -> ttl :: DecIPTTL -> [0]connections[0] -> farm;
asked[1] -> ICMPPingResponder -> routes;
asked[2] -> errors_in :: ICMPRewriter(connections) -> farm;
asked[3] -> refused;
errors_in[1] -> refused;
ttl[1] -> few :: RatedSplitter(100) -> ICMPError($address, timeexceeded, transit) -> routes;
few[1] -> Discard;   // strangers do not make us send more errors than that a second

// ---- From servers

farm -> answers :: IPClassifier(dst host $back_ip, src net $back_net and (tcp or udp), src net $back_net and icmp, -);
answers[0] -> ICMPPingResponder -> farm;
answers[1] -> back_ttl :: DecIPTTL -> [1]connections[1] -> routes;
answers[2] -> errors_out :: ICMPRewriter(connections) -> routes;
answers[3] -> refused;
errors_out[1] -> refused;
back_ttl[1] -> ICMPError($back_ip, timeexceeded, transit) -> farm;
