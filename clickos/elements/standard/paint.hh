// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/annotations.hh>
#include <click/handlercall.hh>

namespace click {

/// What the elements that paint or look at the paint have in common: a color and the annotation that holds it.
template <typename Base>
class Painter : public Base {
public:
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        uint8_t color = 0;
        Annotation annotation{static_cast<int>(anno::kPaint), 1};
        if (Args(conf, this, errh).mandatory("COLOR", color).optional("ANNO", annotation).complete() < 0) {
            return -1;
        }
        _color = color;
        _annotation = static_cast<size_t>(annotation.offset);
        return 0;
    }

    bool can_live_reconfigure() const override { return true; }

    void add_handlers() override { this->add_setting_handler("color", _color); }

protected:
    bool matches(const Packet& packet) const { return packet.anno_u8(_annotation) == _color; }
    void paint(Packet& packet) const { packet.set_anno_u8(_annotation, _color); }

private:
    uint8_t _color = 0;
    size_t _annotation = anno::kPaint;
};

}  // namespace click
