// SPDX-License-Identifier: Apache-2.0
#include <click/element.hh>
#include <click/names.hh>
#include <click/router.hh>

#include "lang/confparse.hh"
#include "lib/ip_names.hh"
#include "platform/platform.hh"

namespace click {

namespace {

using Kind = NameTable::Kind;

/// `name:suffix`, taken apart; without a suffix that says a kind, the whole text is the name.
struct SuffixedName {
    std::string_view name;
    std::string_view suffix;

    explicit SuffixedName(std::string_view text) : name(text) {
        size_t colon = text.rfind(':');
        if (colon == std::string_view::npos) {
            return;
        }
        std::string_view end = text.substr(colon + 1);
        for (std::string_view known :
             {"ip", "ip4", "ipnet", "ip4net", "ip6", "ip6net", "eth", "ether", "ethernet", "gw"}) {
            if (end == known) {
                name = text.substr(0, colon);
                suffix = end;
            }
        }
    }
    bool address() const { return suffix.empty() || suffix == "ip" || suffix == "ip4"; }
    bool prefix() const { return suffix.empty() || suffix == "ipnet" || suffix == "ip4net"; }
    bool address6() const { return suffix.empty() || suffix == "ip6"; }
    bool prefix6() const { return suffix.empty() || suffix == "ip6net"; }
    bool ether() const { return suffix.empty() || suffix.starts_with("eth"); }
    bool gateway() const { return suffix == "gw"; }
};

const NameTable::Value* defined(const Element* element, Kind kind, std::string_view name) {
    return element ? element->router().names().find(*element, kind, name) : nullptr;
}

bool device(std::string_view name, platform::DeviceAddresses& addresses) {
    return !name.empty() && platform::device_addresses(name, addresses);
}

}  // namespace

/// A NUL cannot be in any part.
std::string NameTable::key(std::string_view scope, Kind kind, std::string_view name) {
    std::string text(name);
    text += '\0';
    text += static_cast<char>(kind);
    return text.append(scope);
}

void NameTable::define(const Element& element, Kind kind, std::string_view name, const Value& value) {
    std::string_view scope = element.name();
    scope = scope.substr(0, scope.rfind('/') + 1);
    _values.insert_or_assign(key(scope, kind, name), value);
}

const NameTable::Value* NameTable::find(const Element& element, Kind kind, std::string_view name) const {
    if (_values.empty()) {
        return nullptr;
    }
    std::string_view scope = element.name();
    do {
        scope = scope.substr(0, scope.rfind('/') + 1);
        if (auto found = _values.find(key(scope, kind, name)); found != _values.end()) {
            return &found->second;
        }
        scope.remove_suffix(scope.empty() ? 0 : 1);
    } while (!scope.empty());
    auto found = _values.find(key({}, kind, name));
    return found == _values.end() ? nullptr : &found->second;
}

bool find_ip_address(std::string_view text, const Element* element, IPAddress& address) {
    if (parse_ip_address(text, address)) {
        return true;
    }
    SuffixedName name(text);
    platform::DeviceAddresses addresses;
    if (name.gateway()) {
        return device(name.name, addresses) && addresses.gateway && (address = addresses.gateway, true);
    }
    if (!name.address()) {
        return false;
    }
    if (const NameTable::Value* value = defined(element, Kind::Address, name.name)) {
        address = value->ip.address;
        return true;
    }
    if (!device(name.name, addresses) || !addresses.ip.address) {
        return false;
    }
    address = addresses.ip.address;
    return true;
}

bool find_ether_address(std::string_view text, const Element* element, EtherAddress& address) {
    if (parse_ether_address(text, address)) {
        return true;
    }
    SuffixedName name(text);
    if (!name.ether()) {
        return false;
    }
    if (const NameTable::Value* value = defined(element, Kind::Ether, name.name)) {
        address = value->ether;
        return true;
    }
    platform::DeviceAddresses addresses;
    if (!device(name.name, addresses) || !addresses.ether) {
        return false;
    }
    address = addresses.ether;
    return true;
}

bool find_ip6_address(std::string_view text, const Element* element, IP6Address& address) {
    if (parse_ip6_address(text, address)) {
        return true;
    }
    SuffixedName name(text);
    const NameTable::Value* value = name.address6() ? defined(element, Kind::Ip6Address, name.name) : nullptr;
    if (value) {
        address = value->ip6.address;
    }
    return value != nullptr;
}

bool find_ip6_prefix(std::string_view text, const Element* element, IP6Prefix& prefix) {
    if (parse_ip6_prefix(text, prefix)) {
        return true;
    }
    size_t slash = text.rfind('/');
    if (slash != std::string_view::npos) {
        return find_ip6_address(text.substr(0, slash), element, prefix.address) &&
               parse_ip6_prefix(prefix.address.unparse().append(text.substr(slash)), prefix);
    }
    SuffixedName name(text);
    if (const NameTable::Value* value = name.prefix6() ? defined(element, Kind::Ip6Prefix, name.name) : nullptr) {
        prefix = value->ip6;
        return true;
    }
    return find_ip6_address(text, element, prefix.address) && parse_ip6_prefix(prefix.address.unparse(), prefix);
}

bool find_ip_prefix(std::string_view text, const Element* element, bool allow_bare, IPPrefix& prefix) {
    if (parse_ip_prefix(text, allow_bare, prefix)) {
        return true;
    }
    IPAddress address;
    if (allow_bare && find_ip_address(text, element, address)) {
        prefix = {address, IPAddress::prefix_mask(32)};
        return true;
    }
    SuffixedName name(text);
    if (size_t slash = text.rfind('/'); slash != std::string_view::npos && !text.substr(0, slash).empty()) {
        IPPrefix mask;
        if (find_ip_address(text.substr(0, slash), element, address) &&
            parse_ip_prefix("0.0.0.0" + std::string(text.substr(slash)), false, mask)) {
            prefix = {address, mask.mask};
            return true;
        }
        return false;
    }
    if (!name.prefix()) {
        return false;
    }
    if (const NameTable::Value* value = defined(element, Kind::Prefix, name.name)) {
        prefix = value->ip;
        return true;
    }
    platform::DeviceAddresses addresses;
    if (!device(name.name, addresses) || !addresses.ip.address) {
        return false;
    }
    prefix = {addresses.ip.address & addresses.ip.mask, addresses.ip.mask};
    return true;
}

bool find_port(std::string_view text, const Element* element, bool tcp, uint16_t& port) {
    uint64_t number;
    if (parse_unsigned(text, number)) {
        port = static_cast<uint16_t>(number);
        return number <= UINT16_MAX;
    }
    if (const NameTable::Value* value = defined(element, tcp ? Kind::TcpPort : Kind::UdpPort, text)) {
        port = value->number;
        return true;
    }
    int known = number_named(port_names(), text);
    port = static_cast<uint16_t>(known);
    return known >= 0;
}

bool find_ip_protocol(std::string_view text, const Element* element, uint8_t& protocol) {
    uint64_t number;
    if (parse_unsigned(text, number)) {
        protocol = static_cast<uint8_t>(number);
        return number <= UINT8_MAX;
    }
    if (const NameTable::Value* value = defined(element, Kind::Protocol, text)) {
        protocol = static_cast<uint8_t>(value->number);
        return true;
    }
    int known = number_named(ip_protocol_names(), text);
    protocol = static_cast<uint8_t>(known);
    return known >= 0;
}

namespace {

/// Spells one word of a pattern out, of which `before` is the word in front.
std::string spelled(const std::string& word, std::string_view before, const Element& element) {
    IPAddress address;
    IPPrefix prefix;
    EtherAddress ether;
    SuffixedName name(word);
    bool of_device = before == "host" || before == "net" || before == "ether" || !name.suffix.empty();
    auto is_defined = [&](Kind kind) { return defined(&element, kind, name.name) != nullptr; };
    if (before == "ether" && (of_device || is_defined(Kind::Ether)) && find_ether_address(word, &element, ether)) {
        return ether.unparse_colon();
    }
    if ((before == "net" || name.suffix.ends_with("net")) && find_ip_prefix(word, &element, false, prefix)) {
        return prefix.unparse();
    }
    if ((of_device || is_defined(Kind::Address)) && find_ip_address(word, &element, address)) {
        return address.unparse();
    }
    if (is_defined(Kind::Prefix) && find_ip_prefix(word, &element, false, prefix)) {
        return prefix.unparse();
    }
    for (Kind kind : {Kind::TcpPort, Kind::UdpPort, Kind::Protocol, Kind::IcmpType}) {
        const NameTable::Value* value = defined(&element, kind, word);
        if (value && (kind == Kind::Protocol ? before == "proto" : kind != Kind::IcmpType || before == "type")) {
            return std::to_string(value->number);
        }
    }
    return word;
}

}  // namespace

std::string spell_out_names(std::string_view pattern, const Element& element) {
    constexpr std::string_view kBetweenWords = " \t\r\n\f\v()!?<>=&|[]";
    std::string out;
    std::string before;
    for (size_t at = 0; at < pattern.size();) {
        size_t end = std::min(pattern.find_first_of(kBetweenWords, at), pattern.size());
        if (end == at) {
            out += pattern[at++];
            continue;
        }
        std::string word(pattern.substr(at, end - at));
        bool letter = (word[0] >= 'a' && word[0] <= 'z') || (word[0] >= 'A' && word[0] <= 'Z') || word[0] == '_';
        out += letter ? spelled(word, before, element) : word;
        before = word == "src" || word == "dst" || word == "host" ? (before == "ether" ? before : word) : word;
        at = end;
    }
    return out;
}

}  // namespace click
