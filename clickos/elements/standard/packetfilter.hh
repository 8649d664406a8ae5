// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

namespace click {

/// Base of elements that let packets pass or not: `bool E::passes(Packet&)`. Those that do not leave by output 1, or are
/// dropped where there is none.
template <typename E, typename Base = Element>
class PacketFilter : public Base {
public:
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    void transform(PacketBatch& batch) final {
        auto* self = static_cast<E*>(this);
        PacketBatch others;
        batch.map([&](PacketPtr packet) {
            if (!self->passes(*packet)) {
                others.append(std::move(packet));
            }
            return packet;
        });
        if (!others.empty()) {
            this->checked_push(1, others);
        }
    }
};

}  // namespace click
