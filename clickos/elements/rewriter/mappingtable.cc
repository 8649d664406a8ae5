// SPDX-License-Identifier: Apache-2.0
#include "elements/rewriter/mappingtable.hh"

#include <algorithm>

#include "lib/checksum.hh"
#include "platform/platform.hh"

namespace click {

namespace {

constexpr int64_t kWheelTick = 100'000'000;
constexpr unsigned kMostWork = 256;

/// What it adds to a ones' complement sum that these words are replaced by those.
uint64_t change(uint32_t from, uint32_t to) {
    return uint64_t{static_cast<uint16_t>(~from)} + static_cast<uint16_t>(~(from >> 16)) + (to & 0xffff) + (to >> 16);
}
uint64_t change(uint16_t from, uint16_t to) { return uint64_t{static_cast<uint16_t>(~from)} + to; }

}  // namespace

int64_t Lifetimes::of(const Mapping& mapping) const {
    if (mapping.state & Mapping::kTcp) {
        bool talks = mapping.state & Mapping::kData && mapping.state & Mapping::kReplyData;
        return (mapping.done() ? tcp_done : talks ? tcp : tcp_nodata).nanoseconds;
    }
    constexpr unsigned kStream = 3;
    bool streams = mapping.state & Mapping::kReplied && mapping.packets >= kStream;
    return (streams && streaming.nanoseconds >= 0 ? streaming : timeout).nanoseconds;
}

void MappingTable::set_lifetimes(const Lifetimes& lifetimes) {
    _lifetimes = lifetimes;
    int64_t shortest =
        std::min({lifetimes.timeout, lifetimes.tcp, lifetimes.tcp_done, lifetimes.tcp_nodata}).nanoseconds;
    _shortest = lifetimes.streaming.nanoseconds < 0 ? shortest : std::min(shortest, lifetimes.streaming.nanoseconds);
}

bool MappingTable::outlived(const Mapping& mapping, int64_t now) const {
    return age(mapping, now) >= std::max(_lifetimes.of(mapping), _lifetimes.guarantee_of(mapping));
}

uint32_t MappingTable::default_capacity() {
    constexpr size_t kMost = 1U << 20;
    constexpr size_t kLeast = 256;
    constexpr size_t kEach = 96;
    constexpr size_t kPart = 8;
    return static_cast<uint32_t>(std::clamp(platform::spare_memory() / kPart / kEach, kLeast, kMost));
}

int MappingTable::allocate(MappingTable& owner, int64_t now, ErrorHandler& errh) {
    constexpr const char* kWhat = "mappings";
    uint32_t count = owner._own.capacity;
    _set = &owner._own;
    return _flows.allocate(count, kWhat, errh) < 0 || _guarantees.allocate(count, kWheelTick, now, kWhat, errh) < 0 ||
                   _lives.allocate(count, kWheelTick, now, kWhat, errh) < 0
               ? -1
               : 0;
}

void MappingTable::guarantee(uint32_t handle, int64_t now) {
    Mapping& mapping = _flows[handle];
    mapping.state |= Mapping::kGuaranteed;
    ++_set->guaranteed;
    _guarantees.schedule(handle, now + _lifetimes.guarantee_of(mapping) - age(mapping, now));
}

void MappingTable::end_guarantee(uint32_t handle, int64_t now) {
    Mapping& mapping = _flows[handle];
    mapping.state &= static_cast<uint8_t>(~Mapping::kGuaranteed);
    --_set->guaranteed;
    _lives.schedule(handle, now + _lifetimes.of(mapping) - age(mapping, now));
}

/// Lets guarantees end. False when there may be more to do.
bool MappingTable::settle(int64_t now, unsigned most) {
    return _guarantees.advance(
        now,
        [&](uint32_t handle) {
            int64_t left = _lifetimes.guarantee_of(_flows[handle]) - age(_flows[handle], now);
            if (left > 0) {
                _guarantees.schedule(handle, now + left);
            } else {
                end_guarantee(handle, now);
            }
        },
        most);
}

/// Forgets the mapping that can best be missed, if there is one without a guarantee.
bool MappingTable::make_room(int64_t now) {
    settle(now, kMostWork);
    for (unsigned tries = 0; tries < kMostWork; ++tries) {
        uint32_t handle = _lives.earliest();
        if (handle == TimerWheel::kNone) {
            return false;
        }
        if (age(_flows[handle], now) >= _lifetimes.guarantee_of(_flows[handle])) {
            erase(handle);
            return true;
        }
        _lives.cancel(handle);
        guarantee(handle, now);
    }
    return false;
}

uint32_t MappingTable::insert(const FlowKey& forward, const FlowKey& reply, const Mapping& mapping, int64_t now) {
    if (forward == reply) {
        return kNone;
    }
    for (const FlowKey& key : {forward, reply}) {
        if (auto found = _flows.find(key)) {
            if (!over(found.handle, now)) {
                return kNone;
            }
            erase(found.handle);
        }
    }
    bool guaranteed = _lifetimes.guarantee_of(mapping) > age(mapping, now);
    if (guaranteed && _set->guaranteed + _set->reserve >= _set->capacity) {
        settle(now, kMostWork);
        if (_set->guaranteed + _set->reserve >= _set->capacity) {
            return kNone;
        }
    }
    if ((_set->size >= _set->capacity || _flows.full()) && !make_room(now)) {
        return kNone;
    }
    uint32_t handle = _flows.insert({forward, reply});
    if (handle == kNone) {
        return kNone;
    }
    FlowId to = reply.id.reversed();
    uint64_t addresses = change(forward.id.source, to.source) + change(forward.id.destination, to.destination);
    uint64_t ports =
        change(forward.id.source_port, to.source_port) + change(forward.id.destination_port, to.destination_port);
    Mapping& kept = _flows[handle];
    kept = mapping;
    kept.state &= static_cast<uint8_t>(~Mapping::kGuaranteed);
    kept.more = 0;
    kept.address_change = checksum_fold(addresses);
    kept.flow_change = checksum_fold(addresses + ports);
    ++_set->size;
    if (!_by_input.empty()) {
        ++_by_input[mapping.input];
    }
    if (guaranteed) {
        guarantee(handle, now);
    } else {
        _lives.schedule(handle, now + _lifetimes.of(kept) - age(kept, now));
    }
    return handle;
}

void MappingTable::erase(uint32_t handle) {
    if (_flows[handle].state & Mapping::kGuaranteed) {
        --_set->guaranteed;
    }
    if (!_by_input.empty()) {
        --_by_input[_flows[handle].input];
    }
    _guarantees.cancel(handle);
    _lives.cancel(handle);
    _flows.erase(handle);
    --_set->size;
    ++_erased;
}

void MappingTable::clear() {
    _flows.for_each([this](uint32_t handle) { erase(handle); });
}

bool MappingTable::expire(int64_t now) {
    bool settled = settle(now, kMostWork);
    bool over = _lives.advance(now, [&](uint32_t handle) {
        int64_t left = _lifetimes.of(_flows[handle]) - age(_flows[handle], now);
        if (left > 0) {
            _lives.schedule(handle, now + left);
        } else {
            erase(handle);
        }
    });
    return settled && over;
}

}  // namespace click
