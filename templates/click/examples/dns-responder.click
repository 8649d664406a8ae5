// SPDX-License-Identifier: Apache-2.0
//
// Answers questions for one name's IPv4 address on their way from $clients to $servers; all else passes.
//
// The name stands as in a question: each label behind its length, and a zero at the end. $letters has df for each of its
// letters and ff for every other byte, since WWW is www to DNS; an answer keeps the letters of its question. $size is the
// name's length with four bytes more, for type and class. Questions by TCP, in IP fragments or with IP options pass too.
//
//   click dns-responder.click clients=eth1 servers=eth2

define($clients eth1, $servers eth2,
       // www.example.net
       $name    03777777076578616d706c65036e657400,
       $letters ffdfdfdfffdfdfdfdfdfdfdfffdfdfdfff,
       $size 21, $address 192.0.2.80, $ttl 300);

FromDevice($servers, PROMISC true) -> to_clients :: Queue(1000) -> ToDevice($clients);
to_servers :: Queue(1000) -> ToDevice($servers);

// To one machine, IPv4 without options and fragments, UDP to port 53; one question, and at most the additional records
// of EDNS behind it; the name, type A, class IN.
FromDevice($clients, PROMISC true)
	-> question :: Classifier(0/00%01 12/080045 20/0000%3fff 23/11 36/0035
	                          44/00%fa 46/0001 48/00000000 54/${name}00010001%${letters}ffffffff,
	                          -);
question[1] -> to_servers;

question[0]
	-> CheckIPHeader(14)
	-> CheckUDPHeader
	-> answered :: Counter
	-> StoreData(44, \<8400>, MASK \<feef>) // an answer, with authority; RD and CD stay
	-> StoreData(48, \<0001 0000 0000>) // one answer record
	-> Strip(54)
	-> Truncate($size)
	-> StoreData($size, \<c00c 0001 0001 00000000 0004 00000000>, GROW true)
	-> Strip($size)
	-> ttl :: StoreData(6, \<00000000>)
	-> StoreIPAddress($address, 12)
	-> Unstrip($size)
	-> Unstrip(54)
	-> ip_length :: StoreData(16, \<0000>)
	-> udp_length :: StoreData(38, \<0000>)
	-> StoreData(22, \<40>)
	-> MarkIPHeader(14)
	-> IPMirror
	-> SetIPChecksum
	-> SetUDPChecksum
	-> EtherMirror
	-> to_clients;

// The headers of IP, UDP and DNS have 20, 8 and 12 bytes, the record has 16.
Script(set hex $(sprintf "%08x" $ttl), write ttl.data \<$hex>,
       set hex $(sprintf "%04x" $(add $size 56)), write ip_length.data \<$hex>,
       set hex $(sprintf "%04x" $(add $size 36)), write udp_length.data \<$hex>);
