// SPDX-License-Identifier: Apache-2.0
#include "lib/ip_pattern.hh"

#include "lang/confparse.hh"
#include "lib/ip_pattern_parser.hh"
#include "net/etheraddress.hh"

namespace click::ip_pattern {

namespace {

struct FieldWord {
    std::string_view word;
    Field field;
};

constexpr FieldWord kFieldWords[] = {
    {"host", Field::Host},      {"net", Field::Net},         {"port", Field::Port},     {"proto", Field::Proto},
    {"vers", Field::Version},   {"hl", Field::HeaderLength}, {"tos", Field::Tos},       {"dscp", Field::Dscp},
    {"ect", Field::Ect},        {"ce", Field::Ce},           {"len", Field::Length},    {"id", Field::Id},
    {"ttl", Field::Ttl},        {"frag", Field::Frag},       {"unfrag", Field::Unfrag}, {"opt", Field::TcpOption},
    {"win", Field::TcpWindow},  {"type", Field::IcmpType},   {"hlim", Field::Ttl},      {"plen", Field::Length},
    {"flow", Field::FlowLabel},
};

}  // namespace

bool is_ether_address(std::string_view text) {
    EtherAddress address;
    return text.find_first_of(":-") != std::string_view::npos && parse_ether_address(text, address);
}

void PatternParser::split(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    constexpr std::string_view kSigns = "()!?<>=&|:[]";
    for (size_t i = 0; i < text.size();) {
        if (kSpace.find(text[i]) != std::string_view::npos) {
            ++i;
            continue;
        }
        // Ethernet and IPv6 addresses have colons that are no signs.
        std::string_view run = text.substr(i, text.find_first_of(" \t\r\n\f\v()!?<>=&|[]", i) - i);
        size_t length = 1;
        std::string_view two = text.substr(i, 2);
        if (is_ether_address(run) || is_ip6_prefix(run)) {
            length = run.size();
        } else if (text[i] == '[') {
            size_t close = text.find(']', i);
            length = close == std::string_view::npos ? text.size() - i : close + 1 - i;
        } else if (two == "&&" || two == "||" || two == "==" || two == "!=" || two == "<=" || two == ">=") {
            length = 2;
        } else if (kSigns.find(text[i]) == std::string_view::npos) {
            size_t end = text.find_first_of(" \t\r\n\f\v()!?<>=&|:[]", i);
            length = (end == std::string_view::npos ? text.size() : end) - i;
        }
        _tokens.push_back(text.substr(i, length));
        i += length;
    }
}

PatternParser::Result PatternParser::expression() {
    if (++_depth > kDeepest) {
        return failed("pattern too deeply nested");
    }
    Result condition = alternatives();
    if (condition && accept("?")) {
        Result then = expression();
        if (then && !accept(":")) {
            return failed("expected ':' in '? :' expression");
        }
        Result otherwise = then ? expression() : Result();
        if (!otherwise) {
            return {};
        }
        condition = Condition::choice(std::move(*condition), std::move(*then), std::move(*otherwise));
    }
    --_depth;
    return condition;
}

PatternParser::Result PatternParser::alternatives() {
    std::vector<Condition> parts;
    do {
        Result part = conjunction();
        if (!part) {
            return {};
        }
        parts.push_back(std::move(*part));
    } while (accept("or") || accept("||"));
    return Condition::any(std::move(parts));
}

PatternParser::Result PatternParser::conjunction() {
    std::vector<Condition> parts;
    for (;;) {
        Result part = factor();
        if (!part) {
            return {};
        }
        parts.push_back(std::move(*part));
        // "and" may be left out.
        if (!accept("and") && !accept("&&") && (at_end() || is_or() || is(")") || is("?") || is(":"))) {
            return Condition::all(std::move(parts));
        }
    }
}

PatternParser::Result PatternParser::factor() {
    if (accept("!") || accept("not")) {
        if (++_depth > kDeepest) {
            return failed("pattern too deeply nested");
        }
        Result part = factor();
        --_depth;
        return part ? Result(Condition::negation(std::move(*part))) : Result();
    }
    if (accept("(")) {
        Result part = expression();
        if (part && !accept(")")) {
            return failed("missing ')'");
        }
        return part;
    }
    return primitive();
}

PatternParser::Result PatternParser::primitive() {
    if (at_end() || at_border()) {
        return failed(at_end() ? "pattern ends where a test is expected" : "syntax error near '" + token() + "'");
    }
    if (accept("true") || accept("any") || accept("all") || accept("-")) {
        return Condition::always();
    }
    if (accept("false")) {
        return Condition::never();
    }
    Primitive primitive;
    if (!qualifiers(primitive) || !relation(primitive)) {
        return {};
    }
    guess_field(primitive);
    Result condition = value(primitive);
    _previous = primitive;
    return condition;
}

/// Reads `src`, `dst`, `src or dst`, `src and dst` and the like, if they are there.
bool PatternParser::direction(Primitive& primitive) {
    auto end_named = [&](size_t ahead) {
        if (is("src", ahead) || is("source", ahead)) {
            return Direction::Source;
        }
        return is("dst", ahead) || is("dest", ahead) ? Direction::Destination : Direction::None;
    };
    Direction first = end_named(0);
    if (first == Direction::None) {
        return false;
    }
    Direction second = is_or(1) || is_and(1) ? end_named(2) : Direction::None;
    if (primitive.direction != Direction::None) {
        return fail("'src' or 'dst' specified twice");
    }
    // "src or dst" is one direction only when what follows is said of both.
    bool joined = second != Direction::None && second != first;
    primitive.direction = !joined ? first : is_or(1) ? Direction::Either : Direction::Both;
    _at += joined ? 3 : 1;
    return true;
}

/// Reads `[POS:LEN]` or `[POS]`.
bool PatternParser::byte_range(Primitive& primitive, uint8_t window) {
    std::string text = token();
    ++_at;
    std::string_view range = text;
    if (!range.ends_with(']')) {
        return fail("missing ']'");
    }
    range = range.substr(1, range.size() - 2);
    size_t colon = range.find(':');
    uint64_t position;
    uint64_t length = 1;
    if (!parse_unsigned(trim(range.substr(0, colon)), position) || position > 1500 ||
        (colon != std::string_view::npos && !parse_unsigned(trim(range.substr(colon + 1)), length))) {
        return fail("bad field specifier '" + text + "', expected '[POS:LEN]'");
    }
    if (length < 1 || length > 4) {
        return fail("field '" + text + "' is not 1 to 4 bytes long");
    }
    primitive.field = Field::Bytes;
    primitive.bytes = {window, static_cast<uint16_t>(position), static_cast<uint8_t>(length),
                       0xffffffffU >> (32 - 8 * length)};
    return true;
}

bool PatternParser::qualifiers(Primitive& primitive) {
    while (!at_border()) {
        if (direction(primitive)) {
            continue;
        }
        if (_failed) {
            return false;
        }
        if (primitive.field == Field::Proto) {
            return true;
        }
        if (is("ip") || is("ip6")) {
            primitive.version = is("ip") ? 4 : 6;
            ++_at;
            if (token().starts_with('[')) {
                return byte_range(primitive, kNetworkWindow);
            }
            continue;
        }
        if (is("ether") && primitive.field == Field::None) {
            ++_at;
            accept("host");
            primitive.field = Field::Ether;
            continue;
        }
        int several = several_protocols();
        if (is("tcp") || is("udp") || is("icmp") || is("icmp6") || several >= 0) {
            int protocol = several >= 0 ? several : number_named(ip_protocol_names(), token());
            if (primitive.protocol >= 0 && primitive.protocol != protocol) {
                return fail("transport protocol specified twice");
            }
            primitive.version = is("icmp6") ? 6 : primitive.version;
            primitive.protocol = protocol;
            ++_at;
            if (token().starts_with('[')) {
                return byte_range(primitive, kTransportWindow);
            }
            continue;
        }
        Field field = Field::None;
        for (const FieldWord& one : kFieldWords) {
            field = is(one.word) ? one.field : field;
        }
        if (field == Field::None) {
            return true;
        }
        if (primitive.field != Field::None) {
            return fail("type specified twice");
        }
        primitive.field = field;
        if (is("hlim") || is("plen") || is("flow")) {
            primitive.version = 6;
        }
        ++_at;
    }
    return true;
}

bool PatternParser::relation(Primitive& primitive) {
    if (accept("&")) {
        uint64_t mask;
        if (!parse_unsigned(token(), mask) || mask == 0 || mask > 0xffffffffU) {
            return fail("bad bit mask '" + token() + "'");
        }
        primitive.mask = static_cast<uint32_t>(mask);
        ++_at;
    }
    constexpr std::pair<std::string_view, Relation> kRelations[] = {
        {"=", Relation::Equal},         {"==", Relation::Equal}, {"!=", Relation::Unequal},   {">", Relation::Greater},
        {">=", Relation::GreaterEqual}, {"<", Relation::Less},   {"<=", Relation::LessEqual},
    };
    for (const auto& [sign, relation] : kRelations) {
        if (accept(sign)) {
            primitive.relation = relation;
            primitive.has_relation = true;
            return true;
        }
    }
    return true;
}

}  // namespace click::ip_pattern

namespace click {

bool parse_ip_pattern(std::string_view text, Condition& condition, ErrorHandler& errh, IpVersions versions) {
    return ip_pattern::PatternParser(text, errh, versions).parse(condition);
}

}  // namespace click
