// SPDX-License-Identifier: Apache-2.0
/*
=c
CheckLength(LENGTH [, I<keywords> EXTRA_LENGTH])
=s classification
passes packets that are not too long
=d
Packets of at most LENGTH bytes leave by output 0; longer ones by output 1 if it is connected, else they are dropped.

Keyword arguments are:
=over 8
=item EXTRA_LENGTH
Boolean. Whether the extra length annotation counts too. Default is false.
=back
=h length read/write
The LENGTH argument.
=e
  c :: CheckLength(1500);
  FromDevice(eth0) -> Strip(14) -> c -> Discard;
  c[1] -> Print(too-long) -> Discard;
=a Truncate, IPFragmenter
*/
#include <click/annotations.hh>

#include "elements/standard/packetfilter.hh"

namespace click {

namespace {

class CheckLength final : public PacketFilter<CheckLength> {
public:
    const char* class_name() const override { return "CheckLength"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("LENGTH", _length).keyword("EXTRA_LENGTH", _extra, false).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("length", _length); }

    bool passes(const Packet& packet) const {
        uint64_t length = packet.length();
        return length + (_extra ? packet.anno_u32(anno::kExtraLength) : 0) <= _length;
    }

private:
    uint32_t _length = 0;
    bool _extra = false;
};

}  // namespace

CLICK_ELEMENT(CheckLength)

}  // namespace click
