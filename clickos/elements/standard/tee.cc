// SPDX-License-Identifier: Apache-2.0
/*
=c
Tee([N])
=s duplication
copies each packet to all of its outputs
=d
Pushes a clone of each packet to every output in order; the last one gets the packet itself. When N is given, it must be
the number of outputs.
=e
  InfiniteSource(LIMIT 1, STOP true) -> t :: Tee(2);
  t[0] -> Print(a) -> Discard;
  t[1] -> Print(b) -> Discard;
=a PullTee
*/
/*
=c
PullTee([N])
=s duplication
copies each pulled packet to its other outputs
=d
When output 0 is pulled, pulls a packet, pushes clones to outputs 1 and up, and hands out the packet itself. When N is
given, it must be the number of outputs.
=e
  InfiniteSource(LIMIT 1, STOP true) -> t :: PullTee(2);
  t[0] -> Discard;
  t[1] -> Print(b) -> Discard;
=a Tee
*/
#include <click/element.hh>

namespace click {

namespace {

int configure_outputs(const std::vector<std::string>& conf, const Element& element, ErrorHandler& errh) {
    auto outputs = static_cast<uint32_t>(element.noutputs());
    if (Args(conf, &element, errh).optional("N", outputs).complete() < 0) {
        return -1;
    }
    if (outputs != static_cast<uint32_t>(element.noutputs())) {
        return errh.error("%d outputs implies %d arms", element.noutputs(), element.noutputs());
    }
    return 0;
}

/// In its own frame, so that a chain of Tees does not need the stack for as many batches.
[[gnu::noinline]] void push_clones(const PacketBatch& batch, const Port& output) {
    PacketBatch clones;
    for (Packet* packet : batch) {
        clones.append(packet->clone());
    }
    output.push(clones);
}

class Tee final : public Element {
public:
    const char* class_name() const override { return "Tee"; }
    const char* port_count() const override { return "1/1-"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return configure_outputs(conf, *this, errh);
    }

    void push(int, PacketBatch& batch) override {
        int last = noutputs() - 1;
        for (int port = 0; port < last; ++port) {
            push_clones(batch, output(port));
        }
        output(last).push(batch);
    }
};

class PullTee final : public Element {
public:
    const char* class_name() const override { return "PullTee"; }
    const char* port_count() const override { return "1/1-"; }
    const char* processing() const override { return "l/lh"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return configure_outputs(conf, *this, errh);
    }

    void transform(PacketBatch& batch) override {
        for (int port = 1; port < noutputs(); ++port) {
            push_clones(batch, output(port));
        }
    }
};

}  // namespace

CLICK_ELEMENT(Tee)
CLICK_ELEMENT(PullTee)

}  // namespace click
