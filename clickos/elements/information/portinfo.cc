// SPDX-License-Identifier: Apache-2.0
/*
=c
PortInfo(NAME PORT[/PROTOCOL], ...)
=s information
gives names to TCP and UDP ports
=d
Each argument gives a name to a port, of C<tcp> or C<udp> if PROTOCOL says so, else of both. Where configurations of other
elements take a port they take the name too. A name holds in the compound element in which the PortInfo stands, and in those
inside of it.
=e
  PortInfo(cache 3128/tcp);
  Idle -> IPClassifier(dst tcp port cache, -) => Discard, Discard;
=a AddressInfo, IPNameInfo
*/
#include <click/element.hh>
#include <click/names.hh>
#include <click/router.hh>

#include "lang/confparse.hh"

namespace click {

namespace {

class PortInfo final : public Element {
public:
    const char* class_name() const override { return "PortInfo"; }
    int configure_phase() const override { return kPhaseFirst; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
};

int PortInfo::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = 0;
    for (const std::string& argument : conf) {
        std::vector<std::string> words = split_words(argument);
        std::string_view text = words.size() == 2 ? std::string_view(words[1]) : std::string_view{};
        size_t slash = text.find('/');
        std::string_view protocol = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
        NameTable::Value value;
        if (words.empty()) {
            continue;
        }
        if (!find_port(text.substr(0, slash), this, protocol != "udp", value.number) ||
            (slash != std::string_view::npos && protocol != "tcp" && protocol != "udp")) {
            result = errh.error("expected 'NAME PORT[/PROTOCOL]', got '%s'", argument.c_str());
            continue;
        }
        if (protocol != "udp") {
            router().names().define(*this, NameTable::Kind::TcpPort, words[0], value);
        }
        if (protocol != "tcp") {
            router().names().define(*this, NameTable::Kind::UdpPort, words[0], value);
        }
    }
    return result;
}

}  // namespace

CLICK_ELEMENT(PortInfo)

}  // namespace click
