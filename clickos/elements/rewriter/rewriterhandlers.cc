// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "elements/rewriter/rewriter.hh"
#include "lang/confparse.hh"

namespace click {

std::string Rewriter::unparse_flow(uint32_t handle, bool reply) const {
    const auto& flows = _table.flows();
    return unparse(flows.key(handle, reply ? 1 : 0).id) + " => " +
           unparse(flows.key(handle, reply ? 0 : 1).id.reversed());
}

std::string Rewriter::unparse_table(int protocol) const {
    std::string text;
    const auto& flows = _table.flows();
    const int64_t now = clock::steady();
    for (uint32_t handle = 0; handle < flows.end(); ++handle) {
        if (!flows.has(handle) || (protocol != 0 && flows.key(handle).protocol != static_cast<uint32_t>(protocol))) {
            continue;
        }
        const Mapping& mapping = flows[handle];
        int64_t age = int64_t{static_cast<uint32_t>(MappingTable::tick(now) - mapping.used)} * MappingTable::kTick;
        auto left = static_cast<long long>((_table.lifetimes().of(mapping) - age) / clock::kSecond);
        for (bool reply : {false, true}) {
            text += unparse_flow(handle, reply) + format(reply ? " [%u *%u] i%u exp%lld\n" : " [*%u %u] i%u exp%lld\n",
                                                         mapping.outputs[0], mapping.outputs[1], mapping.input, left);
        }
    }
    return text;
}

std::string Rewriter::look_up(std::string_view flow, int protocol, ErrorHandler& errh) const {
    std::vector<std::string> words = split_words(flow);
    IPAddress source;
    IPAddress destination;
    uint64_t ports[2];
    if (words.size() != 4 || !parse_ip_address(words[0], source) || !parse_unsigned(words[1], ports[0]) ||
        !parse_ip_address(words[2], destination) || !parse_unsigned(words[3], ports[1]) || ports[0] > 0xffff ||
        ports[1] > 0xffff) {
        errh.error("expected 'SADDR SPORT DADDR DPORT'");
        return {};
    }
    FlowKey key{{source.network_order(), destination.network_order(), net16(static_cast<uint16_t>(ports[0])),
                 net16(static_cast<uint16_t>(ports[1]))},
                static_cast<uint32_t>(protocol)};
    auto found = find_flow(key);
    if (!found) {
        return {};
    }
    FlowId to = _table.flows().key(found.handle, found.key == 0 ? 1 : 0).id.reversed();
    return format("%s %u %s %u", IPAddress(to.source).unparse().c_str(), net16(to.source_port),
                  IPAddress(to.destination).unparse().c_str(), net16(to.destination_port));
}

std::string Rewriter::read_number(int which) const {
    uint64_t number = which == kSize ? _table.set().size : _table.flows().size();
    if (which == kFailures) {
        number = 0;
        for (const InputSpec& spec : _inputs) {
            number += spec.failures;
        }
    }
    return std::to_string(number);
}

std::string Rewriter::read_pattern(int input) const {
    const InputSpec& spec = _inputs[static_cast<size_t>(input)];
    switch (spec.kind) {
        case InputSpec::Kind::Drop:
            return "<drop>";
        case InputSpec::Kind::Pass:
            return "<nochange>";
        case InputSpec::Kind::Keep:
            return "<keep>";
        default:
            return spec.pattern ? spec.pattern->unparse() : "<mapper>";
    }
}

int Rewriter::write_pattern(std::string_view value, int input, ErrorHandler& errh) {
    InputSpec spec;
    if (parse_input(value, spec, errh) < 0 || check_outputs(static_cast<size_t>(input), spec, errh) < 0) {
        return -1;
    }
    InputSpec& place = _inputs[static_cast<size_t>(input)];
    spec.failures = place.failures;
    place = std::move(spec);
    return 0;
}

std::string Rewriter::read_patterns() const {
    std::string text;
    for (int input = 0; input < ninputs(); ++input) {
        text += read_pattern(input) + '\n';
    }
    return text;
}

std::string Rewriter::read_capacity() const {
    return std::to_string(_table.set().capacity) + " " + std::to_string(_table.set().reserve);
}

int Rewriter::write_capacity(std::string_view value, ErrorHandler& errh) {
    std::vector<std::string> words = split_words(value);
    uint64_t capacity = 0;
    uint64_t most = _table.flows().capacity();
    if (words.empty() || words.size() > 2 || !parse_unsigned(words[0], capacity)) {
        return errh.error("expected 'CAPACITY [SHORT_RESERVE]'");
    }
    if (capacity > most) {
        return errh.error("capacity: %llu is more than the %llu that there is memory for; configure MAPPING_CAPACITY",
                          static_cast<unsigned long long>(capacity), static_cast<unsigned long long>(most));
    }
    uint64_t reserve = MappingTable::default_reserve(static_cast<uint32_t>(capacity));
    if (words.size() == 2 && (!parse_unsigned(words[1], reserve) || reserve > capacity)) {
        return errh.error("expected 'CAPACITY [SHORT_RESERVE]'");
    }
    _table.set().capacity = static_cast<uint32_t>(capacity);
    _table.set().reserve = static_cast<uint32_t>(reserve);
    return 0;
}

void Rewriter::add_handlers() {
    add_read_handler<&Rewriter::read_number>("nmappings", kMappings);
    add_read_handler<&Rewriter::read_number>("table_size", kMappings);
    add_read_handler<&Rewriter::read_number>("mapping_failures", kFailures);
    add_read_handler<&Rewriter::read_number>("size", kSize);
    add_read_handler<&Rewriter::read_patterns>("patterns");
    for (int input = 0; input < ninputs(); ++input) {
        std::string name = format("pattern%d", input);
        add_read_handler<&Rewriter::read_pattern>(name, input);
        add_write_handler<&Rewriter::write_pattern>(name, input);
    }
    add_read_handler<&Rewriter::read_capacity>("capacity");
    add_write_handler<&Rewriter::write_capacity>("capacity");
    add_write_handler<&Rewriter::write_clear>("clear", 0, Handler::kButton);
    add_state_handlers();
}

}  // namespace click
