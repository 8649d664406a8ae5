// SPDX-License-Identifier: Apache-2.0
#include "elements/rewriter/pattern.hh"

#include <click/router.hh>

#include <algorithm>

#include "lang/confparse.hh"
#include "platform/platform.hh"

namespace click {

namespace {

constexpr uint32_t kMostPort = 0xffff;
constexpr int kMostOutput = 255;

bool parse_port(std::string_view text, uint16_t& port) {
    uint64_t number;
    if (!parse_unsigned(text, number) || number > kMostPort) {
        return false;
    }
    port = static_cast<uint16_t>(number);
    return true;
}

bool parse_address(const std::string& text, IPAddress& address, const Element& element) {
    SilentErrorHandler silent;
    ArgContext unheard(&element, silent, {});
    return parse_arg(text, address, unheard);
}

/// The two ends of `LOW-HIGH`, which are the same when there is no dash.
std::pair<std::string, std::string> ends(const std::string& range) {
    size_t dash = range.find('-');
    return dash == std::string::npos ? std::pair(range, range)
                                     : std::pair(range.substr(0, dash), range.substr(dash + 1));
}

}  // namespace

bool parse_outputs(const std::string& forward, const std::string& reply, int (&outputs)[2]) {
    uint64_t numbers[2];
    if (!parse_unsigned(forward, numbers[0]) || !parse_unsigned(reply, numbers[1]) || numbers[0] > kMostOutput ||
        numbers[1] > kMostOutput) {
        return false;
    }
    outputs[0] = static_cast<int>(numbers[0]);
    outputs[1] = static_cast<int>(numbers[1]);
    return true;
}

/// Reads the field that may be a range, with `#` or `?` behind it.
int RewritePattern::parse_source_range(std::string text, bool ports, const Element& element, ErrorHandler& errh) {
    std::string whole = text;
    _choice = ports ? Choice::Given : Choice::Random;
    if (text.size() > 1 && (text.back() == '#' || text.back() == '?')) {
        _choice = text.back() == '#' ? Choice::Sequential : Choice::Random;
        text.pop_back();
    }
    if (ports) {
        auto [low, high] = ends(text);
        uint16_t highest = 0;
        if (!parse_port(low, _source_port) || !parse_port(high, highest) || highest < _source_port) {
            return errh.error("bad source port '%s' in pattern spec", whole.c_str());
        }
        _span = highest - uint32_t{_source_port};
        return 0;
    }
    IPPrefix prefix;
    if (text.find('/') != std::string::npos && parse_ip_prefix(text, false, prefix) && prefix.mask.mask_length() >= 0) {
        // Neither the network's own address nor its broadcast address is any host's (RFC 3021: but for the smallest).
        bool small = prefix.mask.mask_length() >= 31;
        _source = (prefix.address & prefix.mask).host_order() + (small ? 0 : 1);
        _span = (~prefix.mask).host_order() - (small ? 0 : 2);
        return 0;
    }
    auto [low, high] = ends(text);
    IPAddress lowest;
    IPAddress highest;
    if (!parse_address(low, lowest, element) || !parse_address(high, highest, element) ||
        highest.host_order() < lowest.host_order()) {
        return errh.error("bad source address '%s' in pattern spec", whole.c_str());
    }
    _source = lowest.host_order();
    _span = highest.host_order() - _source;
    return 0;
}

int RewritePattern::parse(const std::vector<std::string>& words, size_t first, Fields fields, const Element& element,
                          ErrorHandler& errh) {
    _fields = fields;
    _random = platform::entropy();
    const bool ports = fields == Fields::AddressesAndPorts;
    const std::string& source = words[first];
    const std::string& destination = words[first + (ports ? 2 : 1)];
    _has_source = source != "-";
    _has_destination = destination != "-";
    if (_has_source && !ports) {
        if (parse_source_range(source, false, element, errh) < 0) {
            return -1;
        }
    } else if (_has_source) {
        IPAddress address;
        if (!parse_address(source, address, element)) {
            return errh.error("bad source address '%s' in pattern spec", source.c_str());
        }
        _source = address.host_order();
    }
    if (ports) {
        const std::string& source_port = words[first + 1];
        const std::string& destination_port = words[first + 3];
        _has_source_port = source_port != "-";
        _has_destination_port = destination_port != "-";
        if (_has_source_port && parse_source_range(source_port, true, element, errh) < 0) {
            return -1;
        }
        if (_has_destination_port && !parse_port(destination_port, _destination_port)) {
            return errh.error("bad destination port '%s' in pattern spec", destination_port.c_str());
        }
    }
    IPAddress address;
    if (_has_destination && !parse_address(destination, address, element)) {
        return errh.error("bad destination address '%s' in pattern spec", destination.c_str());
    }
    _destination = address.network_order();
    return 0;
}

void RewritePattern::set_varying(FlowId& flow, uint32_t offset) const {
    if (_fields == Fields::Addresses && _has_source) {
        flow.source = net32(_source + offset);
    } else if (_has_source_port) {
        flow.source_port = net16(static_cast<uint16_t>(_source_port + offset));
    }
}

uint32_t RewritePattern::first_offset(const FlowKey& flow) {
    if (_choice == Choice::Sequential) {
        return _next;
    }
    if (_choice == Choice::Given) {
        uint32_t given = net16(flow.id.source_port);
        if (given >= _source_port && given - _source_port <= _span) {
            return given - _source_port;
        }
    }
    _random = keyed_hash(&flow, sizeof flow, _random);
    return static_cast<uint32_t>((_random >> 32) * (uint64_t{_span} + 1) >> 32);
}

bool RewritePattern::map(const FlowKey& flow, const MappingTable& table, FlowId& result) {
    constexpr uint32_t kMostTries = 0xffff;
    FlowKey to = flow;
    if (_has_source) {
        to.id.source = net32(_source);
    }
    if (_has_source_port) {
        to.id.source_port = net16(_source_port);
    }
    if (_has_destination) {
        to.id.destination = _destination;
    }
    if (_has_destination_port) {
        to.id.destination_port = net16(_destination_port);
    }
    Futile& futile = _futile[keyed_hash(&to, sizeof to, 0) % std::size(_futile)];
    if (futile.valid && futile.erased == table.erased() && futile.to == to) {
        return false;
    }
    uint32_t first = first_offset(flow);
    // A port that is taken says that its neighbours are: a random choice goes on elsewhere.
    for (uint32_t tries = 0, offset = first; tries <= std::min(_span, kMostTries); ++tries) {
        FlowKey candidate = to;
        set_varying(candidate.id, offset);
        if (!table.has(candidate.reversed()) && candidate.reversed() != flow) {
            _next = offset == _span ? 0 : offset + 1;
            result = candidate.id;
            return true;
        }
        offset = offset == _span ? 0 : offset + 1;
    }
    futile = {to, table.erased(), true};
    return false;
}

std::string RewritePattern::unparse() const {
    std::string mark = _choice == Choice::Sequential ? "#" : "";
    if (_choice == Choice::Random && _fields == Fields::AddressesAndPorts) {
        mark = "?";
    }
    std::string source = _has_source ? IPAddress::from_host_order(_source).unparse() : "-";
    std::string destination = _has_destination ? IPAddress(_destination).unparse() : "-";
    if (_fields == Fields::Addresses) {
        if (_has_source && _span != 0) {
            source += "-" + IPAddress::from_host_order(_source + _span).unparse() + mark;
        }
        return source + " " + destination;
    }
    std::string port = _has_source_port ? std::to_string(_source_port) : "-";
    if (_has_source_port && _span != 0) {
        port += "-" + std::to_string(_source_port + _span) + mark;
    }
    return source + " " + port + " " + destination + " " +
           (_has_destination_port ? std::to_string(_destination_port) : "-");
}

int PatternMapper::parse(const std::vector<std::string>& words, RewritePattern::Fields fields, const Element& element,
                         ErrorHandler& errh) {
    const size_t count = RewritePattern::word_count(fields);
    if (words.size() == 3) {
        for (const auto& other : element.router().elements()) {
            const auto* book = other->as<PatternBook>();
            _pattern = book ? book->find_pattern(words[0]) : nullptr;
            if (_pattern) {
                element.router().acquaint(element, *other);
                break;
            }
        }
        if (!_pattern) {
            return errh.error("no such pattern '%s'", words[0].c_str());
        }
    } else if (words.size() == count + 2) {
        _own = std::make_unique<RewritePattern>();
        _pattern = _own.get();
        if (_pattern->parse(words, 0, fields, element, errh) < 0) {
            return -1;
        }
    } else {
        return errh.error("bad pattern spec");
    }
    const std::string& forward = words[words.size() - 2];
    const std::string& reply = words.back();
    return parse_outputs(forward, reply, _outputs)
               ? 0
               : errh.error("bad port '%s %s' in pattern spec", forward.c_str(), reply.c_str());
}

bool PatternMapper::map(const FlowKey& flow, const MappingTable& table, NewFlow& result) {
    result.outputs[0] = _outputs[0];
    result.outputs[1] = _outputs[1];
    return _pattern->map(flow, table, result.id);
}

}  // namespace click
