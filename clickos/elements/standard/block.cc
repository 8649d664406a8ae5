// SPDX-License-Identifier: Apache-2.0
/*
=c
Block(THRESH)
=s classification
sorts out packets of a high rate
=d
Packets whose forward rate annotation, which an IPRateMonitor sets, is at most THRESH leave by output 0, others by output 1.
If THRESH is 0, all leave by output 0.

THRESH is an integer.
=h thresh read/write
The THRESH argument.
=e
  b :: Block(500);
  Idle -> b;
  b[0] -> Discard;
  b[1] -> Print(too-many) -> Discard;
=a CompareBlock
*/
/*
=c
CompareBlock(FWD_WEIGHT, REV_WEIGHT, THRESH)
=s classification
sorts out packets whose rates lie outside a range
=d
Looks at the forward and reverse rate annotations, which an IPRateMonitor sets. A packet leaves by output 1 if one of them
is greater than THRESH and FWD_WEIGHT times the forward rate is greater than REV_WEIGHT times the reverse rate; else by
output 0.

All arguments are integers.
=h fwd_weight read/write
The FWD_WEIGHT argument.
=h rev_weight read/write
The REV_WEIGHT argument.
=h thresh read/write
The THRESH argument.
=e
  b :: CompareBlock(5, 2, 100);
  Idle -> b;
  b[0] -> Discard;
  b[1] -> Print(one-sided) -> Discard;
=a Block
*/
#include <click/annotations.hh>

#include "elements/standard/packetfilter.hh"

namespace click {

namespace {

int64_t rate(const Packet& packet, size_t annotation) { return static_cast<int32_t>(packet.anno_u32(annotation)); }

class Block final : public PacketFilter<Block> {
public:
    const char* class_name() const override { return "Block"; }
    const char* port_count() const override { return "1/2"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("THRESH", _threshold).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("thresh", _threshold); }

    bool passes(const Packet& packet) const { return _threshold == 0 || rate(packet, anno::kFwdRate) <= _threshold; }

private:
    int32_t _threshold = 0;
};

class CompareBlock final : public PacketFilter<CompareBlock> {
public:
    const char* class_name() const override { return "CompareBlock"; }
    const char* port_count() const override { return "1/2"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("FWD_WEIGHT", _forward_weight)
            .mandatory("REV_WEIGHT", _reverse_weight)
            .mandatory("THRESH", _threshold)
            .complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_setting_handler("fwd_weight", _forward_weight);
        add_setting_handler("rev_weight", _reverse_weight);
        add_setting_handler("thresh", _threshold);
    }

    bool passes(const Packet& packet) const {
        int64_t forward = rate(packet, anno::kFwdRate);
        int64_t reverse = rate(packet, anno::kRevRate);
        return (forward <= _threshold && reverse <= _threshold) ||
               _forward_weight * forward <= _reverse_weight * reverse;
    }

private:
    int32_t _forward_weight = 0;
    int32_t _reverse_weight = 0;
    int32_t _threshold = 0;
};

}  // namespace

CLICK_ELEMENT(Block)
CLICK_ELEMENT(CompareBlock)

}  // namespace click
