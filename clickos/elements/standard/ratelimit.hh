// SPDX-License-Identifier: Apache-2.0
/*
=block packet-rate
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
=block bandwidth-rate
Keyword arguments are:
=over 8
=item RATE
Bandwidth.
=item BURST_DURATION
Time. The bucket holds the tokens of this time.
=item BURST_BYTES
Integer. The bucket holds this many bytes.
=item EXTRA_LENGTH
Boolean. Whether a packet also counts the bytes of its extra length annotation. Default is false.
=item LINK_RATE
Boolean. Whether RATE is that of an Ethernet link, where each packet takes 24 bytes more: its check sequence, preamble and gap.
Default is false.
=back
=h rate read/write
The RATE argument.
*/
#pragma once
#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>

#include "lib/tokenbucket.hh"

namespace click {

/// Rates in packets a second.
struct PacketRate {
    using Argument = uint32_t;
    static constexpr const char* kBurst = "BURST_SIZE";
    /// As many as this may be asked for at once while there are `tokens`.
    static uint64_t affordable(uint64_t tokens) { return tokens; }
    static void add_keywords(Args&) {}
    static uint64_t cost(const Packet&) { return 1; }
    static uint64_t tokens_per_second(Argument rate) { return rate; }
    static std::string show(uint64_t rate) { return std::to_string(rate); }
};

/// Rates in bytes a second.
struct ByteRate {
    using Argument = Bandwidth;
    static constexpr const char* kBurst = "BURST_BYTES";
    /// What a packet costs is known when it is there: one at a time.
    static uint64_t affordable(uint64_t tokens) { return tokens > 0 ? 1 : 0; }
    void add_keywords(Args& args) {
        args.keyword("EXTRA_LENGTH", extra_length, false).keyword("LINK_RATE", link_rate, false);
    }
    uint64_t cost(const Packet& packet) const {
        constexpr uint64_t kAroundFrame = 24;
        return uint64_t{packet.length()} + (extra_length ? packet.anno_u32(anno::kExtraLength) : 0) +
               (link_rate ? kAroundFrame : 0);
    }
    static uint64_t tokens_per_second(Argument rate) { return rate.bytes_per_second; }
    static std::string show(uint64_t rate);

    bool extra_length = false;
    bool link_rate = false;
};

/// What elements have in common that let packets through at a RATE: their arguments, the `rate` handler, and a token
/// bucket that holds the tokens of 20 milliseconds unless the configuration says otherwise. A packet passes while there
/// is a token; a packet that is longer than what there is makes the next one wait longer.
template <typename Units, typename Base>
class RateLimited : public Base {
public:
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        typename Units::Argument rate{};
        Duration duration;
        uint32_t size = 0;
        bool has_duration = false;
        bool has_size = false;
        Args args(conf, this, errh);
        args.mandatory("RATE", rate)
            .keyword("BURST_DURATION", duration)
            .given(has_duration)
            .keyword(Units::kBurst, size)
            .given(has_size);
        _units.add_keywords(args);
        if (args.complete() < 0) {
            return -1;
        }
        if (has_duration && has_size) {
            return errh.error("cannot specify both BURST_DURATION and %s", Units::kBurst);
        }
        _burst_size = has_size ? size : kNoSize;
        _burst_duration = has_duration ? duration.nanoseconds : kDefaultDuration;
        set_rate(Units::tokens_per_second(rate));
        return 0;
    }
    bool can_live_reconfigure() const override { return true; }
    int initialize(ErrorHandler& errh) override {
        _bucket.set_tokens(~uint64_t{0}, clock::steady());
        return Base::initialize(errh);
    }
    void add_handlers() override {
        this->template add_read_handler<&RateLimited::read_rate>("rate");
        this->template add_write_handler<&RateLimited::write_rate>("rate");
    }

protected:
    /// The tokens of now.
    uint64_t tokens() {
        _bucket.refill(clock::steady());
        return _bucket.tokens();
    }
    void spend(const Packet& packet) { _bucket.remove_in_debt(_units.cost(packet)); }
    /// Pulls at most `most` packets into an empty batch, as long as there are tokens for them. False when it ended because
    /// nothing was there.
    bool pull_affordable(PacketBatch& batch, uint64_t most) {
        while (batch.size() < most && !batch.full()) {
            uint64_t count = std::min(Units::affordable(tokens()), most - batch.size());
            if (count == 0) {
                return true;
            }
            PacketBatch some;
            this->input(0).pull(some, static_cast<unsigned>(std::min<uint64_t>(count, batch.room())));
            if (some.empty()) {
                return false;
            }
            for (const Packet* packet : some) {
                spend(*packet);
            }
            some.move_to(batch, some.size());
        }
        return true;
    }
    uint64_t rate() const { return _bucket.rate(); }
    /// When there will be a token; the rate must not be 0.
    int64_t next_token() const { return _bucket.time_of(1, clock::steady()); }
    /// Called when the rate has changed in a running router.
    virtual void rate_changed() {}

private:
    static constexpr int64_t kDefaultDuration = clock::kSecond / 50;
    static constexpr uint64_t kNoSize = ~uint64_t{0};

    void set_rate(uint64_t rate) {
        if (this->initialized()) {
            _bucket.refill(clock::steady());  // at the old rate until now
        }
        double tokens = static_cast<double>(rate) * static_cast<double>(_burst_duration) / clock::kSecond;
        constexpr double kMostTokens = 1e15;
        _bucket.configure(
            rate, _burst_size != kNoSize ? _burst_size : static_cast<uint64_t>(std::clamp(tokens, 1.0, kMostTokens)));
        if (this->initialized()) {
            rate_changed();
        }
    }
    std::string read_rate() const { return Units::show(_bucket.rate()); }
    int write_rate(std::string_view value, ErrorHandler& errh) {
        typename Units::Argument next{};
        ArgContext context(this, errh, "RATE");
        if (!parse_arg(value, next, context)) {
            return -1;
        }
        set_rate(Units::tokens_per_second(next));
        return 0;
    }

    [[no_unique_address]] Units _units;
    uint64_t _burst_size = kNoSize;
    int64_t _burst_duration = kDefaultDuration;
    TokenBucket _bucket;
};

/// A rate as arguments are written: `384kbps`, `1.5Mbps`.
inline std::string ByteRate::show(uint64_t rate) {
    struct Unit {
        uint64_t bytes;
        const char* name;
    };
    constexpr Unit kUnits[] = {{125'000'000, "Gbps"}, {125'000, "Mbps"}, {125, "kbps"}};
    for (const Unit& unit : kUnits) {
        if (rate < unit.bytes) {
            continue;
        }
        std::string text = std::to_string(rate / unit.bytes);
        uint64_t rest = rate % unit.bytes;
        text += rest != 0 ? "." : "";
        for (; rest != 0; rest = rest * 10 % unit.bytes) {
            text += static_cast<char>('0' + rest * 10 / unit.bytes);
        }
        return text + unit.name;
    }
    return std::to_string(rate * 8) + "bps";
}

}  // namespace click
