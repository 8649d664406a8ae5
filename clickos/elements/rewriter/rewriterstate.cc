// SPDX-License-Identifier: Apache-2.0
//
// The mappings as text, to be moved to another machine. A chunk begins with a line
//
//     flows 1 CLASS NOW NEXT
//
// (1 is the version of this form; NOW is for the next `state_since`; NEXT is what to ask the next chunk with, `end` after
// the last one), and then has a line for each mapping:
//
//     PROTOCOL SADDR SPORT DADDR DPORT SADDR' SPORT' DADDR' DPORT' INPUT FOUTPUT ROUTPUT STATE PACKETS ANNO AGE MORE
//
// AGE is in milliseconds; STATE the bits of Mapping::State; MORE is a class's own.
#include <algorithm>
#include <array>

#include "elements/rewriter/rewriter.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

constexpr uint64_t kVersion = 1;
constexpr uint32_t kMostLooks = 4096;  ///< places that one chunk looks at
constexpr uint32_t kMostLines = 512;
constexpr size_t kHeaderWords = 5;

std::string unparse_end(uint32_t address, uint16_t port) {
    return IPAddress(address).unparse() + " " + std::to_string(net16(port));
}
std::string unparse_words(const FlowId& id) {
    return unparse_end(id.source, id.source_port) + " " + unparse_end(id.destination, id.destination_port);
}

/// Takes `ADDR PORT` off the text.
bool take_end(std::string_view& text, uint32_t& address, uint16_t& port) {
    IPAddress parsed;
    uint64_t number;
    if (!parse_ip_address(take_word(text), parsed) || !parse_unsigned(take_word(text), number) || number > 0xffff) {
        return false;
    }
    address = parsed.network_order();
    port = net16(static_cast<uint16_t>(number));
    return true;
}
bool take_flow(std::string_view& text, FlowId& id) {
    return take_end(text, id.source, id.source_port) && take_end(text, id.destination, id.destination_port);
}
bool take_number(std::string_view& text, uint64_t most, uint64_t& number) {
    return parse_unsigned(take_word(text), number) && number <= most;
}

}  // namespace

std::string Rewriter::read_state(std::string_view parameter, int since, ErrorHandler& errh) const {
    std::vector<std::string> words = split_words(parameter);
    const auto& flows = _table.flows();
    uint64_t oldest = 0;
    uint64_t position = 0;
    auto first = static_cast<size_t>(since);
    if (words.size() > first + 1 || words.size() < first || (since && !parse_unsigned(words[0], oldest)) ||
        (words.size() > first && (!parse_unsigned(words[first], position) || position > flows.capacity()))) {
        errh.error(since ? "expected 'SINCE [POSITION]'" : "expected '[POSITION]'");
        return {};
    }
    const uint32_t now = MappingTable::tick(clock::steady());
    std::string lines;
    uint32_t count = 0;
    auto handle = static_cast<uint32_t>(position);
    for (uint32_t looks = 0; handle < flows.end() && looks < kMostLooks && count < kMostLines; ++handle, ++looks) {
        if (!flows.has(handle) ||
            (since && static_cast<int32_t>(flows[handle].used - static_cast<uint32_t>(oldest)) < 0)) {
            continue;
        }
        const Mapping& mapping = flows[handle];
        lines += format("%u %s %s %u %u %u %u %u %u %u%s\n", flows.key(handle).protocol,
                        unparse_words(flows.key(handle).id).c_str(),
                        unparse_words(flows.key(handle, 1).id.reversed()).c_str(), mapping.input, mapping.outputs[0],
                        mapping.outputs[1], mapping.state & ~Mapping::kGuaranteed, mapping.packets, mapping.reply_anno,
                        now - mapping.used, unparse_more(handle).c_str());
        ++count;
    }
    bool end = handle >= flows.end();
    return format("flows %llu %s %u %s\n", static_cast<unsigned long long>(kVersion), class_name(), now,
                  end ? "end" : std::to_string(handle).c_str()) +
           lines;
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

/// Takes mappings in: what is there already under one of their keys gives way. A text that is wrong changes nothing.
int Rewriter::write_state(std::string_view value, ErrorHandler& errh) {
    auto take_line = [&] {
        size_t end = std::min(value.find('\n'), value.size());
        std::string_view line = value.substr(0, end);
        value.remove_prefix(std::min(end + 1, value.size()));
        return line;
    };
    std::vector<std::string> header = split_words(take_line());
    uint64_t version;
    if (header.size() != kHeaderWords || header[0] != "flows" || !parse_unsigned(header[1], version) ||
        version != kVersion || header[2] != class_name()) {
        return errh.error("expected 'flows %llu %s NOW NEXT' as first line", static_cast<unsigned long long>(kVersion),
                          class_name());
    }
    std::vector<Record> records;
    for (unsigned number = 2; !value.empty(); ++number) {
        std::string_view line = take_line();
        Record record;
        if (trim(line).empty()) {
            continue;
        }
        if (!record.parse(line) || !fits(record.mapping)) {
            return errh.error("line %u: no mapping of this rewriter: '%s'", number, std::string(line).c_str());
        }
        records.push_back(record);
    }
    const int64_t now = clock::steady();
    unsigned refused = 0;
    for (Record& record : records) {
        record.mapping.used = MappingTable::tick(now) - static_cast<uint32_t>(record.age);
        for (const FlowKey& key : {record.forward, record.reply}) {
            if (auto found = _table.flows().find(key)) {
                _table.erase(found.handle);
            }
        }
        uint32_t handle = _table.insert(record.forward, record.reply, record.mapping, now);
        refused += handle == MappingTable::kNone || !take_more(handle, record.more);
    }
    return refused == 0 ? 0 : errh.error("no room for %u of %zu mappings", refused, records.size());
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
