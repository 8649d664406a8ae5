// SPDX-License-Identifier: Apache-2.0
/*
=c
Idle
SimpleIdle
=s basicsources
drops packets that come in and never sends one
=d
Has any number of inputs and outputs. Drops what is pushed in, pulls from nobody, and has nothing to pull.

SimpleIdle is the same, but does not tell pullers that there is nothing.
=e
  Idle -> Discard;
=a Discard, Null
*/
#include <click/element.hh>
#include <click/notifier.hh>

namespace click {

namespace {

class Idle : public Element {
public:
    Idle() { _never.sleep(); }
    const char* class_name() const override { return "Idle"; }
    const char* port_count() const override { return "-/-"; }
    const char* flags() const override { return "stateless"; }
    const char* flow_code() const override { return "x/y"; }
    void push(int, PacketBatch& batch) override { batch.clear(); }
    void pull(int, PacketBatch&, unsigned) override {}
    Notifier* empty_notifier(int) override { return &_never; }

private:
    Notifier _never;
};

class SimpleIdle final : public Idle {
public:
    const char* class_name() const override { return "SimpleIdle"; }
    Notifier* empty_notifier(int) override { return nullptr; }
};

}  // namespace

CLICK_ELEMENT(Idle)
CLICK_ELEMENT(SimpleIdle)

}  // namespace click
