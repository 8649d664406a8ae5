// SPDX-License-Identifier: Apache-2.0
/*
=c
PaintSwitch([ANNO])
=s paint
sends packets to the output of their color
=d
Pushes each packet to the output whose number is its paint annotation. Packets of color 255 go to all outputs; packets of
a color without an output are dropped. ANNO names another annotation byte to look at; default is C<PAINT>.
=e
  InfiniteSource(LIMIT 1, STOP true) -> Paint(1) -> s :: PaintSwitch;
  s[0] -> Discard;
  s[1] -> Print(one) -> Discard;
=a Paint, CheckPaint, Switch
*/
#include <click/annotations.hh>
#include <click/element.hh>

namespace click {

namespace {

class PaintSwitch final : public Element {
public:
    const char* class_name() const override { return "PaintSwitch"; }
    const char* port_count() const override { return "1/-"; }
    const char* processing() const override { return kPush; }

    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Annotation annotation{static_cast<int>(anno::kPaint), 1};
        if (Args(conf, this, errh).optional("ANNO", annotation).complete() < 0) {
            return -1;
        }
        _annotation = static_cast<size_t>(annotation.offset);
        return 0;
    }

    void push(int, PacketBatch& batch) override {
        while (!batch.empty()) {
            uint8_t color = batch[0].anno_u8(_annotation);
            unsigned run = 1;
            while (run < batch.size() && batch[run].anno_u8(_annotation) == color) {
                ++run;
            }
            PacketBatch same;
            batch.move_to(same, run);
            if (color == kAll) {
                push_to_all(same);
            } else {
                checked_push(color, same);
            }
        }
    }

private:
    static constexpr uint8_t kAll = 255;

    void push_to_all(PacketBatch& batch) {
        for (int port = 0; port + 1 < noutputs(); ++port) {
            PacketBatch clones;
            for (Packet* packet : batch) {
                clones.append(packet->clone());
            }
            output(port).push(clones);
        }
        checked_push(noutputs() - 1, batch);
    }

    size_t _annotation = anno::kPaint;
};

}  // namespace

CLICK_ELEMENT(PaintSwitch)

}  // namespace click
