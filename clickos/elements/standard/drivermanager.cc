// SPDX-License-Identifier: Apache-2.0
/*
=c
DriverManager(INSTRUCTIONS...)
=s control
decides what happens when the router is asked to stop
=d
A Script of type DRIVER, with Script's instructions and handlers. Without instructions it waits for the router to be asked
to stop. When the instructions have all run, the router stops.
=e
  InfiniteSource(LIMIT 5, STOP true) -> c :: Counter -> Discard;
  DriverManager(wait_stop, print c.count, stop);
=a Script
*/
#include "elements/standard/scriptelement.hh"

namespace click {

namespace {

class DriverManager final : public ScriptElement {
public:
    DriverManager() : ScriptElement(Type::Driver) {}
    const char* class_name() const override { return "DriverManager"; }
};

}  // namespace

CLICK_ELEMENT(DriverManager)

}  // namespace click
