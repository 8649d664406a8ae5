// SPDX-License-Identifier: Apache-2.0
/*
=c
Switch([OUTPUT])
=s classification
sends packets to an output that can be changed
=d
Pushes every packet to output OUTPUT (0 by default). A negative OUTPUT drops all packets.
=h switch read/write
The OUTPUT argument. A value that is no output means -1.
=e
  InfiniteSource(LIMIT 1, STOP true) -> s :: Switch(1);
  s[0] -> Discard;
  s[1] -> Print -> Discard;
=a StaticSwitch, PullSwitch
*/
/*
=c
StaticSwitch(OUTPUT)
=s classification
sends packets to one of its outputs
=d
Pushes every packet to output OUTPUT. A negative OUTPUT drops all packets.
=e
  InfiniteSource(LIMIT 1, STOP true) -> s :: StaticSwitch(1);
  s[0] -> Discard;
  s[1] -> Print -> Discard;
=a Switch
*/
/*
=c
InputSwitch([INPUT])
=s classification
passes the packets of one of its inputs
=d
Pushes on the packets that are pushed to input INPUT (0 by default), and drops those of other inputs. With a negative INPUT
all are dropped.
=h switch read/write
The INPUT argument. A value that is no input means -1.
=e
  s :: InputSwitch(1) -> Print -> Discard;
  InfiniteSource(DATA a, LIMIT 5) -> [0] s;
  InfiniteSource(DATA b, LIMIT 5) -> [1] s;
=a PullSwitch, Switch
*/
/*
=c
PullSwitch([INPUT])
SimplePullSwitch([INPUT])
=s classification
pulls from an input that can be changed
=d
Pulls every packet from input INPUT (0 by default). With a negative INPUT there is none.

SimplePullSwitch is the same.
=h switch read/write
The INPUT argument. A value that is no input means -1.
=e
  s :: PullSwitch(1) -> Discard;
  InfiniteSource(DATA a, LIMIT 5) -> Queue -> [0] s;
  InfiniteSource(DATA b, LIMIT 5) -> Queue -> [1] s;
=a StaticPullSwitch, Switch
*/
/*
=c
StaticPullSwitch(INPUT)
=s classification
pulls from one of its inputs
=d
Pulls every packet from input INPUT. With a negative INPUT there is none.
=e
  s :: StaticPullSwitch(1) -> Discard;
  InfiniteSource(DATA a, LIMIT 5) -> Queue -> [0] s;
  InfiniteSource(DATA b, LIMIT 5) -> Queue -> [1] s;
=a PullSwitch
*/
#include <click/handlercall.hh>

namespace click {

namespace {

/// What the switches have in common: the chosen port.
class SwitchElement : public Element {
public:
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        const char* name = choose_output() ? "OUTPUT" : "INPUT";
        int chosen = 0;
        Args args(conf, this, errh);
        if ((may_change() ? args.optional(name, chosen) : args.mandatory(name, chosen)).complete() < 0) {
            return -1;
        }
        if (chosen >= ports()) {
            return errh.error("%s must be < %d", choose_output() ? "output" : "input", ports());
        }
        _chosen = chosen < 0 ? -1 : chosen;
        return 0;
    }

    void add_handlers() override {
        if (may_change()) {
            add_read_handler<&SwitchElement::chosen>("switch");
            add_write_handler<&SwitchElement::set_chosen>("switch");
        }
    }

protected:
    virtual bool choose_output() const = 0;
    virtual bool may_change() const = 0;

    int _chosen = 0;

private:
    int ports() const { return choose_output() ? noutputs() : ninputs(); }
    std::string chosen() const { return std::to_string(_chosen); }

    int set_chosen(std::string_view value, ErrorHandler& errh) {
        int chosen = 0;
        if (read_value(value, chosen, errh) < 0) {
            return -1;
        }
        _chosen = chosen < 0 || chosen >= ports() ? -1 : chosen;
        return 0;
    }
};

class PushSwitch : public SwitchElement {
public:
    const char* port_count() const override { return "1/-"; }
    const char* processing() const override { return kPush; }

    void push(int, PacketBatch& batch) override {
        if (_chosen >= 0) {
            output(_chosen).push(batch);
        } else {
            batch.clear();
        }
    }

protected:
    bool choose_output() const override { return true; }
};

class Switch final : public PushSwitch {
public:
    const char* class_name() const override { return "Switch"; }

protected:
    bool may_change() const override { return true; }
};

class StaticSwitch final : public PushSwitch {
public:
    const char* class_name() const override { return "StaticSwitch"; }

protected:
    bool may_change() const override { return false; }
};

class PullSide : public SwitchElement {
public:
    const char* port_count() const override { return "-/1"; }
    const char* processing() const override { return kPull; }

    void pull(int, PacketBatch& batch, unsigned most) override {
        if (_chosen >= 0) {
            input(_chosen).pull(batch, most);
        }
    }

protected:
    bool choose_output() const override { return false; }
};

class PullSwitch : public PullSide {
public:
    const char* class_name() const override { return "PullSwitch"; }

protected:
    bool may_change() const override { return true; }
};

class SimplePullSwitch final : public PullSwitch {
public:
    const char* class_name() const override { return "SimplePullSwitch"; }
};

class StaticPullSwitch final : public PullSide {
public:
    const char* class_name() const override { return "StaticPullSwitch"; }

protected:
    bool may_change() const override { return false; }
};

class InputSwitch final : public SwitchElement {
public:
    const char* class_name() const override { return "InputSwitch"; }
    const char* port_count() const override { return "-/1"; }
    const char* processing() const override { return kPush; }

    void push(int port, PacketBatch& batch) override {
        if (port == _chosen) {
            output(0).push(batch);
        } else {
            batch.clear();
        }
    }

protected:
    bool choose_output() const override { return false; }
    bool may_change() const override { return true; }
};

}  // namespace

CLICK_ELEMENT(InputSwitch)
CLICK_ELEMENT(Switch)
CLICK_ELEMENT(StaticSwitch)
CLICK_ELEMENT(PullSwitch)
CLICK_ELEMENT(SimplePullSwitch)
CLICK_ELEMENT(StaticPullSwitch)

}  // namespace click
