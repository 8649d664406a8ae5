// SPDX-License-Identifier: Apache-2.0
/*
=c
Meter(RATE1, ..., RATEI<N>)
=s classification
sends packets where their current rate says
=d
Measures the rate of packets, an exponentially weighted moving average in packets a second, and sends all of them to
output 0 while it is less than RATE1, to output 1 while it is less than RATE2, and so on; to output N while it is RATEI<N>
or more. Each RATE must be greater than the one before it.
=h rate read
The current rate.
=h rates read
The RATE arguments, one a line.
=e
  m :: Meter(20000);
  InfiniteSource(LIMIT 1000, STOP true) -> m;
  m[0] -> Discard;
  m[1] -> Discard;
=a BandwidthMeter, RatedSplitter, Shaper
*/
/*
=c
BandwidthMeter(RATE1, ..., RATEI<N>)
=s classification
sends packets where their current bandwidth says
=d
Like Meter, but each RATE is a bandwidth such as C<384kbps>, and packets count by their bytes.
=h rate read
The current rate in bytes a second.
=h rates read
The RATE arguments in bytes a second, one a line.
=e
  m :: BandwidthMeter(20kBps);
  InfiniteSource(LIMIT 1000, STOP true) -> m;
  m[0] -> Discard;
  m[1] -> Discard;
=a Meter, BandwidthRatedSplitter, BandwidthShaper
*/
#include <algorithm>

#include "elements/standard/ratelimit.hh"
#include "lib/ewma.hh"

namespace click {

namespace {

template <typename Units>
class RateMeter : public PacketSorter<RateMeter<Units>> {
public:
    const char* port_count() const override { return "1/2-"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        if (static_cast<int>(conf.size()) + 1 != this->noutputs()) {
            return errh.error("need %d arguments, one per output port but the last", this->noutputs() - 1);
        }
        std::vector<uint64_t> rates;
        for (const std::string& one : conf) {
            typename Units::Argument rate{};
            ArgContext context(this, errh, "RATE");
            if (!parse_arg(one, rate, context)) {
                return -1;
            }
            uint64_t value = Units::tokens_per_second(rate);
            if (!rates.empty() && value <= rates.back()) {
                return errh.error("rate %zu must be > rate %zu", rates.size() + 1, rates.size());
            }
            rates.push_back(value);
        }
        _rates = std::move(rates);
        return 0;
    }
    void add_handlers() override {
        this->template add_read_handler<&RateMeter::read_rate>("rate");
        this->template add_read_handler<&RateMeter::read_rates>("rates");
    }

    int classify(const Packet& packet) {
        int64_t now = clock::steady();
        _rate.add(Units{}.cost(packet), now);
        return static_cast<int>(std::upper_bound(_rates.begin(), _rates.end(), _rate.rate(now)) - _rates.begin());
    }

private:
    std::string read_rate() { return _rate.unparse(clock::steady()); }
    std::string read_rates() const {
        std::string text;
        for (uint64_t rate : _rates) {
            text += std::to_string(rate) + '\n';
        }
        return text;
    }

    std::vector<uint64_t> _rates;
    RateAverage _rate;
};

class Meter final : public RateMeter<PacketRate> {
public:
    const char* class_name() const override { return "Meter"; }
};

class BandwidthMeter final : public RateMeter<ByteRate> {
public:
    const char* class_name() const override { return "BandwidthMeter"; }
};

}  // namespace

CLICK_ELEMENT(Meter)
CLICK_ELEMENT(BandwidthMeter)

}  // namespace click
