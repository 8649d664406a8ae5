// SPDX-License-Identifier: Apache-2.0
/*
=c
Shaper(RATE [, I<keywords> BURST_DURATION, BURST_SIZE])
=s shaping
lets packets be pulled at a rate
=d
Passes pulls on to its input, up to RATE packets a second; beyond that, a pull gives nothing, and who pulls sleeps until
there may be a packet again. The rate is kept by a token bucket, which is full at the beginning. It holds the tokens of
20 milliseconds, and at least one, unless a keyword says otherwise.

Keyword arguments are:
=over 8
=item RATE
Integer. Packets a second.
=item BURST_DURATION
Time. The bucket holds the tokens of this time.
=item BURST_SIZE
Integer. The bucket holds this many packets.
=back
=h rate read/write
The RATE argument.
=e
  InfiniteSource(LIMIT 100) -> Queue -> Shaper(50) -> Unqueue -> c :: Counter -> Discard;
  DriverManager(wait 1s, print c.count);
=a BandwidthShaper, RatedUnqueue, RatedSplitter
*/
/*
=c
BandwidthShaper(RATE [, I<keywords> BURST_DURATION, BURST_BYTES])
=s shaping
lets packets be pulled at a bandwidth
=d
Like Shaper, but RATE is a bandwidth such as C<384kbps>, and packets count by their bytes.

Keyword arguments are:
=over 8
=item RATE
Bandwidth.
=item BURST_DURATION
Time. The bucket holds the tokens of this time.
=item BURST_BYTES
Integer. The bucket holds this many bytes.
=back
=h rate read/write
The RATE argument.
=e
  InfiniteSource(LIMIT 100) -> Queue -> BandwidthShaper(20kbps) -> Unqueue -> c :: Counter -> Discard;
  DriverManager(wait 1s, print c.byte_count);
=a Shaper, BandwidthRatedUnqueue, BandwidthRatedSplitter
*/
#include "elements/standard/pacedpull.hh"
#include "elements/standard/ratelimit.hh"

namespace click {

namespace {

template <typename Units>
class RatePace : public RateLimited<Units, PacedPull> {
public:
    void pull(int, PacketBatch& batch, unsigned most) override {
        PacketBatch got;
        bool more = this->pull_affordable(got, std::min(most, batch.room()));
        got.move_to(batch, got.size());
        if (!more) {
            this->wait_for_packets();
        } else if (this->tokens() > 0) {
            return;
        } else if (this->rate() > 0) {
            this->wait_until(this->next_token());
        } else {
            this->sleep();
        }
    }

protected:
    void rate_changed() override { this->wake(); }
};

class Shaper final : public RatePace<PacketRate> {
public:
    const char* class_name() const override { return "Shaper"; }
};

class BandwidthShaper final : public RatePace<ByteRate> {
public:
    const char* class_name() const override { return "BandwidthShaper"; }
};

}  // namespace

CLICK_ELEMENT(Shaper)
CLICK_ELEMENT(BandwidthShaper)

}  // namespace click
