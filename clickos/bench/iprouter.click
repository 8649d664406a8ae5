// SPDX-License-Identifier: Apache-2.0
//
// The standards-compliant IP router with two interfaces of "The Click Modular Router" (Kohler, Morris, Chen, Jannotti,
// Kaashoek; ACM TOCS 18(3), 2000), written from its description, in memory: a source in the place of the receiving
// device, a sink in the place of the sending one. 64-byte UDP frames go from interface 0 to interface 1.

define($limit 1000000, $burst 32)

rt :: StaticIPLookup(1.0.0.1/32 0, 1.0.0.0/24 1, 2.0.0.1/32 0, 2.0.0.0/24 2, 255.255.255.255/32 0);
tohost :: Counter -> Discard;
tohost_ip :: Null -> tohost;
rt[0] -> tohost_ip;

// Receiving side of an interface: ARP, header check, routing table.
elementclass Receive { $index, $address, $ether |
    input -> c :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800, -);
    c[0] -> ARPResponder($address $ether) -> [0]output;          // answers
    c[1] -> [1]output;                                           // replies for ARPQuerier
    c[2] -> Paint($index) -> Strip(14)
         -> CheckIPHeader(INTERFACES 1.0.0.1/255.255.255.0 2.0.0.1/255.255.255.0) -> [2]output;
    c[3] -> Discard;
}

// Sending side of an interface: broadcast check, redirect, options, source, TTL, fragments, encapsulation, queue.
elementclass Send { $index, $address, $ether |
    input[0] -> DropBroadcasts
        -> redirect :: PaintTee($index)
        -> options :: IPGWOptions($address)
        -> FixIPSrc($address)
        -> ttl :: DecIPTTL
        -> fragmenter :: IPFragmenter(1500)
        -> arpq :: ARPQuerier($address, $ether)
        -> [0]output;
    input[1] -> [1]arpq;
    redirect[1] -> ICMPError($address, redirect, host) -> [1]output;
    options[1] -> ICMPError($address, parameterproblem) -> [1]output;
    ttl[1] -> ICMPError($address, timeexceeded) -> [1]output;
    fragmenter[1] -> ICMPError($address, unreachable, needfrag) -> [1]output;
}

in0 :: Receive(1, 1.0.0.1, 00:00:c0:ae:67:ef);
in1 :: Receive(2, 2.0.0.1, 00:00:c0:4f:71:ef);
out0 :: Send(1, 1.0.0.1, 00:00:c0:ae:67:ef);
out1 :: Send(2, 2.0.0.1, 00:00:c0:4f:71:ef);
queue0 :: Queue(200);
queue1 :: Queue(200);

source :: InfiniteSource(DATA \<
    0000c0ae 67ef0000 c04f71ef 08004500 00320000 00004011 77b80100 00020200
    000204d2 04d2001e 00000000 00000000 00000000 00000000 00000000 00000000>, LIMIT $limit, BURST $burst, STOP true)
    -> in0;
Idle -> in1;

in0[0] -> queue0; in0[1] -> [1]out0; in0[2] -> rt;
in1[0] -> queue1; in1[1] -> [1]out1; in1[2] -> rt;
rt[1] -> out0; out0[0] -> queue0; out0[1] -> rt;
rt[2] -> out1; out1[0] -> queue1; out1[1] -> rt;
queue0 -> Discard(BURST $burst);
queue1 -> sent :: Counter -> Discard(BURST $burst);

DriverManager(write out1/arpq.insert 2.0.0.2 00:50:ba:85:84:a9, pause);
