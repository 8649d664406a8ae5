// SPDX-License-Identifier: Apache-2.0
/*
=c
RoundRobinSwitch
=s classification
sends packets to its outputs in turn
=d
Sends each packet to the output behind the one that the packet before it went to.
=e
  s :: RoundRobinSwitch;
  InfiniteSource(LIMIT 4, STOP true) -> s;
  s[0] -> Print(a) -> Discard;
  s[1] -> Print(b) -> Discard;
=a RandomSwitch, HashSwitch, StrideSwitch, Switch
*/
/*
=c
RandomSwitch
=s classification
sends packets to its outputs at random
=d
Sends each packet to an output that is chosen at random, all of them equally often.
=e
  s :: RandomSwitch;
  InfiniteSource(LIMIT 4, STOP true) -> s;
  s[0] -> Print(a) -> Discard;
  s[1] -> Print(b) -> Discard;
=a RoundRobinSwitch, HashSwitch, RandomSeed
*/
/*
=c
HashSwitch(OFFSET, LENGTH)
=s classification
sends packets to its outputs by a hash of their contents
=d
Chooses the output of each packet by a hash of the LENGTH bytes that begin OFFSET bytes behind its start: packets that are
alike there leave by the same output. A packet that ends before leaves by output 0.
=e
  s :: HashSwitch(12, 4);
  InfiniteSource(LIMIT 4, STOP true) -> s;
  s[0] -> Print(a) -> Discard;
  s[1] -> Print(b) -> Discard;
=a RoundRobinSwitch, RandomSwitch
*/
#include <click/element.hh>

#include "lib/random.hh"

namespace click {

namespace {

class RoundRobinSwitch final : public PacketSorter<RoundRobinSwitch> {
public:
    const char* class_name() const override { return "RoundRobinSwitch"; }
    const char* port_count() const override { return "1/1-"; }
    int classify(const Packet&) {
        int chosen = _next;
        _next = _next + 1 == noutputs() ? 0 : _next + 1;
        return chosen;
    }

private:
    int _next = 0;
};

class RandomSwitch final : public PacketSorter<RandomSwitch> {
public:
    const char* class_name() const override { return "RandomSwitch"; }
    const char* port_count() const override { return "1/1-"; }
    int classify(const Packet&) const {
        return static_cast<int>(random_numbers().below(static_cast<uint32_t>(noutputs())));
    }
};

class HashSwitch final : public PacketSorter<HashSwitch> {
public:
    const char* class_name() const override { return "HashSwitch"; }
    const char* port_count() const override { return "1/1-"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        if (Args(conf, this, errh)
                .mandatory("OFFSET", _offset)
                .mandatory("LENGTH", bounded(_length, 1, 0xffffffff, "length must be > 0"))
                .complete() < 0) {
            return -1;
        }
        return 0;
    }
    int classify(const Packet& packet) const {
        if (uint64_t{_offset} + _length > packet.length()) {
            return 0;
        }
        uint32_t sum = 0;
        for (uint32_t i = 0; i < _length; ++i) {
            sum += packet.data()[_offset + i];
        }
        return static_cast<int>((sum ^ sum >> 4) % static_cast<uint32_t>(noutputs()));
    }

private:
    uint32_t _offset = 0;
    uint32_t _length = 0;
};

}  // namespace

CLICK_ELEMENT(RoundRobinSwitch)
CLICK_ELEMENT(RandomSwitch)
CLICK_ELEMENT(HashSwitch)

}  // namespace click
