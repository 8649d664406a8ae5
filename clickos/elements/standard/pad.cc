// SPDX-License-Identifier: Apache-2.0
/*
=c
Pad([LENGTH, I<keywords> ZERO])
=s basicmod
makes packets longer
=d
Makes each packet at least LENGTH bytes long. Without LENGTH, each packet is made as much longer as its extra length
annotation says. What is added counts off that annotation.

Keyword arguments are:
=over 8
=item LENGTH
Integer, at most 65535.
=item ZERO
Boolean. Whether the bytes that are added are set to zero; else they are what lay there. Default is true.
=back
=e
  InfiniteSource(DATA abc, LIMIT 1, STOP true) -> Pad(60) -> Print(MAXLENGTH -1) -> Discard;
=a Truncate
*/
/*
=c
Truncate(LENGTH [, I<keywords> EXTRA_LENGTH])
=s basicmod
makes packets shorter
=d
Cuts packets off behind LENGTH bytes.

Keyword arguments are:
=over 8
=item EXTRA_LENGTH
Boolean. Whether the bytes that are cut off are added to the extra length annotation. Default is true.
=back
=h nbytes read/write
The LENGTH argument.
=e
  InfiniteSource(LIMIT 1, STOP true) -> Truncate(10) -> Print -> Discard;
=a Pad, CheckLength
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <algorithm>
#include <cstring>

namespace click {

namespace {

class Pad final : public PacketAction<Pad> {
public:
    const char* class_name() const override { return "Pad"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("LENGTH", bounded(_length, 0, kLongest), 0)
            .keyword("ZERO", _zero, true)
            .complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        uint32_t extra = packet->anno_u32(anno::kExtraLength);
        uint32_t length = packet->length();
        uint32_t wanted = _length != 0 ? _length : length + std::min(extra, kLongest - std::min(length, kLongest));
        if (wanted <= length) {
            return packet;
        }
        uint32_t added = wanted - length;
        packet = extend(std::move(packet), added);
        if (packet) {
            if (_zero) {
                std::memset(packet->mutable_data() + length, 0, added);
            }
            packet->set_anno_u32(anno::kExtraLength, extra - std::min(extra, added));
        }
        return packet;
    }

private:
    static constexpr uint32_t kLongest = 65535;

    uint32_t _length = 0;
    bool _zero = true;
};

class Truncate final : public PacketAction<Truncate> {
public:
    const char* class_name() const override { return "Truncate"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("LENGTH", _length).keyword("EXTRA_LENGTH", _extra, true).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("nbytes", _length); }

    PacketPtr simple_action(PacketPtr packet) {
        if (packet->length() > _length) {
            uint32_t cut = packet->length() - _length;
            packet->take(cut);
            if (_extra) {
                packet->set_anno_u32(anno::kExtraLength, packet->anno_u32(anno::kExtraLength) + cut);
            }
        }
        return packet;
    }

private:
    uint32_t _length = 0;
    bool _extra = true;
};

}  // namespace

CLICK_ELEMENT(Pad)
CLICK_ELEMENT(Truncate)

}  // namespace click
