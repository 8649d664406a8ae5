// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "net/etheraddress.hh"
#include "net/ip6address.hh"
#include "net/ipaddress.hh"

namespace click {

class Element;

/// The names that a configuration gives to addresses and numbers (AddressInfo, PortInfo, IPNameInfo). A name holds in
/// the compound element that defines it and in those inside of it.
class NameTable {
public:
    enum class Kind : uint8_t { Address, Prefix, Ip6Address, Ip6Prefix, Ether, TcpPort, UdpPort, Protocol, IcmpType };

    struct Value {
        IPPrefix ip = {};  ///< an address, or a prefix
        IP6Prefix ip6 = {};
        EtherAddress ether = {};
        uint16_t number = 0;
    };

    /// The scope is that of `element`. A later definition replaces an earlier one.
    void define(const Element& element, Kind kind, std::string_view name, const Value& value);
    /// What `name` means where `element` stands; null where that is nothing.
    const Value* find(const Element& element, Kind kind, std::string_view name) const;
    bool empty() const { return _values.empty(); }

private:
    static std::string key(std::string_view scope, Kind kind, std::string_view name);

    std::map<std::string, Value, std::less<>> _values;
};

/// An address as a configuration writes it at `element` (which may be null): itself, a name that AddressInfo defines, or
/// that of a device for the device's address. A suffix says which kind is meant: `:ip`, `:ipnet`, `:ip6`, `:ip6net`, `:eth`, and for the
/// gateway of a device `:gw`.
bool find_ip_address(std::string_view text, const Element* element, IPAddress& address);
bool find_ether_address(std::string_view text, const Element* element, EtherAddress& address);
bool find_ip6_address(std::string_view text, const Element* element, IP6Address& address);
bool find_ip6_prefix(std::string_view text, const Element* element, IP6Prefix& prefix);
/// As `parse_ip_prefix`: with `allow_bare` an address alone stands for itself.
bool find_ip_prefix(std::string_view text, const Element* element, bool allow_bare, IPPrefix& prefix);

/// A port or an IP protocol: its number, a name from PortInfo or IPNameInfo, or one that everybody knows.
bool find_port(std::string_view text, const Element* element, bool tcp, uint16_t& port);
bool find_ip_protocol(std::string_view text, const Element* element, uint8_t& protocol);

/// A pattern of IPClassifier with the names in it, that a configuration defines, spelled out.
std::string spell_out_names(std::string_view pattern, const Element& element);

}  // namespace click
