// SPDX-License-Identifier: Apache-2.0
/*
=c
Bypass([ACTIVE])
=s basictransfer
sends packets through a bypass or not
=d
Passes packets from input 0 to output 0. While ACTIVE is true (default is false), it pushes them out of output 1 instead, or
pulls them from input 1. A push Bypass may have a second input, for packets that come back: they leave by output 0. A pull
Bypass may have a second output, which gives what input 0 gives.
=h active read/write
The ACTIVE argument.
=e
  b :: Bypass(true);
  InfiniteSource(LIMIT 2, STOP true) -> b -> Discard;
  b[1] -> Print(bypass) -> [1] b;
=a Switch, PullSwitch, Null
*/
/*
=c
Suppressor
=s classification
lets packets pass on some of its ports
=d
Passes packets from each input to the output of the same number while that is active; else those that are pushed are
dropped, and pulls give nothing. All are active at first.
=h activeI<N> read/write
Whether packets pass from input N to output N.
=h reset write
Makes all active.
=e
  s :: Suppressor;
  InfiniteSource(LIMIT 2, STOP true) -> s -> Discard;
  DriverManager(write s.active0 false);
=a Switch, Bypass
*/
/*
=c
Hub
=s basictransfer
copies packets to all other ports
=d
Pushes each packet that comes in by a port out of all ports but that one.
=e
  h :: Hub;
  InfiniteSource(LIMIT 1, STOP true) -> h -> Discard;
  Idle -> [1] h [1] -> Print -> Discard;
=a Tee
*/
#include <click/element.hh>

#include <algorithm>
#include <memory>

namespace click {

namespace {

class Bypass final : public Element {
public:
    const char* class_name() const override { return "Bypass"; }
    const char* port_count() const override { return "1-2/1-2"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("ACTIVE", _active, false).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("active", _active); }

    void push(int port, PacketBatch& batch) override { checked_push(_active && port == 0 ? 1 : 0, batch); }
    void pull(int port, PacketBatch& batch, unsigned most) override {
        int from = _active && port == 0 ? 1 : 0;
        if (from < ninputs()) {
            input(from).pull(batch, most);
        }
    }

private:
    bool _active = false;
};

class Suppressor final : public Element {
public:
    const char* class_name() const override { return "Suppressor"; }
    const char* port_count() const override { return "-/="; }
    const char* flow_code() const override { return "#/#"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        if (Args(conf, this, errh).complete() < 0) {
            return -1;
        }
        _active = std::make_unique<bool[]>(static_cast<size_t>(ninputs()));
        reset();
        return 0;
    }
    void add_handlers() override {
        for (int port = 0; _active && port < ninputs(); ++port) {
            add_setting_handler("active" + std::to_string(port), _active[static_cast<size_t>(port)]);
        }
        add_write_handler<&Suppressor::reset>("reset", 0, Handler::kButton);
    }

    void push(int port, PacketBatch& batch) override {
        if (_active[static_cast<size_t>(port)]) {
            output(port).push(batch);
        } else {
            batch.clear();
        }
    }
    void pull(int port, PacketBatch& batch, unsigned most) override {
        if (_active[static_cast<size_t>(port)]) {
            input(port).pull(batch, most);
        }
    }

private:
    void reset() { std::fill_n(_active.get(), ninputs(), true); }

    std::unique_ptr<bool[]> _active;
};

class Hub final : public Element {
public:
    const char* class_name() const override { return "Hub"; }
    const char* port_count() const override { return "-/="; }
    const char* processing() const override { return kPush; }
    const char* flow_code() const override { return "[^#]/[^#]"; }

    void push(int port, PacketBatch& batch) override {
        int last = port == noutputs() - 1 ? noutputs() - 2 : noutputs() - 1;
        for (int other = 0; other < last; ++other) {
            if (other != port) {
                PacketBatch clones;
                for (Packet* packet : batch) {
                    clones.append(packet->clone());
                }
                output(other).push(clones);
            }
        }
        checked_push(last, batch);
    }
};

}  // namespace

CLICK_ELEMENT(Bypass)
CLICK_ELEMENT(Suppressor)
CLICK_ELEMENT(Hub)

}  // namespace click
