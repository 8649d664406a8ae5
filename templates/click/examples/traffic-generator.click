// SPDX-License-Identifier: Apache-2.0
//
// Sends UDP packets at a steady rate, for measuring what lies between here and traffic-sink.click.
//
// $length counts from the Ethernet header on, without the checksum behind the frame: 60 is the least that Ethernet has.
// After $per_flow packets, both ports go up by one: queues and processors that share traffic by flows get some each. After
// $limit packets it is silent; -1 means no end. To be read when it ends:
//
//   click traffic-generator.click device=eth1 rate=10000 length=1500 -h sent.count -h sent.rate

define($device eth1,
       $mac 02:00:00:00:00:01, $ip 198.18.0.1,
       $to_mac 02:00:00:00:00:02, $to_ip 198.19.0.1,
       $rate 1000, $length 60, $limit -1, $per_flow 100);

RatedSource(RATE $rate, LENGTH $length, LIMIT $limit)
	-> Strip(42) // what the headers take
	-> DynamicUDPIPEncap($ip, 1024, $to_ip, 1024, INTERVAL $per_flow)
	-> EtherEncap(0x0800, $mac, $to_mac)
	-> sent :: AverageCounter
	-> Queue(1000)
	-> ToDevice($device);
