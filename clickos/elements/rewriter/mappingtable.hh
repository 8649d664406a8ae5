// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>

#include <vector>

#include "elements/rewriter/flowid.hh"
#include "lib/flow_table.hh"
#include "lib/timer_wheel.hh"

namespace click {

/// What a rewriter keeps of a flow besides its two keys: the packets that it begins with, and those that answer it as they
/// come in. 16 bytes, and trivial: fresh memory is not touched.
struct Mapping {
    enum State : uint8_t {
        kTcp = 1,
        kReplied = 2,
        kData = 4,
        kReplyData = 8,
        kFin = 16,
        kReplyFin = 32,
        kReset = 64,
        kGuaranteed = 128,  ///< waits for the end of its guarantee, not of its life
    };

    uint32_t used;            ///< the tick of its last packet
    uint16_t address_change;  ///< what a forward packet's addresses add to a sum of its words
    uint16_t flow_change;     ///< the same for addresses and ports
    uint8_t outputs[2];       ///< for forward and for reply packets
    uint8_t state;
    uint8_t packets;  ///< at most 255
    uint16_t input;   ///< whose specification made it
    uint8_t reply_anno;
    uint8_t more;  ///< whether its rewriter keeps something beside it

    bool done() const { return state & kReset || (state & kFin && state & kReplyFin); }
};

/// How long mappings live without a packet, in ticks.
struct Lifetimes {
    Duration timeout{300'000'000'000};
    Duration streaming{-1};
    Duration guarantee{5'000'000'000};
    Duration tcp{86'400'000'000'000};
    Duration tcp_done{240'000'000'000};
    Duration tcp_nodata{300'000'000'000};
    Duration tcp_guarantee{5'000'000'000};

    int64_t of(const Mapping& mapping) const;
    int64_t guarantee_of(const Mapping& mapping) const {
        return (mapping.state & Mapping::kTcp ? tcp_guarantee : guarantee).nanoseconds;
    }
};

/// How many flows there may be; rewriters can share it.
struct FlowSet {
    uint32_t capacity = 0;
    uint32_t reserve = 0;  ///< for flows without a guarantee
    uint32_t size = 0;
    uint32_t guaranteed = 0;
};

/// The mappings of a rewriter: a bijection between flows as they come in and as they go out, in memory that is taken once.
///
/// A mapping is kept for its guarantee after each packet, then until its life is over or its place is needed. To use one
/// is one write to it: that it was used is found out when its time comes.
class MappingTable {
public:
    using Flows = FlowTable<FlowKey, Mapping, 2>;
    static constexpr uint32_t kNone = Flows::kNone;
    static constexpr int64_t kTick = 1'000'000;  ///< nanoseconds
    static constexpr uint32_t kMostCapacity = 1U << 26;

    static uint32_t tick(int64_t now) { return static_cast<uint32_t>(now / kTick); }
    /// As many as are allowed when nobody says a number: a part of the memory there is.
    static uint32_t default_capacity();
    static uint32_t default_reserve(uint32_t capacity) { return capacity / 8 < 50 ? capacity / 8 : 50; }

    void set_capacity(uint32_t capacity, uint32_t reserve) {
        _own.capacity = capacity;
        _own.reserve = reserve;
    }
    /// Takes memory for as many flows as `owner`, whose set of flows this table's are counted in (its own, as a rule), was
    /// said to have. -1 after a report.
    [[nodiscard]] int allocate(MappingTable& owner, int64_t now, ErrorHandler& errh);
    /// Has flows counted by the input whose specification made them, of which there are so many.
    void count_inputs(size_t inputs) { _by_input.assign(inputs, 0); }
    /// How many flows there are of an input that is counted.
    uint32_t of_input(size_t input) const { return _by_input[input]; }
    void set_lifetimes(const Lifetimes& lifetimes);
    const Lifetimes& lifetimes() const { return _lifetimes; }

    Flows& flows() { return _flows; }
    const Flows& flows() const { return _flows; }
    FlowSet& set() { return *_set; }
    const FlowSet& set() const { return *_set; }
    uint32_t erased() const { return _erased; }
    bool has(const FlowKey& key) const { return static_cast<bool>(_flows.find(key)); }

    /// A mapping of packets of `forward` to what answers are `reply` to; kNone when there is no room, or when one of both
    /// is taken. An older mapping without a guarantee makes room.
    uint32_t insert(const FlowKey& forward, const FlowKey& reply, const Mapping& mapping, int64_t now);
    void erase(uint32_t handle);
    void clear();
    /// To be called when what a mapping's life depends on has changed.
    void renew(uint32_t handle, int64_t now) {
        if (!(_flows[handle].state & Mapping::kGuaranteed)) {
            _lives.schedule(handle, now + _lifetimes.of(_flows[handle]));
        }
    }

    /// Whether a mapping has neither life nor guarantee left, though it was not forgotten yet: it is none any more.
    bool over(uint32_t handle, int64_t now) const {
        return age(_flows[handle], now) >= _shortest && outlived(_flows[handle], now);
    }
    /// Forgets what is over. False when there is more to do.
    bool expire(int64_t now);

private:
    int64_t age(const Mapping& mapping, int64_t now) const {
        return int64_t{static_cast<uint32_t>(tick(now) - mapping.used)} * kTick;
    }
    bool outlived(const Mapping& mapping, int64_t now) const;
    void guarantee(uint32_t handle, int64_t now);
    void end_guarantee(uint32_t handle, int64_t now);
    bool settle(int64_t now, unsigned most);
    bool make_room(int64_t now);

    Flows _flows;
    TimerWheel _guarantees;
    TimerWheel _lives;
    Lifetimes _lifetimes;
    int64_t _shortest = 0;            ///< no mapping is over before
    std::vector<uint32_t> _by_input;  ///< empty where nobody asks
    FlowSet _own;
    FlowSet* _set = &_own;
    uint32_t _erased = 0;
};

}  // namespace click
