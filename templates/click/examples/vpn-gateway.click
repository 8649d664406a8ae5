// SPDX-License-Identifier: Apache-2.0
//
// A gateway between two sites: what the hosts of an inside network send to the network of the other site goes through an
// encrypted tunnel (ESP, RFC 4303, AES-GCM) to the other gateway, and what comes through the tunnel goes to them.
//
// Nothing else passes: neither to other destinations, nor out of the tunnel from addresses that are not the other site's or to
// those that are not ours. IPv4 only. The gateway answers ARP on both sides, and pings of its inside address. Packets that
// do not fit through the tunnel whole are answered with the size that does (RFC 1191) or, if they allow it, sent in fragments.
//
// There is no key exchange. Keys are handed over while it runs, and again before they are used up; they are in no file, and no
// handler shows them. The receiver always gets the new ones first:
//
//   there:  write decrypt.add 0x1002 KEY - 0 1024    ours to them
//   here:   write decrypt.add 0x2002 KEY - 0 1024    theirs to us
//   here:   write encrypt.sa 0x1002 KEY -
//   there:  write encrypt.sa 0x2002 KEY -
//   here:   write decrypt.remove 0x2001              a little later; there 0x1001
//
// A KEY is the 16, 24 or 32 bytes of an AES key and 4 bytes of salt, in hexadecimal, anew for each direction and each time.
// Counters: `encrypt`, `decrypt` and `refused` say what was dropped, and why.
//
// The interfaces must not have these addresses for the kernel as well, which would answer on its own.
//
//   click vpn-gateway.click inside=eth1 outside=eth2 outside_ip=198.51.100.7 peer=198.51.100.9 -p 7777

define($inside eth1, $inside_mac 02:00:00:00:01:01, $inside_ip 10.1.0.1, $inside_net 10.1.0.0/16,
       $outside eth2, $outside_mac 02:00:00:00:02:01, $outside_ip 203.0.113.1, $outside_net 203.0.113.0/24,
       $gateway 203.0.113.254, $peer 198.51.100.1, $peer_net 10.2.0.0/16,
       $mtu 1438);   // 1500 less outer header, ESP header, initialization vector, trailer, check value, and padding to 16

// A link: Ethernet and ARP below, whole IP packets above.
elementclass Link { $device, $mac, $ip, $net |
    input -> arp :: ARPQuerier($ip, $mac) -> queue :: Queue(1000) -> ToDevice($device);
    FromDevice($device, PROMISC true) -> HostEtherFilter($mac, DROP_OWN true)
        -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800);
    kind[0] -> ARPResponder($ip $mac) -> queue;
    kind[1] -> [1]arp;
    kind[2] -> Strip(14) -> CheckIPHeader(INTERFACES $net) -> DropBroadcasts -> output;
}
lan :: Link($inside, $inside_mac, $inside_ip, $inside_net);
wan :: Link($outside, $outside_mac, $outside_ip, $outside_net);

encrypt :: IPsecESPEncap;
decrypt :: IPsecESPUnencap;
refused :: Counter -> Discard;   // passes neither way

// ---- From inside

lan -> out :: IPClassifier(src net $inside_net and dst net $peer_net, dst host $inside_ip and icmp type echo, -);
out[0] -> out_ttl :: DecIPTTL -> out_size :: IPFragmenter($mtu)
    -> encrypt
    -> IPEncap(esp, $outside_ip, $peer, DF true)
    -> next_hop :: StaticIPLookup($outside_net 0, 0.0.0.0/0 $gateway 0)
    -> wan;
out[1] -> ICMPPingResponder -> lan;
out[2] -> refused;
out_ttl[1] -> ICMPError($inside_ip, timeexceeded, transit) -> lan;
out_size[1] -> ICMPError($inside_ip, unreachable, needfrag, PMTU $mtu) -> lan;

// ---- From outside: the other gateway may have had its packets cut to pieces

wan -> sealed :: IPClassifier(src host $peer and dst host $outside_ip and ip proto esp, -);
sealed[0] -> IPReassembler -> StripIPHeader
    -> decrypt
    -> CheckIPHeader
    -> in :: IPClassifier(src net $peer_net and dst net $inside_net and not dst host $inside_ip,
                          src net $peer_net and dst host $inside_ip and icmp type echo, -);
sealed[1] -> refused;
in[0] -> in_ttl :: DecIPTTL -> lan;
in[1] -> ICMPPingResponder -> out_size;
in[2] -> refused;
in_ttl[1] -> ICMPError($inside_ip, timeexceeded, transit) -> out_size;
