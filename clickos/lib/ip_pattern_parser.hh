// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "lib/ip_names.hh"
#include "lib/ip_pattern_condition.hh"
#include "net/ipaddress.hh"

namespace click::ip_pattern {

/// What one primitive of a pattern says, before its value is read.
struct Primitive {
    Direction direction = Direction::None;
    int version = 0;    ///< 4 or 6 if said, by `ip` or `ip6`
    int protocol = -1;  ///< `tcp`, `udp`, `icmp`, `tcpudp` or `transp` before the field
    Field field = Field::None;
    Place bytes{};  ///< Field::Bytes: where
    std::optional<uint32_t> mask;
    Relation relation = Relation::Equal;
    bool has_relation = false;
};

/// Reads a pattern: ip_pattern.cc has its grammar, ip_pattern_value.cc what the values of primitives mean.
class PatternParser {
public:
    PatternParser(std::string_view text, ErrorHandler& errh, IpVersions versions) : _errh(errh), _versions(versions) {
        split(text);
    }

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
    int several_protocols() const;
    void guess_field(Primitive& primitive);
    Result value(const Primitive& primitive);
    Result addresses(const Primitive& primitive, IPPrefix prefix) const;
    Result ip6_addresses(const Primitive& primitive);
    Result ether_value(const Primitive& primitive);
    Result port_value(const Primitive& primitive);
    Result tcp_option(const Primitive& primitive);
    Result numeric_value(const Primitive& primitive);
    bool number(std::span<const NumberName> names, uint32_t most, uint32_t& value);
    /// Reads a value, or `LOW-HIGH`.
    bool number_range(const Primitive& primitive, std::span<const NumberName> names, uint32_t most, uint32_t& low,
                      uint32_t& high);
    /// Applies `one_end(bool source)` to the ends that are asked for.
    template <typename F>
    static Condition toward(const Primitive& primitive, F one_end) {
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
    /// `condition`, and the packet is of that IP version.
    Condition of_version(int version, Condition condition) const;
    /// The packet is of that protocol, and of the IP version that is asked for; `in_first`: and has its first bytes.
    Condition carries(const Primitive& primitive, int protocol, bool in_first) const;

    ErrorHandler& _errh;
    IpVersions _versions;
    std::vector<std::string_view> _tokens;
    size_t _at = 0;
    int _depth = 0;
    bool _failed = false;
    Primitive _previous;
};

bool is_ether_address(std::string_view text);
/// An IPv6 address, or one with `/BITS`.
bool is_ip6_prefix(std::string_view text);
std::span<const NumberName> icmp6_type_names();

}  // namespace click::ip_pattern
