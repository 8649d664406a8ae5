// SPDX-License-Identifier: Apache-2.0
#include "lib/ip_pattern.hh"

#include <array>
#include <bit>
#include <optional>
#include <string>

#include "lang/confparse.hh"
#include "lib/ip_names.hh"
#include "net/etheraddress.hh"
#include "net/ip.hh"
#include "net/ipaddress.hh"

namespace click {

namespace {

enum class Direction : uint8_t { None, Source, Destination, Either, Both };
enum class Relation : uint8_t { Equal, Unequal, Greater, GreaterEqual, Less, LessEqual };
enum class Field : uint8_t {
    None,
    Host,
    Net,
    Port,
    Ether,
    Proto,
    Version,
    HeaderLength,
    Tos,
    Dscp,
    Ect,
    Ce,
    Length,
    Id,
    Ttl,
    Frag,
    Unfrag,
    TcpOption,
    TcpWindow,
    IcmpType,
    Bytes,
};

/// Where a numeric field lies.
struct Place {
    uint8_t window;
    uint16_t offset;
    uint8_t bytes;
    uint32_t mask;
};

struct FieldWord {
    std::string_view word;
    Field field;
};

constexpr FieldWord kFieldWords[] = {
    {"host", Field::Host},     {"net", Field::Net},         {"port", Field::Port},     {"proto", Field::Proto},
    {"vers", Field::Version},  {"hl", Field::HeaderLength}, {"tos", Field::Tos},       {"dscp", Field::Dscp},
    {"ect", Field::Ect},       {"ce", Field::Ce},           {"len", Field::Length},    {"id", Field::Id},
    {"ttl", Field::Ttl},       {"frag", Field::Frag},       {"unfrag", Field::Unfrag}, {"opt", Field::TcpOption},
    {"win", Field::TcpWindow}, {"type", Field::IcmpType},
};

Place place_of(Field field) {
    switch (field) {
        case Field::Version:
            return {kNetworkWindow, 0, 1, 0xf0};
        case Field::HeaderLength:
            return {kNetworkWindow, 0, 1, 0x0f};
        case Field::Tos:
            return {kNetworkWindow, 1, 1, 0xff};
        case Field::Dscp:
            return {kNetworkWindow, 1, 1, 0xfc};
        case Field::Ect:
        case Field::Ce:
            return {kNetworkWindow, 1, 1, 0x03};
        case Field::Length:
            return {kNetworkWindow, 2, 2, 0xffff};
        case Field::Id:
            return {kNetworkWindow, 4, 2, 0xffff};
        case Field::Ttl:
            return {kNetworkWindow, 8, 1, 0xff};
        case Field::Proto:
            return {kNetworkWindow, 9, 1, 0xff};
        case Field::TcpWindow:
            return {kTransportWindow, 14, 2, 0xffff};
        default:
            return {kTransportWindow, 0, 1, 0xff};
    }
}

std::vector<Condition> list(Condition a, Condition b) {
    std::vector<Condition> parts;
    parts.push_back(std::move(a));
    parts.push_back(std::move(b));
    return parts;
}

Condition both(Condition a, Condition b) { return Condition::all(list(std::move(a), std::move(b))); }

Condition either(Condition a, Condition b) { return Condition::any(list(std::move(a), std::move(b))); }

Condition is_protocol(uint8_t protocol) { return Condition::equal(kNetworkWindow, 9, 1, 0xff, protocol); }

/// Fragments but the first have no transport header.
Condition in_first_fragment(Condition protocol) {
    return both(std::move(protocol), Condition::equal(kNetworkWindow, 6, 2, IpHeader::kOffsetMask, 0));
}

/// `condition`, negated but still false of packets that lack the field.
Condition unequal(const Place& place, Condition condition) {
    Condition there =
        Condition::test(PacketTest::has_bytes(place.window, static_cast<uint16_t>(place.offset + place.bytes)));
    return both(std::move(there), Condition::negation(std::move(condition)));
}

Condition compare(const Place& place, Relation relation, uint32_t value) {
    auto greater = [&](bool or_equal) {
        return Condition::greater(place.window, place.offset, place.bytes, place.mask, value, or_equal);
    };
    switch (relation) {
        case Relation::Equal:
            return Condition::equal(place.window, place.offset, place.bytes, place.mask, value);
        case Relation::Unequal:
            return unequal(place, compare(place, Relation::Equal, value));
        case Relation::Greater:
            return greater(false);
        case Relation::GreaterEqual:
            return greater(true);
        case Relation::Less:
            return unequal(place, greater(true));
        case Relation::LessEqual:
            return unequal(place, greater(false));
    }
    return Condition::never();
}

/// What one primitive of a pattern says, before its value is read.
struct Primitive {
    Direction direction = Direction::None;
    int protocol = -1;  ///< `tcp`, `udp` or `icmp` before the field
    Field field = Field::None;
    Place bytes{};               ///< Field::Bytes: where
    bool any_transport = false;  ///< `transp[...]`
    std::optional<uint32_t> mask;
    Relation relation = Relation::Equal;
    bool has_relation = false;
};

class PatternParser {
public:
    PatternParser(std::string_view text, ErrorHandler& errh) : _errh(errh) { split(text); }

