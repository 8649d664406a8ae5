// SPDX-License-Identifier: Apache-2.0
/*
=c
StoreData(OFFSET, DATA [, I<keywords> MASK, GROW])
=s basicmod
writes bytes into packets
=d
Writes DATA into each packet, OFFSET bytes behind its start. What would lie behind the packet's end is left out.

Keyword arguments are:
=over 8
=item MASK
String of at most the length of DATA. Only bits that are set in it are written; behind its end, all are. Default is none.
=item GROW
Boolean. Whether packets that are too short are made longer, with zeros in between. Default is false.
=back
=h data read/write
The DATA argument.
=e
  InfiniteSource(LIMIT 1, STOP true) -> StoreData(2, \<ffff>) -> Print -> Discard;
=a Pad, RandomBitErrors
*/
/*
=c
RandomBitErrors(P [, KIND, ACTIVE])
=s basicmod
changes bits of packets at random
=d
Changes each bit of each packet with probability P: KIND C<flip> (the default) inverts it, C<set> makes it one, C<clear>
makes it zero. Does nothing unless ACTIVE is true, which is the default.
=h p_bit_error read/write
The P argument.
=h error_kind read/write
The KIND argument.
=h active read/write
The ACTIVE argument.
=e
  InfiniteSource(LIMIT 3, STOP true) -> RandomBitErrors(0.01) -> Print -> Discard;
=a RandomSample, RandomSeed
*/
#include <click/handlercall.hh>

#include <algorithm>
#include <cstring>

#include "lang/confparse.hh"
#include "lib/random.hh"

namespace click {

namespace {

class StoreData final : public PacketAction<StoreData> {
public:
    const char* class_name() const override { return "StoreData"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        std::string data;
        std::string mask;
        if (Args(conf, this, errh)
                .mandatory("OFFSET", bounded(_offset, 0, kLongest))
                .mandatory("DATA", data)
                .optional("MASK", mask)
                .keyword("GROW", _grow, false)
                .complete() < 0) {
            return -1;
        }
        if (mask.size() > data.size()) {
            return errh.error("MASK must be no longer than DATA");
        }
        if (data.size() > kLongest) {
            return errh.error("DATA must be no longer than %u bytes", kLongest);
        }
        mask.resize(data.size(), '\xff');
        _data = std::move(data);
        _mask = std::move(mask);
        return 0;
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_data_handler("data", _data, Handler::kRaw);
        add_write_handler<&StoreData::set_data>("data");
    }

    PacketPtr simple_action(PacketPtr packet) {
        auto size = static_cast<uint32_t>(_data.size());
        uint32_t length = packet->length();
        if (_grow && length < _offset + size) {
            packet = extend(std::move(packet), _offset + size - length);
            if (packet) {
                std::memset(packet->mutable_data() + length, 0, packet->length() - length);
            }
        } else if (length > _offset) {
            packet = uniqueify(std::move(packet));
        }
        if (!packet || packet->length() <= _offset) {
            return packet;
        }
        uint8_t* place = packet->mutable_data() + _offset;
        for (uint32_t i = 0; i < std::min(size, packet->length() - _offset); ++i) {
            auto mask = static_cast<uint8_t>(_mask[i]);
            place[i] = static_cast<uint8_t>((place[i] & ~mask) | (static_cast<uint8_t>(_data[i]) & mask));
        }
        return packet;
    }

private:
    static constexpr uint32_t kLongest = 65535;

    int set_data(std::string_view value, ErrorHandler& errh) {
        std::string data = unquote(value);
        if (data.size() > kLongest) {
            return errh.error("DATA must be no longer than %u bytes", kLongest);
        }
        _data = std::move(data);
        _mask.resize(_data.size(), '\xff');
        return 0;
    }

    uint32_t _offset = 0;
    std::string _data;
    std::string _mask;
    bool _grow = false;
};

enum class BitError : uint8_t { Flip, Set, Clear };

std::string show_value(BitError value) {
    return value == BitError::Flip ? "flip" : value == BitError::Set ? "set" : "clear";
}

bool parse_arg(std::string_view text, BitError& value, ArgContext& context) {
    for (BitError one : {BitError::Flip, BitError::Set, BitError::Clear}) {
        if (unquote(text) == show_value(one)) {
            value = one;
            return true;
        }
    }
    return context.error("must be 'flip', 'set' or 'clear'");
}

class RandomBitErrors final : public PacketAction<RandomBitErrors> {
public:
    const char* class_name() const override { return "RandomBitErrors"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        if (Args(conf, this, errh)
                .mandatory("P", bounded(_probability, 0, 1))
                .optional("KIND", _kind, BitError::Flip)
                .optional("ACTIVE", _active, true)
                .complete() < 0) {
            return -1;
        }
        prepare();
        return 0;
    }
    void add_handlers() override {
        add_setting_handler<&RandomBitErrors::prepare>("p_bit_error", bounded(_probability, 0, 1));
        add_setting_handler("error_kind", _kind);
        add_setting_handler("active", _active);
    }

    PacketPtr simple_action(PacketPtr packet) {
        if (!_active || _probability <= 0) {
            return packet;
        }
        packet = uniqueify(std::move(packet));
        if (packet) {
            for (uint32_t i = 0; i < packet->length(); ++i) {
                spoil(packet->mutable_data()[i]);
            }
        }
        return packet;
    }

private:
    static constexpr double kAll = uint64_t{RandomNumbers::kMost} + 1;

    /// Bytes are spoilt with the probability of at least one error in eight bits; which bits, only then.
    void prepare() {
        double whole = 1;
        for (int bit = 0; bit < 8; ++bit) {
            whole *= 1 - _probability;
        }
        _spoilt = static_cast<uint32_t>((1 - whole) * kAll);
        _bit = static_cast<uint32_t>(_probability * kAll);
    }
    void spoil(uint8_t& byte) const {
        RandomNumbers& random = random_numbers();
        if (!random.happens(_spoilt)) {
            return;
        }
        uint8_t errors = 0;
        // Drawn until there is one, as is known of this byte; after some draws in vain, any single bit is as likely.
        for (int draw = 0; errors == 0 && draw < 64; ++draw) {
            for (int bit = 0; bit < 8; ++bit) {
                errors |= static_cast<uint8_t>(random.happens(_bit) ? 1U << bit : 0);
            }
        }
        errors = errors != 0 ? errors : static_cast<uint8_t>(1U << random.below(8));
        switch (_kind) {
            case BitError::Flip:
                byte ^= errors;
                break;
            case BitError::Set:
                byte |= errors;
                break;
            case BitError::Clear:
                byte &= static_cast<uint8_t>(~errors);
                break;
        }
    }

    double _probability = 0;
    BitError _kind = BitError::Flip;
    bool _active = true;
    uint32_t _spoilt = 0;
    uint32_t _bit = 0;
};

}  // namespace

CLICK_ELEMENT(StoreData)
CLICK_ELEMENT(RandomBitErrors)

}  // namespace click
