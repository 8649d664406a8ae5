// SPDX-License-Identifier: Apache-2.0
/*
=c
RatedSplitter(RATE [, I<keywords> BURST_DURATION, BURST_SIZE])
=s shaping
sends packets up to a rate to output 0, others to output 1
=d
Sends up to RATE packets a second to output 0, and what there is beyond that to output 1, or drops it where there is no
output 1. Unlike Meter, RATE packets a second leave by output 0 however many come in.

The rate is kept by a token bucket, which is full at the beginning. It holds the tokens of 20 milliseconds, and at least
one, unless a keyword says otherwise.

=use packet-rate
=e
  rs :: RatedSplitter(2000);
  InfiniteSource(LIMIT 50, STOP true) -> rs;
  rs[0] -> Discard;
  rs[1] -> Print(too-much) -> Discard;
=a BandwidthRatedSplitter, RatedUnqueue, Shaper, Meter
*/
/*
=c
BandwidthRatedSplitter(RATE [, I<keywords> BURST_DURATION, BURST_BYTES, EXTRA_LENGTH, LINK_RATE])
=s shaping
sends packets up to a bandwidth to output 0, others to output 1
=d
Like RatedSplitter, but RATE is a bandwidth such as C<384kbps>, and packets count by their bytes.

=use bandwidth-rate
=e
  rs :: BandwidthRatedSplitter(384kbps);
  InfiniteSource(LIMIT 50, STOP true) -> rs;
  rs[0] -> Discard;
  rs[1] -> Print(too-much) -> Discard;
=a RatedSplitter, BandwidthRatedUnqueue, BandwidthShaper, BandwidthMeter
*/
#include "elements/standard/ratelimit.hh"

namespace click {

namespace {

template <typename Units>
class RateSplit : public PacketSorter<RateSplit<Units>, RateLimited<Units, Element>> {
public:
    const char* port_count() const override { return "1/1-2"; }
    int classify(const Packet& packet) {
        if (this->tokens() == 0) {
            return 1;
        }
        this->spend(packet);
        return 0;
    }
};

class RatedSplitter final : public RateSplit<PacketRate> {
public:
    const char* class_name() const override { return "RatedSplitter"; }
};

class BandwidthRatedSplitter final : public RateSplit<ByteRate> {
public:
    const char* class_name() const override { return "BandwidthRatedSplitter"; }
};

}  // namespace

CLICK_ELEMENT(RatedSplitter)
CLICK_ELEMENT(BandwidthRatedSplitter)

}  // namespace click
