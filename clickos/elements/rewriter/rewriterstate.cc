// SPDX-License-Identifier: Apache-2.0
//
// A mapping as a line of the state:
//
//     PROTOCOL SADDR SPORT DADDR DPORT SADDR' SPORT' DADDR' DPORT' INPUT FOUTPUT ROUTPUT STATE PACKETS ANNO AGE MORE
//
// STATE is the bits of Mapping::State; MORE is a class's own.
#include <algorithm>
#include <array>

#include "elements/rewriter/flowwords.hh"
#include "elements/rewriter/rewriter.hh"

namespace click {

bool Rewriter::append_state(uint32_t place, const StateQuery& query, std::string& text) {
    const auto& flows = _table.flows();
    if (!flows.has(place) || !query.wants_tick(flows[place].used)) {
        return false;
    }
    const Mapping& mapping = flows[place];
    text +=
        format("%u %s %s %u %u %u %u %u %u %u%s", flows.key(place).protocol, unparse_words(flows.key(place).id).c_str(),
               unparse_words(flows.key(place, 1).id.reversed()).c_str(), mapping.input, mapping.outputs[0],
               mapping.outputs[1], mapping.state & ~Mapping::kGuaranteed, mapping.packets, mapping.reply_anno,
               MappingTable::tick(query.now()) - mapping.used, unparse_more(place).c_str());
    return true;
}

/// One mapping of a chunk.
struct Rewriter::Record {
    FlowKey forward{};
    FlowKey reply{};
    Mapping mapping{};
    uint64_t age = 0;
    std::string_view more;

    bool parse(std::string_view line) {
        constexpr uint64_t kByte = 0xff;
        uint64_t protocol;
        std::array<uint64_t, 6> bytes{};
        FlowId to{};
        if (!take_number(line, kByte, protocol) || !take_flow(line, forward.id) || !take_flow(line, to)) {
            return false;
        }
        for (size_t i = 0; i < bytes.size(); ++i) {
            if (!take_number(line, i == 0 ? 0xffff : kByte, bytes[i])) {
                return false;
            }
        }
        if (!take_number(line, 0xffffffff, age)) {
            return false;
        }
        forward.protocol = static_cast<uint32_t>(protocol);
        reply = FlowKey{to, forward.protocol}.reversed();
        mapping.input = static_cast<uint16_t>(bytes[0]);
        mapping.outputs[0] = static_cast<uint8_t>(bytes[1]);
        mapping.outputs[1] = static_cast<uint8_t>(bytes[2]);
        mapping.state = static_cast<uint8_t>(bytes[3] & ~uint64_t{Mapping::kGuaranteed});
        mapping.packets = static_cast<uint8_t>(bytes[4]);
        mapping.reply_anno = static_cast<uint8_t>(bytes[5]);
        more = trim(line);
        return true;
    }
};

/// What is there already under one of its keys gives way.
bool Rewriter::take_state_line(std::string_view line, int64_t now, bool store) {
    Record record;
    if (!record.parse(line) || !fits(record.mapping)) {
        return false;
    }
    if (!store) {
        return true;
    }
    record.mapping.used = MappingTable::tick(now) - static_cast<uint32_t>(record.age);
    for (const FlowKey& key : {record.forward, record.reply}) {
        if (auto found = _table.flows().find(key)) {
            _table.erase(found.handle);
        }
    }
    uint32_t handle = _table.insert(record.forward, record.reply, record.mapping, now);
    return handle != MappingTable::kNone && take_more(handle, record.more);
}

void Rewriter::take_state(Element& old, ErrorHandler&) {
    auto* other = old.as<Rewriter>();
    const int64_t now = clock::steady();
    for (size_t i = 0; i < std::min(_inputs.size(), other->_inputs.size()); ++i) {
        _inputs[i].failures += other->_inputs[i].failures;
    }
    auto& flows = other->_table.flows();
    flows.for_each([&](uint32_t handle) {
        if (fits(flows[handle])) {
            uint32_t own = _table.insert(flows.key(handle), flows.key(handle, 1), flows[handle], now);
            if (own != MappingTable::kNone) {
                take_more_from(own, *other, handle);
            }
        }
    });
}

}  // namespace click
