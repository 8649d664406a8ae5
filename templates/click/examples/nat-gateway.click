// SPDX-License-Identifier: Apache-2.0
//
// A gateway that lets the hosts of an inside network share one outside address (NAPT, RFC 3022).
//
// TCP, UDP and pings go out and their answers come back, and so do ICMP errors about them (RFC 5508). FTP clients inside may
// use active mode: what they say in PORT commands is translated, and the server's data connection is let in. Nothing else
// comes in. The gateway answers ARP and pings on both sides; it reassembles fragments, since only the first one has ports.
//
// The interfaces must not have these addresses for the kernel as well, which would answer on its own.
//
//   click nat-gateway.click inside=eth1 outside=eth2 outside_ip=198.51.100.7 outside_net=198.51.100.0/24 gateway=198.51.100.1

define($inside eth1, $inside_mac 02:00:00:00:01:01, $inside_ip 192.168.1.1, $inside_net 192.168.1.0/24,
       $outside eth2, $outside_mac 02:00:00:00:02:01, $outside_ip 203.0.113.2, $outside_net 203.0.113.0/24,
       $gateway 203.0.113.1);

// A link: Ethernet and ARP below, whole IP packets above.
// Only what was reassembled is too long for the other link.
elementclass Link { $device, $mac, $ip, $net |
    input -> IPFragmenter(1500, HONOR_DF false) -> arp :: ARPQuerier($ip, $mac) -> queue :: Queue(1000) -> ToDevice($device);
    FromDevice($device, PROMISC true) -> HostEtherFilter($mac, DROP_OWN true)
        -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800);
    kind[0] -> ARPResponder($ip $mac) -> queue;
    kind[1] -> [1]arp;
    kind[2] -> Strip(14) -> CheckIPHeader(INTERFACES $net) -> DropBroadcasts -> IPReassembler -> output;
}
lan :: Link($inside, $inside_mac, $inside_ip, $inside_net);
wan :: Link($outside, $outside_mac, $outside_ip, $outside_net);

// ---- Translation: input and output 0 of each rewriter are the way out, input 1 and output 1 the way in

// A mapping whose time is over counts until it is looked for: every ten seconds.
tcp :: TCPRewriter(pattern $outside_ip 1024-65535 - - 0 1, pass 2, TCP_TIMEOUT 7440s, REAP_INTERVAL 10s);
udp :: UDPRewriter(pattern $outside_ip 1024-65535 - - 0 1, pass 2, TIMEOUT 300s, REAP_INTERVAL 10s);
ping :: ICMPPingRewriter(pattern $outside_ip 1024-65535 - - 0 1, pass 2, TIMEOUT 60s, REAP_INTERVAL 10s);
errors_out, errors_in :: ICMPRewriter(tcp udp ping);

unasked :: Counter -> Discard;        // came from outside and belongs to nothing
untranslated :: Counter -> Discard;   // came from inside and cannot be translated
tcp[2], udp[2], ping[2], errors_in[1] -> unasked;
errors_out[1] -> untranslated;

// ---- From inside

spoofed :: Counter -> Discard;
lan -> sources :: IPClassifier(src net $inside_net, -);
sources[1] -> spoofed;
sources[0] -> destinations :: IPClassifier(dst host $inside_ip or $outside_ip, dst net $inside_net, -);
destinations[0] -> ICMPPingResponder -> lan;
destinations[1] -> Discard;
destinations[2] -> out_ttl :: DecIPTTL -> out :: IPClassifier(dst tcp port ftp, tcp, udp, icmp type echo, icmp, -);
out_ttl[1] -> ICMPError($inside_ip, timeexceeded, transit) -> lan;

out[0] -> FTPPortMapper(tcp, tcp, 0) -> [0]tcp;
out[1] -> [0]tcp;
out[2] -> [0]udp;
out[3] -> [0]ping;
out[4] -> errors_out;
out[5] -> untranslated;

// On the outside link, a host is its own next hop; all others are behind the gateway.
routes :: StaticIPLookup($outside_net 0, 0.0.0.0/0 $gateway 0) -> wan;
tcp[0], udp[0], ping[0], errors_out[0] -> routes;

// ---- From outside

wan -> own :: IPClassifier(dst host $outside_ip and icmp type echo, dst host $outside_ip, -);
own[0] -> ICMPPingResponder -> routes;
own[1] -> in_ttl :: DecIPTTL -> in :: IPClassifier(tcp, udp, icmp type echo-reply, icmp, -);
own[2] -> Discard;
in_ttl[1] -> few :: RatedSplitter(100) -> ICMPError($outside_ip, timeexceeded, transit) -> routes;
few[1] -> Discard;   // strangers do not make us send more errors than that a second

in[0] -> [1]tcp;
in[1] -> [1]udp;
in[2] -> [1]ping;
in[3] -> errors_in;
in[4] -> unasked;

tcp[1], udp[1], ping[1], errors_in[0] -> lan;
