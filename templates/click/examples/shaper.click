// SPDX-License-Identifier: Apache-2.0
//
// Stands between a network and its way out, and holds the queue there that a modem would hold without sense.
//
// What leaves by $outside keeps to $rate, a little below the line's own, so that packets wait here and not there. Expedited
// packets (DSCP 46) go first as long as they keep to $first, and are dropped beyond it. The rest shares the line by flows,
// each with a short queue of its own; all that calls itself background (DSCP 8) gets half of it at most when others need
// more. The other way, frames pass as they are: shape them where they are sent.
//
//   click shaper.click inside=eth1 outside=eth2 rate=50Mbps first=10Mbps

define($inside eth1, $outside eth2, $rate 10Mbps, $first 2Mbps);

FromDevice($outside, PROMISC true) -> Queue(1000) -> ToDevice($inside);

FromDevice($inside, PROMISC true) -> kind :: Classifier(12/0800, -);
kind[0] -> MarkIPHeader(14) -> class :: IPClassifier(ip dscp 46, ip dscp 8, -);

expedited :: BandwidthRatedSplitter($first, BURST_BYTES 6000);
background :: FQCoDel;
others :: FQCoDel;

class[0] -> expedited -> first :: Queue(100);
class[1] -> background;
class[2] -> others;
kind[1] -> others;
expedited[1] -> excess :: Counter -> Discard;

halves :: DRRSched(1514);
others -> [0]halves;
background -> [1]halves;

line :: PrioSched;
first -> [0]line;
halves -> [1]line;
line -> BandwidthShaper($rate, BURST_BYTES 3028) -> sent :: Counter -> ToDevice($outside);
