// SPDX-License-Identifier: Apache-2.0
/*
=c
Paint(COLOR [, ANNO])
=s paint
sets packets' paint annotations
=d
Sets each packet's paint annotation to COLOR, 0 to 255. ANNO names another annotation byte to use; default is C<PAINT>.
=h color read/write
The COLOR argument.
=e
  InfiniteSource(LIMIT 1, STOP true) -> Paint(3) -> Print(PRINTANNO true) -> Discard;
=a PaintTee, CheckPaint, PaintSwitch
*/
/*
=c
PaintTee(COLOR [, ANNO])
=s paint
copies packets of one color to output 1
=d
Passes all packets to output 0; before that, a clone of each packet whose paint annotation is COLOR goes to output 1.
ANNO names another annotation byte to look at; default is C<PAINT>.
=h color read/write
The COLOR argument.
=e
  InfiniteSource(LIMIT 1, STOP true) -> Paint(1) -> t :: PaintTee(1);
  t[0] -> Discard;
  t[1] -> Print(copy) -> Discard;
=a Paint, CheckPaint
*/
/*
=c
CheckPaint(COLOR [, ANNO])
=s paint
passes packets of one color only
=d
Packets whose paint annotation is COLOR go to output 0, others to output 1 if it is connected; else they are dropped.
ANNO names another annotation byte to look at; default is C<PAINT>.
=h color read/write
The COLOR argument.
=e
  InfiniteSource(LIMIT 1, STOP true) -> Paint(1) -> c :: CheckPaint(2);
  c[0] -> Discard;
  c[1] -> Print(other) -> Discard;
=a Paint, PaintTee
*/
#include "elements/standard/paint.hh"
#include "elements/standard/packetfilter.hh"

namespace click {

namespace {

class Paint final : public Painter<Element> {
public:
    const char* class_name() const override { return "Paint"; }
    const char* port_count() const override { return "1/1"; }

    void transform(PacketBatch& batch) override {
        for (Packet* packet : batch) {
            paint(*packet);
        }
    }
};

class PaintTee final : public Painter<Element> {
public:
    const char* class_name() const override { return "PaintTee"; }
    const char* port_count() const override { return "1/2"; }
    const char* processing() const override { return "a/ah"; }

    void transform(PacketBatch& batch) override {
        PacketBatch clones;
        for (Packet* packet : batch) {
            if (matches(*packet)) {
                clones.append(packet->clone());
            }
        }
        output(1).push(clones);
    }
};

class CheckPaint final : public PacketFilter<CheckPaint, Painter<Element>> {
public:
    const char* class_name() const override { return "CheckPaint"; }
    bool passes(const Packet& packet) const { return matches(packet); }
};

}  // namespace

CLICK_ELEMENT(Paint)
CLICK_ELEMENT(PaintTee)
CLICK_ELEMENT(CheckPaint)

}  // namespace click
