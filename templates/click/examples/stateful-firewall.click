// SPDX-License-Identifier: Apache-2.0
//
// A firewall between an inside network that is trusted and an outside that is not.
//
// It is invisible: a bridge of two ports that forwards frames as they are and answers nothing, so that no host has to know of
// it. The router is outside and may have an address of the inside network. Hosts inside may begin connections. From outside
// come answers alone, and connections to one published service. ARP passes; what else is not IPv4 does not, nor do fragments
// after the first, which have no ports.
//
//   click stateful-firewall.click inside=eth1 outside=eth2 inside_net=198.51.100.0/24 router=198.51.100.1 \
//       server=198.51.100.10 service='tcp port 22'
//
// Read firewall.table for the connections, rejected.count and foreign.count for what was refused.

define($inside eth1, $inside_net 192.0.2.0/24, $outside eth2, $router 192.0.2.1, $server 192.0.2.80, $service tcp port 443);

firewall :: StatefulFirewall(CAPACITY 65536, TCP_TIMEOUT 7440s, TCP_TRANSITORY_TIMEOUT 240s, UDP_TIMEOUT 300s, ICMP_TIMEOUT 60s);

to_inside :: Queue(1000) -> ToDevice($inside);
to_outside :: Queue(1000) -> ToDevice($outside);

rejected :: Counter -> Discard;   // belongs to no connection and may not begin one
foreign :: Counter -> Discard;    // comes from where its source address is not

// ---- From inside

FromDevice($inside, PROMISC true) -> from_inside :: Classifier(12/0806, 12/0800);
from_inside[0] -> to_outside;
from_inside[1] -> CheckIPHeader(OFFSET 14)
    -> local :: IPClassifier(dst net $inside_net and not dst host $router, src net $inside_net and not src host $router, -);
local[0] -> Discard;   // stays inside
local[1] -> [0]firewall[0] -> to_outside;
local[2] -> foreign;

// ---- From outside

FromDevice($outside, PROMISC true) -> from_outside :: Classifier(12/0806, 12/0800);
from_outside[0] -> to_inside;
from_outside[1] -> CheckIPHeader(OFFSET 14)
    -> asked :: IPClassifier(
        src net $inside_net and not src host $router,
        dst host $server and dst $service,
        dst net $inside_net);
asked[0] -> foreign;
asked[1] -> [2]firewall;
asked[2] -> [1]firewall;

firewall[1] -> to_inside;
firewall[2] -> rejected;
