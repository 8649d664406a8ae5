// SPDX-License-Identifier: Apache-2.0
/*
=c
IP6Print([LABEL, NBYTES, I<keywords> CONTENTS, ACTIVE])
=s ip6
prints IPv6 packets
=d
Prints each IPv6 packet on the console: LABEL, addresses, payload length, next header and hop limit. The header is the
marked one, or, without a mark, what the packet begins with.

Keyword arguments are:
=over 8
=item CONTENTS
C<NONE>, C<HEX>, C<ASCII> or a boolean. Whether and how the packet's bytes are shown. Default is false.
=item NBYTES
Unsigned. How many bytes are shown at most. Default is 1500.
=item ACTIVE
Boolean. Whether anything is printed. Default is true.
=back
=use print-active
=e
  ... -> CheckIP6Header -> IP6Print(in) -> ...
=a IPPrint, Print, CheckIP6Header
*/

#include <algorithm>

#include "elements/print/contents.hh"
#include "elements/print/printer.hh"
#include "lib/format.hh"
#include "net/ip6.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class IP6Print final : public Printer<IP6Print> {
public:
    const char* class_name() const override { return "IP6Print"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .optional("LABEL", _label, {})
            .optional("NBYTES", _bytes, 1500)
            .keyword("CONTENTS", _contents, Contents::None)
            .keyword("ACTIVE", _active, true)
            .complete();
    }
    void print(const Packet& packet) const;

private:
    std::string _label;
    uint32_t _bytes = 1500;
    Contents _contents = Contents::None;
};

void IP6Print::print(const Packet& packet) const {
    constexpr size_t kBytesALine = 24;
    std::string line = _label.empty() ? std::string() : _label + ": ";
    const Ip6Header* ip = ip6_header(packet);
    if (!packet.has_network_header() && packet.length() >= sizeof(Ip6Header)) {
        ip = reinterpret_cast<const Ip6Header*>(packet.data());
    }
    if (ip) {
        line += IP6Address::read(ip->source).unparse() + " -> " + IP6Address::read(ip->destination).unparse() +
                format(" plen %u, next %u, hlim %u", ip->length(), ip->next_header, ip->hop_limit);
    } else {
        line += "truncated-ip6";
    }
    if (_contents != Contents::None) {
        append_contents(line, _contents, packet.data(), std::min(_bytes, packet.length()), kBytesALine);
    }
    platform::log(line + '\n');
}

}  // namespace

CLICK_ELEMENT(IP6Print)

}  // namespace click
