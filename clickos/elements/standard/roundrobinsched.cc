// SPDX-License-Identifier: Apache-2.0
/*
=c
RoundRobinSched
SimpleRoundRobinSched
=s scheduling
pulls from its inputs in turn
=d
Each pull asks the inputs in round-robin order, beginning behind the one that gave the last packet, until one gives a
packet.

SimpleRoundRobinSched is the same.
=e
  rr :: RoundRobinSched -> Discard;
  InfiniteSource(DATA a, LIMIT 5) -> Queue -> [0] rr;
  InfiniteSource(DATA b, LIMIT 5) -> Queue -> [1] rr;
=a PrioSched, StrideSched
*/
#include <click/element.hh>

#include <algorithm>

namespace click {

namespace {

class RoundRobinSched : public Element {
public:
    const char* class_name() const override { return "RoundRobinSched"; }
    const char* port_count() const override { return "-/1"; }
    const char* processing() const override { return kPull; }

    void pull(int, PacketBatch& batch, unsigned most) override {
        most = std::min(most, batch.room());
        while (most > 0) {
            unsigned got = pull_round(batch, most);
            if (got == 0) {
                return;
            }
            most -= got;
        }
    }

private:
    unsigned pull_round(PacketBatch& batch, unsigned most);

    int _next = 0;
};

/// Pulls an equal share of `most` from each input and interleaves the shares: the packets come in the same order as if
/// each had been pulled by itself, for one call an input. An input whose share is not full is empty, and the turn order
/// passes over it from there on, as it would packet by packet.
unsigned RoundRobinSched::pull_round(PacketBatch& batch, unsigned most) {
    auto inputs = static_cast<unsigned>(ninputs());
    unsigned share = std::max(most / std::max(inputs, 1U), 1U);
    Packet* packets[PacketBatch::kCapacity];
    struct Part {
        unsigned begin;
        unsigned end;
        int input;
    };
    Part parts[PacketBatch::kCapacity];
    unsigned part_count = 0;
    unsigned total = 0;
    int port = _next;
    for (unsigned asked = 0; asked < inputs && total < most; ++asked) {
        PacketBatch got;
        input(port).pull(got, std::min(share, most - total));
        if (unsigned count = got.size()) {
            got.release_to(packets + total, count);
            parts[part_count++] = {total, total + count, port};
            total += count;
        }
        port = port + 1 == ninputs() ? 0 : port + 1;
    }
    for (unsigned taken = 0; taken < total;) {
        for (unsigned i = 0; i < part_count; ++i) {
            if (parts[i].begin < parts[i].end) {
                batch.append(PacketPtr(packets[parts[i].begin++]));
                ++taken;
                _next = parts[i].input + 1 == ninputs() ? 0 : parts[i].input + 1;
            }
        }
    }
    return total;
}

class SimpleRoundRobinSched final : public RoundRobinSched {
public:
    const char* class_name() const override { return "SimpleRoundRobinSched"; }
};

}  // namespace

CLICK_ELEMENT(RoundRobinSched)
CLICK_ELEMENT(SimpleRoundRobinSched)

}  // namespace click