    bool parse(Condition& condition) {
        if (_failed) {
            return false;
        }
        if (_tokens.empty()) {
            return fail("empty pattern");
        }
        std::optional<Condition> whole = expression();
        if (!whole) {
            return false;
        }
        if (!at_end()) {
            return fail("garbage after expression at '" + token() + "'");
        }
        condition = std::move(*whole);
        return true;
    }

private:
    using Result = std::optional<Condition>;
    /// Parentheses and negations within each other.
    static constexpr int kDeepest = 200;

    bool fail(const std::string& message) {
        if (!_failed) {
            _errh.error("%s", message.c_str());
        }
        _failed = true;
        return false;
    }
    Result failed(const std::string& message) {
        fail(message);
        return {};
    }

    void split(std::string_view text);
    bool at_end() const { return _at >= _tokens.size(); }
    std::string token(size_t ahead = 0) const {
        return _at + ahead < _tokens.size() ? std::string(_tokens[_at + ahead]) : std::string();
    }
    bool is(std::string_view word, size_t ahead = 0) const {
        return _at + ahead < _tokens.size() && _tokens[_at + ahead] == word;
    }
    bool accept(std::string_view word) {
        bool here = is(word);
        _at += here;
        return here;
    }
    bool is_and(size_t ahead = 0) const { return is("and", ahead) || is("&&", ahead); }
    bool is_or(size_t ahead = 0) const { return is("or", ahead) || is("||", ahead); }
    /// Nothing of the present primitive follows.
    bool at_border() const {
        return at_end() || is_and() || is_or() || is(")") || is("(") || is("?") || is(":") || is("!") || is("not");
    }

    Result expression();
    Result alternatives();
    Result conjunction();
    Result factor();
    Result primitive();
    bool qualifiers(Primitive& primitive);
    bool direction(Primitive& primitive);
    bool byte_range(Primitive& primitive, uint8_t window);
    bool relation(Primitive& primitive);
    void guess_field(Primitive& primitive);
    Result value(const Primitive& primitive);
    Result addresses(const Primitive& primitive, IPPrefix prefix) const;
    Result ether_value(const Primitive& primitive);
    Result port_value(const Primitive& primitive);
    Result tcp_option(const Primitive& primitive);
    Result numeric_value(const Primitive& primitive);
    bool number(std::span<const NumberName> names, uint32_t most, uint32_t& value);
    template <typename F>
    Condition toward(const Primitive& primitive, F one_end) const;

