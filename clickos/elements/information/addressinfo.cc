// SPDX-License-Identifier: Apache-2.0
/*
=c
AddressInfo(NAME ADDRESS [ADDRESS...], ...)
=s information
gives names to addresses
=d
Each argument gives a name to an Ethernet address, an IP address, an IP prefix, an IPv6 address, an IPv6 prefix, or one of
each. A prefix whose address has bits behind the prefix, such as C<10.0.0.1/24>, is both an address and a prefix. Where
configurations of other elements take an address they take the name too, and C<NAME:ip>, C<NAME:ipnet>, C<NAME:ip6>,
C<NAME:ip6net> or C<NAME:eth> where it must be clear which one is meant. Where they take a prefix, C<NAME/24> and
C<NAME:ip/24> are prefixes of the address.

A name holds in the compound element in which the AddressInfo stands, and in those inside of it. The name of a network
device is a name for the addresses that the device has, without any AddressInfo; C<DEVICE:gw> is the gateway behind it.

=e
  AddressInfo(me 10.0.0.1/24 00:00:C0:AE:67:EF);
  Idle -> ARPResponder(me) -> Discard;
=a PortInfo, IPNameInfo
*/
#include <click/element.hh>
#include <click/names.hh>
#include <click/router.hh>

#include "lang/confparse.hh"
#include "net/ip6address.hh"

namespace click {

namespace {

/// The bits that a mask leaves to the hosts.
IP6Address host_bits(IP6Address mask) {
    for (size_t i = 0; i < IP6Address::kSize; ++i) {
        mask.data()[i] = static_cast<uint8_t>(~mask.data()[i]);
    }
    return mask;
}

class AddressInfo final : public Element {
public:
    const char* class_name() const override { return "AddressInfo"; }
    int configure_phase() const override { return kPhaseFirst; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

private:
    bool define(std::string_view name, const std::string& address);
};

int AddressInfo::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = 0;
    for (const std::string& argument : conf) {
        std::vector<std::string> words = split_words(argument);
        if (words.size() == 1) {
            result = errh.error("expected 'NAME ADDRESS...', got '%s'", words[0].c_str());
        }
        for (size_t i = 1; i < words.size(); ++i) {
            if (!define(words[0], unquote(words[i]))) {
                result = errh.error("'%s' is not an address", words[i].c_str());
            }
        }
    }
    return result;
}

bool AddressInfo::define(std::string_view name, const std::string& address) {
    NameTable::Value value;
    NameTable& names = router().names();
    if (find_ether_address(address, this, value.ether)) {
        names.define(*this, NameTable::Kind::Ether, name, value);
        return true;
    }
    if (find_ip_address(address, this, value.ip.address)) {
        names.define(*this, NameTable::Kind::Address, name, value);
        return true;
    }
    if (parse_ip6_address(address, value.ip6.address)) {
        names.define(*this, NameTable::Kind::Ip6Address, name, value);
        return true;
    }
    if (parse_ip6_prefix(address, value.ip6)) {
        if (!IP6Address().matches_prefix(value.ip6.address, host_bits(value.ip6.mask))) {
            names.define(*this, NameTable::Kind::Ip6Address, name, value);
        }
        names.define(*this, NameTable::Kind::Ip6Prefix, name, value);
        return true;
    }
    if (!find_ip_prefix(address, this, false, value.ip)) {
        return false;
    }
    // A prefix that leaves no bits to hosts is an address.
    if ((value.ip.address & ~value.ip.mask) || !~value.ip.mask) {
        names.define(*this, NameTable::Kind::Address, name, value);
        value.ip.address = value.ip.address & value.ip.mask;
    }
    names.define(*this, NameTable::Kind::Prefix, name, value);
    return true;
}

}  // namespace

CLICK_ELEMENT(AddressInfo)

}  // namespace click
