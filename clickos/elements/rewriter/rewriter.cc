// SPDX-License-Identifier: Apache-2.0
#include "elements/rewriter/rewriter.hh"

#include <click/router.hh>

#include "lang/confparse.hh"

namespace click {

int Rewriter::parse_input(std::string_view text, InputSpec& spec, ErrorHandler& errh) const {
    using Kind = InputSpec::Kind;
    std::vector<std::string> words = split_words(text);
    if (words.empty()) {
        return errh.error("empty argument");
    }
    const std::string word = words[0];
    if (word == "drop" || word == "discard") {
        spec.kind = Kind::Drop;
        return words.size() == 1 ? 0 : errh.error("syntax error, expected '%s'", word.c_str());
    }
    if (word == "pass" || word == "passthrough" || word == "nochange") {
        spec.kind = Kind::Pass;
        bool right = words.size() == 1 || (words.size() == 2 && parse_outputs(words[1], words[1], spec.outputs));
        return right ? 0 : errh.error("syntax error, expected '%s [OUTPUT]'", word.c_str());
    }
    if (word == "keep") {
        spec.kind = Kind::Keep;
        bool right = words.size() == 3 && parse_outputs(words[1], words[2], spec.outputs);
        return right ? 0 : errh.error("syntax error, expected 'keep FOUTPUT ROUTPUT'");
    }
    spec.kind = Kind::Mapped;
    if (word == "pattern") {
        words.erase(words.begin());
        spec.pattern = std::make_unique<PatternMapper>();
        spec.mapper = spec.pattern.get();
        return spec.pattern->parse(words, _fields, *this, errh);
    }
    Element* element = router().find(word, this);
    if (!element) {
        return errh.error("unknown specification");
    }
    if (words.size() != 1) {
        return errh.error("syntax error, expected element name");
    }
    spec.mapper = element->as<FlowMapper>();
    return spec.mapper ? 0 : errh.error("element is not an IPMapper");
}

/// Reads `CAPACITY`, or the name of a rewriter whose flows and ours are counted together.
int Rewriter::parse_capacity(const std::string& text, Rewriter*& other, uint32_t& capacity) const {
    uint64_t number;
    if (parse_unsigned(text, number) && number >= 1 && number <= MappingTable::kMostCapacity) {
        capacity = static_cast<uint32_t>(number);
        return 0;
    }
    Element* element = router().find(text, this);
    other = element ? element->as<Rewriter>() : nullptr;
    return other ? 0 : -1;
}

int Rewriter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::string capacity_text;
    Lifetimes lifetimes;
    Annotation reply_anno;
    Args args(conf, this, errh);
    args.keyword("DST_ANNO", _dst_anno, true)
        .keyword("REPLY_ANNO", reply_anno)
        .keyword("REAP_INTERVAL", bounded(_reap_interval, Duration{MappingTable::kTick}, kMostLifetime))
        .keyword("MAPPING_CAPACITY", capacity_text)
        .keyword("INPUT_CAPACITY", _input_capacity, 0U);
    lifetime_keywords(args, lifetimes);
    std::vector<std::string> specs;
    if (args.rest(specs).complete() < 0) {
        return -1;
    }
    if (specs.size() != static_cast<size_t>(ninputs())) {
        return errh.error("need %d arguments, one per input port", ninputs());
    }
    std::vector<InputSpec> inputs(specs.size());
    int result = 0;
    for (size_t i = 0; i < specs.size(); ++i) {
        PrefixErrorHandler prefixed(errh, "input spec " + std::to_string(i) + ": ");
        if (parse_input(specs[i], inputs[i], prefixed) < 0) {
            result = -1;
        }
    }
    Rewriter* shares_with = nullptr;
    uint32_t capacity = MappingTable::default_capacity();
    if (!capacity_text.empty() && parse_capacity(capacity_text, shares_with, capacity) < 0) {
        result = errh.error("MAPPING_CAPACITY: expected 1..%u or a rewriter's name, got '%s'",
                            MappingTable::kMostCapacity, capacity_text.c_str());
    }
    if (result < 0) {
        return -1;
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
        if (check_outputs(i, inputs[i], errh) < 0) {
            result = -1;
        }
    }
    if (result < 0) {
        return -1;
    }
    _reply_anno = reply_anno.offset;
    _inputs = std::move(inputs);
    _table.set_lifetimes(lifetimes);
    _shares_with = shares_with;
    _table.set_capacity(capacity, MappingTable::default_reserve(capacity));
    return 0;
}

