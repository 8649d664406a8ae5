// SPDX-License-Identifier: Apache-2.0
/*
=c
RandomSample([SAMPLE, I<keywords> DROP, ACTIVE])
=s classification
passes packets with a probability
=d
Passes each packet to output 0 with probability SAMPLE. Others leave by output 1 if it is connected, else they are dropped.
Give one of SAMPLE and DROP.

Keyword arguments are:
=over 8
=item SAMPLE
Real number from 0 to 1. The probability to pass.
=item DROP
Real number from 0 to 1. The probability not to pass.
=item ACTIVE
Boolean. False lets all packets pass. Default is true.
=back
=h sampling_prob read/write
The probability to pass.
=h drop_prob read/write
The probability not to pass.
=h active read/write
The ACTIVE argument.
=h drops read
How many packets did not pass.
=e
  InfiniteSource(LIMIT 1000, STOP true) -> s :: RandomSample(0.3) -> c :: Counter -> Discard;
  DriverManager(wait_stop, print c.count);
=a RandomBitErrors, RandomSeed, RandomSwitch
*/
/*
=c
RandomSeed([SEED])
=s control
seeds random numbers
=d
Makes the random numbers of all elements repeatable: those that follow SEED, 0 to 4294967295. Without SEED, they are
different each time, as they are anyhow.
=h seed write
A new SEED; nothing for numbers that cannot be foreseen.
=e
  RandomSeed(7);
  InfiniteSource(LIMIT 1000, STOP true) -> RandomSample(0.3) -> c :: Counter -> Discard;
  DriverManager(wait_stop, print c.count);
=a RandomSample, RandomSwitch, RandomSource
*/
#include <click/handlercall.hh>

#include "elements/standard/packetfilter.hh"
#include "lang/confparse.hh"
#include "lib/random.hh"

namespace click {

namespace {

class RandomSample final : public PacketFilter<RandomSample> {
public:
    const char* class_name() const override { return "RandomSample"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        double sample = 1;
        double drop = 0;
        bool has_sample = false;
        bool has_drop = false;
        if (Args(conf, this, errh)
                .optional("SAMPLE", bounded(sample, 0, 1))
                .given(has_sample)
                .keyword("DROP", bounded(drop, 0, 1))
                .given(has_drop)
                .keyword("ACTIVE", _active, true)
                .complete() < 0) {
            return -1;
        }
        if (has_sample == has_drop) {
            return errh.error("specify one of 'SAMPLE' and 'DROP'");
        }
        _sample = has_drop ? 1 - drop : sample;
        return 0;
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_setting_handler("sampling_prob", bounded(_sample, 0, 1));
        add_read_handler<&RandomSample::drop_probability>("drop_prob");
        add_write_handler<&RandomSample::set_drop_probability>("drop_prob");
        add_setting_handler("active", _active);
        add_data_handler("drops", _drops);
    }

    bool passes(const Packet&) {
        bool pass = !_active || random_numbers().happens(static_cast<uint32_t>(_sample * kAll));
        _drops += pass ? 0 : 1;
        return pass;
    }

private:
    static constexpr double kAll = uint64_t{RandomNumbers::kMost} + 1;

    std::string drop_probability() const { return show_value(1 - _sample); }
    int set_drop_probability(std::string_view value, ErrorHandler& errh) {
        double drop = 0;
        ArgContext context(this, errh, "drop_prob");
        if (!parse_within(value, drop, 0.0, 1.0, context)) {
            return -1;
        }
        _sample = 1 - drop;
        return 0;
    }

    double _sample = 1;
    bool _active = true;
    Tally _drops;
};

class RandomSeed final : public Element {
public:
    const char* class_name() const override { return "RandomSeed"; }
    int configure_phase() const override { return kPhaseFirst; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("SEED", _seed).given(_given).complete();
    }
    int initialize(ErrorHandler&) override {
        seed_random_numbers(_given ? &_seed : nullptr);
        return 0;
    }
    void add_handlers() override { add_write_handler<&RandomSeed::write_seed>("seed"); }

private:
    int write_seed(std::string_view value, ErrorHandler& errh) {
        uint32_t seed = 0;
        bool given = !trim(value).empty();
        if (given && read_value(value, seed, errh) < 0) {
            return -1;
        }
        seed_random_numbers(given ? &seed : nullptr);
        return 0;
    }

    uint32_t _seed = 0;
    bool _given = false;
};

}  // namespace

CLICK_ELEMENT(RandomSample)
CLICK_ELEMENT(RandomSeed)

}  // namespace click