    ErrorHandler& _errh;
    std::vector<std::string_view> _tokens;
    size_t _at = 0;
    int _depth = 0;
    bool _failed = false;
    Primitive _previous;
};

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
        // An Ethernet address has colons that are no signs.
        std::string_view run = text.substr(i, text.find_first_of(" \t\r\n\f\v()!?<>=&|[]", i) - i);
        size_t length = 1;
        std::string_view two = text.substr(i, 2);
        if (is_ether_address(run)) {
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
        if (primitive.field == Field::Proto) {
            return true;
        }
        if (is("ip") || is("transp")) {
            bool network = is("ip");
            bool range = token(1).starts_with('[');
            if (!network && !range) {
                return fail("expected '[POS:LEN]' after 'transp'");
            }
            ++_at;
            primitive.any_transport |= !network;
            if (range) {
                return byte_range(primitive, network ? kNetworkWindow : kTransportWindow);
            }
            continue;
        }
        if (is("ether") && primitive.field == Field::None) {
            ++_at;
            accept("host");
            primitive.field = Field::Ether;
            continue;
        }
        if ((is("tcp") || is("udp") || is("icmp")) && primitive.protocol < 0) {
            primitive.protocol = number_named(ip_protocol_names(), token());
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
            return fail("syntax error near '" + token() + "'");
        }
        primitive.field = field;
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

/// A primitive that does not name its field has it from its value, or from the primitive before.
void PatternParser::guess_field(Primitive& primitive) {
    if (primitive.field != Field::None || at_border()) {
        return;
    }
    std::string word = token();
    IPPrefix prefix;
    uint64_t ignored;
    bool transport_ports = primitive.protocol == kIpProtoTcp || primitive.protocol == kIpProtoUdp;
    if (is_ether_address(word)) {
        primitive.field = Field::Ether;
    } else if (parse_ip_prefix(word, true, prefix)) {
        primitive.field = word.find('/') != std::string::npos || is("mask", 1) ? Field::Net : Field::Host;
    } else if (parse_unsigned(word, ignored)) {
        primitive.field = transport_ports                      ? Field::Port
                          : primitive.protocol == kIpProtoIcmp ? Field::IcmpType
                                                               : _previous.field;
        primitive.bytes = _previous.bytes;
        primitive.any_transport |= _previous.any_transport;
    } else if (number_named(tcp_flag_names(), word) >= 0) {
        primitive.field = Field::TcpOption;
    } else if (primitive.protocol == kIpProtoIcmp && number_named(icmp_type_names(), word) >= 0) {
        primitive.field = Field::IcmpType;
    } else if (_previous.field == Field::IcmpType && primitive.direction == Direction::None && primitive.protocol < 0 &&
               number_named(icmp_type_names(), word) >= 0) {
        primitive.field = Field::IcmpType;
    } else if (number_named(ip_protocol_names(), word) >= 0) {
        primitive.field = Field::Proto;
    } else if (number_named(port_names(), word) >= 0) {
        primitive.field = Field::Port;
    } else if (number_named(icmp_type_names(), word) >= 0) {
        primitive.field = Field::IcmpType;
    }
    auto is_address = [](Field field) { return field == Field::Host || field == Field::Net; };
    if (primitive.field == _previous.field || (is_address(primitive.field) && is_address(_previous.field))) {
        if (primitive.direction == Direction::None) {
            primitive.direction = _previous.direction;
        }
        if (primitive.protocol < 0) {
            primitive.protocol = _previous.protocol;
        }
    }
}

PatternParser::Result PatternParser::value(const Primitive& primitive) {
    if (primitive.field == Field::None && at_border() && primitive.protocol >= 0 && !primitive.has_relation &&
        primitive.direction == Direction::None && !primitive.mask) {
        return is_protocol(static_cast<uint8_t>(primitive.protocol));
    }
    bool takes_ends = primitive.field == Field::Host || primitive.field == Field::Net ||
                      primitive.field == Field::Port || primitive.field == Field::Ether;
    if (primitive.field != Field::None && primitive.direction != Direction::None && !takes_ends) {
        return failed("'src' or 'dst' is meaningless here, near '" + token() + "'");
    }
    bool ordered = primitive.relation != Relation::Equal && primitive.relation != Relation::Unequal;
    bool plain = primitive.field == Field::Host || primitive.field == Field::Net || primitive.field == Field::Ether ||
                 primitive.field == Field::TcpOption;
    if (plain && (ordered || primitive.mask)) {
        return failed("this test takes no relation but '==' and '!=', and no bit mask, near '" + token() + "'");
    }
    switch (primitive.field) {
        case Field::None:
            return failed(at_end() ? "partial directive" : "syntax error near '" + token() + "'");
        case Field::Host:
        case Field::Net: {
            IPPrefix prefix;
            std::string word = token();
            if (!parse_ip_prefix(word, true, prefix)) {
                return failed("bad IP address '" + word + "'");
            }
            ++_at;
            bool slash = word.find('/') != std::string::npos;
            if (primitive.field == Field::Host && slash) {
                return failed("'" + word + "' is a network, not a host");
            }
            if (primitive.field == Field::Net && !slash) {
                if (!accept("mask") || !parse_ip_address(token(), prefix.mask)) {
                    return failed("network '" + word + "' needs '/BITS' or 'mask MASK'");
                }
                ++_at;
            }
            return addresses(primitive, prefix);
        }
        case Field::Port:
            return port_value(primitive);
        case Field::Ether:
            return ether_value(primitive);
        case Field::TcpOption:
            return tcp_option(primitive);
        case Field::Frag:
        case Field::Unfrag: {
            if (primitive.has_relation || primitive.mask) {
                return failed("'ip frag' takes no value");
            }
            Condition whole =
                Condition::equal(kNetworkWindow, 6, 2, IpHeader::kOffsetMask | IpHeader::kMoreFragments, 0);
            return primitive.field == Field::Unfrag ? std::move(whole) : Condition::negation(std::move(whole));
        }
        case Field::Ce:
            return Condition::equal(kNetworkWindow, 1, 1, 0x03, 0x03);
        case Field::Ect:
            if (at_border() && !primitive.has_relation) {
                return Condition::negation(Condition::equal(kNetworkWindow, 1, 1, 0x03, 0));
            }
            return numeric_value(primitive);
        default:
            return numeric_value(primitive);
    }
}

/// Applies `one_end(bool source)` to the ends that are asked for.
template <typename F>
Condition PatternParser::toward(const Primitive& primitive, F one_end) const {
    switch (primitive.direction) {
        case Direction::Source:
            return one_end(true);
        case Direction::Destination:
            return one_end(false);
        case Direction::Both:
            return both(one_end(true), one_end(false));
        default:
            return either(one_end(true), one_end(false));
    }
}

PatternParser::Result PatternParser::addresses(const Primitive& primitive, IPPrefix prefix) const {
    uint32_t mask = prefix.mask.host_order();
    Condition match = toward(primitive, [&](bool source) {
        return Condition::equal(kNetworkWindow, source ? 12 : 16, 4, mask, prefix.address.host_order());
    });
    return primitive.relation == Relation::Unequal ? Condition::negation(std::move(match)) : std::move(match);
}

PatternParser::Result PatternParser::ether_value(const Primitive& primitive) {
    EtherAddress address;
    if (!parse_ether_address(token(), address)) {
        return failed("bad Ethernet address '" + token() + "'");
    }
    ++_at;
    const auto& b = address.bytes;
    Condition match = toward(primitive, [&](bool source) {
        uint16_t offset = source ? 6 : 0;
        return both(
            Condition::equal(kMacWindow, offset, 4, 0xffffffff,
                             uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3]),
            Condition::equal(kMacWindow, static_cast<uint16_t>(offset + 4), 2, 0xffff, uint32_t{b[4]} << 8 | b[5]));
    });
    return primitive.relation == Relation::Unequal ? unequal({kMacWindow, 0, 12, 0}, std::move(match))
                                                   : std::move(match);
}

bool PatternParser::number(std::span<const NumberName> names, uint32_t most, uint32_t& value) {
    std::string word = token();
    uint64_t parsed;
    if (int named = number_named(names, word); named >= 0) {
        value = static_cast<uint32_t>(named);
    } else if (at_border()) {
        return fail("value missing");
    } else if (!parse_unsigned(word, parsed)) {
        return fail("bad value '" + word + "'");
    } else if (parsed > most) {
        return fail("value " + word + " out of range, bound " + std::to_string(most));
    } else {
        value = static_cast<uint32_t>(parsed);
    }
    ++_at;
    return true;
}

PatternParser::Result PatternParser::port_value(const Primitive& primitive) {
    if (primitive.protocol >= 0 && primitive.protocol != kIpProtoTcp && primitive.protocol != kIpProtoUdp) {
        return failed("'port' needs TCP or UDP");
    }
    uint32_t port;
    if (!number(port_names(), 0xffff, port)) {
        return {};
    }
    uint32_t mask = primitive.mask.value_or(0xffff) & 0xffff;
    Relation relation = primitive.relation == Relation::Unequal ? Relation::Equal : primitive.relation;
    Condition match = toward(primitive, [&](bool source) {
        return compare({kTransportWindow, static_cast<uint16_t>(source ? 0 : 2), 2, mask}, relation, port);
    });
    if (primitive.relation == Relation::Unequal) {
        match = unequal({kTransportWindow, 0, 4, 0}, std::move(match));
    }
    Condition protocol = primitive.protocol >= 0 ? is_protocol(static_cast<uint8_t>(primitive.protocol))
                                                 : either(is_protocol(kIpProtoTcp), is_protocol(kIpProtoUdp));
    return both(in_first_fragment(std::move(protocol)), std::move(match));
}

PatternParser::Result PatternParser::tcp_option(const Primitive& primitive) {
    if (primitive.protocol >= 0 && primitive.protocol != kIpProtoTcp) {
        return failed("'opt' needs TCP");
    }
    int flag = number_named(tcp_flag_names(), token());
    if (flag < 0) {
        return failed("bad TCP option '" + token() + "'");
    }
    ++_at;
    auto bit = static_cast<uint32_t>(flag);
    return both(in_first_fragment(is_protocol(kIpProtoTcp)),
                compare({kTransportWindow, 13, 1, bit}, primitive.relation, bit));
}

PatternParser::Result PatternParser::numeric_value(const Primitive& primitive) {
    Field field = primitive.field;
    Place place = field == Field::Bytes ? primitive.bytes : place_of(field);
    int shift = std::countr_zero(place.mask);
    std::span<const NumberName> names;
    if (field == Field::Proto) {
        names = ip_protocol_names();
    } else if (field == Field::IcmpType) {
        names = icmp_type_names();
    }
    uint32_t given;
    if (!number(names, place.mask >> shift, given)) {
        return {};
    }
    if (primitive.mask) {
        place.mask &= *primitive.mask << shift;
    }
    Condition match = compare(place, primitive.relation, given << shift);
    int needed = field == Field::TcpWindow  ? int{kIpProtoTcp}
                 : field == Field::IcmpType ? int{kIpProtoIcmp}
                 : field == Field::Bytes    ? primitive.protocol
                                            : -1;
    if (primitive.protocol >= 0 && primitive.protocol != needed) {
        return failed("'" + token() + "' does not belong to this protocol");
    }
    if (needed >= 0) {
        return both(in_first_fragment(is_protocol(static_cast<uint8_t>(needed))), std::move(match));
    }
    return primitive.any_transport ? both(in_first_fragment(Condition::always()), std::move(match)) : std::move(match);
}

}  // namespace

bool parse_ip_pattern(std::string_view text, Condition& condition, ErrorHandler& errh) {
    return PatternParser(text, errh).parse(condition);
}

}  // namespace click
