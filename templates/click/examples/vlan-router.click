// SPDX-License-Identifier: Apache-2.0
//
// A router between three VLANs that come by one cable.
//
// A VLAN is written as the three hexadecimal digits that its tag has: 00a is VLAN 10. What is for none of the three
// networks is answered as unreachable; a way to the rest of the world is a route more, written to rt.set, such as
// "0/0 10.0.30.254 2". Frames without a tag and of other VLANs are dropped.
//
//   click vlan-router.click trunk=eth1 vlan0=00a net0=10.0.10.1/24

define($trunk eth1, $mac 02:00:00:00:00:01,
       $vlan0 00a, $net0 10.0.10.1/24,
       $vlan1 014, $net1 10.0.20.1/24,
       $vlan2 01e, $net2 10.0.30.1/24,
       $mtu 1500, $errors 100);

AddressInfo(router0 $net0, router1 $net1, router2 $net2);

// One VLAN's side. Input 0 takes its frames without their tag and output 0 gives the IP packets in them; input 1 takes
// IP packets to it, output 1 gives its frames with the tag, and output 2 ICMP errors.
elementclass Side { $number, $vlan, $address |
	input[0] -> HostEtherFilter($mac) -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800);
	arp :: ARPQuerier($address, $mac);
	tag :: VLANEncap(VLAN_ID 0x$vlan) -> [1]output;

	kind[0] -> ARPResponder($address $mac) -> tag;
	kind[1] -> [1]arp;
	kind[2] -> Strip(14)
		-> CheckIPHeader(INTERFACES $net0 $net1 $net2)
		-> Paint($number)
		-> [0]output;

	input[1] -> DropBroadcasts
		-> options :: IPGWOptions($address)
		-> FixIPSrc($address)
		-> life :: DecIPTTL
		-> size :: IPFragmenter($mtu)
		-> arp -> tag;
	options[1] -> ICMPError($address, parameterproblem) -> [2]output;
	life[1] -> ICMPError($address, timeexceeded, transit) -> [2]output;
	size[1] -> ICMPError($address, unreachable, needfrag, PMTU $mtu) -> [2]output;
}

rt :: RadixIPLookup(router0:ip 3, router1:ip 3, router2:ip 3,
                    router0:ipnet 0, router1:ipnet 1, router2:ipnet 2,
                    0/0 4);

out :: Queue(1000) -> ToDevice($trunk);
errors :: RatedSplitter($errors) -> rt;
errors[1] -> Discard;

side0 :: Side(0, $vlan0, router0:ip);
side1 :: Side(1, $vlan1, router1:ip);
side2 :: Side(2, $vlan2, router2:ip);

// The tag leaves no annotation: a priority in it would look like FixIPSrc's.
FromDevice($trunk, PROMISC true)
	-> vlan :: Classifier(12/8100 14/?$vlan0, 12/8100 14/?$vlan1, 12/8100 14/?$vlan2);
vlan[0] -> VLANDecap(ANNO false) -> side0 -> rt;
vlan[1] -> VLANDecap(ANNO false) -> side1 -> rt;
vlan[2] -> VLANDecap(ANNO false) -> side2 -> rt;
rt[0] -> [1]side0[1] -> out;
rt[1] -> [1]side1[1] -> out;
rt[2] -> [1]side2[1] -> out;
side0[2], side1[2], side2[2] -> errors;

// To the router itself: a ping is answered, and UDP, which nobody here listens to, refused.
rt[3] -> self :: IPClassifier(icmp type echo, udp);
self[0] -> CheckICMPHeader -> ICMPPingResponder -> rt;
self[1] -> ICMPError(router0:ip, unreachable, port) -> errors;
rt[4] -> DropBroadcasts -> ICMPError(router0:ip, unreachable, net) -> errors;
