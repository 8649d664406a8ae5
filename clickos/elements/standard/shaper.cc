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

A pull at the optional output 1 gives what comes from the input while one at output 0 would give nothing, and nothing else;
it costs no token.

=use packet-rate
=e
  InfiniteSource(LIMIT 100) -> Queue -> Shaper(50) -> Unqueue -> c :: Counter -> Discard;
  DriverManager(wait 1s, print c.count);
=a BandwidthShaper, RatedUnqueue, RatedSplitter
*/
/*
=c
BandwidthShaper(RATE [, I<keywords> BURST_DURATION, BURST_BYTES, EXTRA_LENGTH, LINK_RATE])
=s shaping
lets packets be pulled at a bandwidth
=d
Like Shaper, but RATE is a bandwidth such as C<384kbps>, and packets count by their bytes.

=use bandwidth-rate
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
    void pull(int port, PacketBatch& batch, unsigned most) override {
        if (port != 0) {
            if (this->tokens() == 0) {
                this->input(0).pull(batch, most);
            }
            return;
        }
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
    const char* port_count() const override { return "1/1-2"; }
};

class BandwidthShaper final : public RatePace<ByteRate> {
public:
    const char* class_name() const override { return "BandwidthShaper"; }
};

}  // namespace

CLICK_ELEMENT(Shaper)
CLICK_ELEMENT(BandwidthShaper)

}  // namespace click