/// Outputs of mapper elements are known when these are configured, which comes first.
int Rewriter::check_outputs(size_t input, const InputSpec& spec, ErrorHandler& errh) const {
    int highest = spec.mapper                          ? spec.mapper->highest_output()
                  : spec.kind == InputSpec::Kind::Drop ? 0
                  : spec.outputs[0] > spec.outputs[1]  ? spec.outputs[0]
                                                       : spec.outputs[1];
    return highest < noutputs() ? 0 : errh.error("input spec %zu: output port out of range", input);
}

int Rewriter::initialize(ErrorHandler& errh) {
    constexpr unsigned kMostSteps = 256;
    Rewriter* owner = this;
    for (unsigned steps = 0; owner->_shares_with && steps < kMostSteps; ++steps) {
        owner = owner->_shares_with;
    }
    if (owner->_shares_with) {
        return errh.error("MAPPING_CAPACITY: '%s' shares the capacity of others that share its own", name().c_str());
    }
    if (_table.allocate(owner->_table, clock::steady(), errh) < 0 ||
        allocate_more(_table.flows().capacity(), errh) < 0) {
        return -1;
    }
    if (_input_capacity > 0) {
        _table.count_inputs(_inputs.size());
    }
    _timer.initialize(this);
    _timer.schedule_after(_reap_interval.nanoseconds);
    return 0;
}

void Rewriter::run_timer() {
    constexpr int64_t kSoon = 1'000'000;
    _timer.schedule_after(_table.expire(clock::steady()) ? _reap_interval.nanoseconds : kSoon);
}

uint32_t Rewriter::map_flow(int input, const FlowKey& flow, uint8_t reply_anno, int64_t now) {
    InputSpec& spec = _inputs[static_cast<size_t>(input)];
    if (spec.kind < InputSpec::Kind::Keep) {
        return MappingTable::kNone;
    }
    uint32_t handle = make_mapping(spec, flow, reply_anno, now);
    if (handle == MappingTable::kNone) [[unlikely]] {
        // What holds the last port or place may be over already.
        uint32_t erased = _table.erased();
        _table.expire(now);
        handle = _table.erased() != erased ? make_mapping(spec, flow, reply_anno, now) : handle;
    }
    spec.failures += handle == MappingTable::kNone;
    return handle;
}

uint32_t Rewriter::make_mapping(InputSpec& spec, const FlowKey& flow, uint8_t reply_anno, int64_t now) {
    const auto input = static_cast<size_t>(&spec - _inputs.data());
    if (_input_capacity > 0 && _table.of_input(input) >= _input_capacity) {
        return MappingTable::kNone;
    }
    NewFlow to{flow.id, {spec.outputs[0], spec.outputs[1]}};
    if (spec.kind == InputSpec::Kind::Mapped && !spec.mapper->map(flow, _table, to)) {
        return MappingTable::kNone;
    }
    Mapping mapping{};
    mapping.used = MappingTable::tick(now);
    mapping.outputs[0] = static_cast<uint8_t>(to.outputs[0]);
    mapping.outputs[1] = static_cast<uint8_t>(to.outputs[1]);
    mapping.input = static_cast<uint16_t>(input);
    mapping.reply_anno = reply_anno;
    mapping.state = flow.protocol == kIpProtoTcp ? Mapping::kTcp : 0;
    return _table.insert(flow, FlowKey{to.id, flow.protocol}.reversed(), mapping, now);
}

bool Rewriter::map_ahead(int input, const IpHeader& ip, uint32_t length, int64_t now, FlowId& to) {
    FlowKey flow{};
    if (!flow_of(ip, length, flow)) {
        return false;
    }
    auto found = find_flow(flow);
    if (!found) {
        found = {map_flow(input, mapped_part(flow), 0, now), 0};
    }
    if (!found) {
        return false;
    }
    to = _table.flows().key(found.handle, found.key == 0 ? 1 : 0).id.reversed();
    return true;
}

uint32_t Rewriter::map_packet(int input, const FlowKey& flow, const Packet& packet, int64_t now, int& output) {
    uint8_t anno = _reply_anno >= 0 ? packet.anno_u8(static_cast<size_t>(_reply_anno)) : 0;
    uint32_t handle = map_flow(input, mapped_part(flow), anno, now);
    output = handle == MappingTable::kNone ? way_without_flow(input) : 0;
    return handle;
}

void push_ways(const Element& element, Packet** packets, const int* ways, unsigned count) {
    for (unsigned first = 0; first < count; ++first) {
        if (!packets[first]) {
            continue;
        }
        int way = ways[first];
        PacketBatch part;
        for (unsigned i = first; i < count; ++i) {
            if (packets[i] && ways[i] == way) {
                part.append(PacketPtr(packets[i]));
                packets[i] = nullptr;
            }
        }
        element.checked_push(way, part);
    }
}

}  // namespace click
