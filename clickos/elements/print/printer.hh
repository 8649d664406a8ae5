// SPDX-License-Identifier: Apache-2.0
/*
=block print-active
=h active read/write
Whether anything is printed.
*/
#pragma once
#include <click/element.hh>

#include <utility>

namespace click {

/// Base of elements that show each packet and let it pass: `void E::print(const Packet&) const`, while ACTIVE is true.
template <typename E>
class Printer : public PacketAction<E> {
public:
    bool shows_order() const override { return _active; }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { this->add_setting_handler("active", _active); }

    PacketPtr simple_action(PacketPtr packet) {
        if (_active) {
            static_cast<const E*>(this)->print(*packet);
        }
        return packet;
    }

protected:
    bool _active = true;
};

}  // namespace click
