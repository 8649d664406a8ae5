// SPDX-License-Identifier: Apache-2.0
/*
=c
PrioSched
SimplePrioSched
=s scheduling
pulls from the first input that has a packet
=d
Each pull asks input 0 first, then input 1 and so on, until one gives a packet.

SimplePrioSched is the same.
=e
  prio :: PrioSched -> Discard;
  InfiniteSource(DATA a, LIMIT 5) -> Queue -> [0] prio;
  InfiniteSource(DATA b, LIMIT 5) -> Queue -> [1] prio;
=a RoundRobinSched, StrideSched
*/
#include <click/element.hh>

#include <algorithm>

namespace click {

namespace {

class PrioSched : public Element {
public:
    const char* class_name() const override { return "PrioSched"; }
    const char* port_count() const override { return "-/1"; }
    const char* processing() const override { return kPull; }

    void pull(int, PacketBatch& batch, unsigned most) override {
        unsigned end = batch.size() + std::min(most, batch.room());
        for (int port = 0; port < ninputs() && batch.size() < end; ++port) {
            input(port).pull(batch, end - batch.size());
        }
    }
};

class SimplePrioSched final : public PrioSched {
public:
    const char* class_name() const override { return "SimplePrioSched"; }
};

}  // namespace

CLICK_ELEMENT(PrioSched)
CLICK_ELEMENT(SimplePrioSched)

}  // namespace click
