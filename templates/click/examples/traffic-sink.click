// SPDX-License-Identifier: Apache-2.0
//
// Takes what traffic-generator.click sends, and says how much came whole and how fast.
//
// Rates are those between the first packet and the latest one. UDP from $from to $ip counts as received when its checksums
// are right and as damaged when they are not; everything else is only counted. To be read when it ends:
//
//   click traffic-sink.click device=eth1 -h received.count -h received.rate -h received.byte_rate -h damaged.count

define($device eth1, $from 198.18.0.1, $ip 198.19.0.1);

received :: AverageCounter;
damaged :: Counter;
others :: Counter;
damaged, others, received -> Discard;

FromDevice($device, PROMISC true) -> kind :: Classifier(12/0800, -);
kind[0] -> header :: CheckIPHeader(14)
	-> from :: IPClassifier(src $from and dst $ip and udp, -)
	-> data :: CheckUDPHeader
	-> received;
header[1], data[1] -> damaged;
from[1], kind[1] -> others;
