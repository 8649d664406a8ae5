// SPDX-License-Identifier: Apache-2.0
//
// The names that ClickOS configurations use for the devices of a guest: FromClickOS is FromDevice, ToClickOS is ToDevice.
#include <click/element.hh>

namespace click {

namespace {

Element* make_receiver() { return find_element_class("FromDevice")->make(); }
Element* make_sender() { return find_element_class("ToDevice")->make(); }

constinit const ElementClass receiver{"FromClickOS", make_receiver};
constinit const ElementClass sender{"ToClickOS", make_sender};

[[gnu::section("click_elements"), gnu::used, gnu::retain]] constinit const ElementClass* const receiver_entry =
    &receiver;
[[gnu::section("click_elements"), gnu::used, gnu::retain]] constinit const ElementClass* const sender_entry = &sender;

}  // namespace

}  // namespace click
