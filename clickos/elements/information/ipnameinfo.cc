// SPDX-License-Identifier: Apache-2.0
/*
=c
IPNameInfo(TYPE, NAME VALUE [, NAME VALUE...])
=s information
gives names to numbers of IP headers
=d
TYPE is C<proto> for IP protocols, C<tcp_port> or C<udp_port> for ports, C<port> for ports of both, or C<icmp_type>. Where
configurations of other elements take such a number they take the name too. A name holds in the compound element in which
the IPNameInfo stands, and in those inside of it. Without arguments it does nothing.
=e
  IPNameInfo(proto, experiment 253);
  Idle -> IPClassifier(ip proto experiment, -) => Discard, Discard;
=a AddressInfo, PortInfo
*/
#include <click/element.hh>
#include <click/names.hh>
#include <click/router.hh>

#include "lang/confparse.hh"

namespace click {

namespace {

class IPNameInfo final : public Element {
public:
    const char* class_name() const override { return "IPNameInfo"; }
    int configure_phase() const override { return kPhaseFirst; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
};

struct Type {
    std::string_view name;
    NameTable::Kind kind;
    uint16_t most;
};

constexpr Type kTypes[] = {
    {"proto", NameTable::Kind::Protocol, UINT8_MAX},    {"protocol", NameTable::Kind::Protocol, UINT8_MAX},
    {"ip_proto", NameTable::Kind::Protocol, UINT8_MAX}, {"icmp_type", NameTable::Kind::IcmpType, UINT8_MAX},
    {"tcp_port", NameTable::Kind::TcpPort, UINT16_MAX}, {"udp_port", NameTable::Kind::UdpPort, UINT16_MAX},
    {"port", NameTable::Kind::TcpPort, UINT16_MAX},     {"port", NameTable::Kind::UdpPort, UINT16_MAX},
};

int IPNameInfo::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    if (conf.empty()) {
        return 0;
    }
    std::string type = unquote(conf[0]);
    int result = 0;
    bool known = false;
    for (const Type& one : kTypes) {
        if (one.name != type) {
            continue;
        }
        known = true;
        for (size_t i = 1; i < conf.size(); ++i) {
            std::vector<std::string> words = split_words(conf[i]);
            uint64_t number = 0;
            if (words.size() != 2 || !parse_unsigned(words[1], number) || number > one.most) {
                result = errh.error("expected 'NAME VALUE', got '%s'", conf[i].c_str());
                continue;
            }
            NameTable::Value value;
            value.number = static_cast<uint16_t>(number);
            router().names().define(*this, one.kind, words[0], value);
        }
    }
    return known ? result : errh.error("unknown type '%s'", type.c_str());
}

}  // namespace

CLICK_ELEMENT(IPNameInfo)

}  // namespace click
