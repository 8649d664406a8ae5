// SPDX-License-Identifier: Apache-2.0
/*
=c
CheckIPHeader([OFFSET, I<keywords> OFFSET, INTERFACES, BADSRC, GOODDST, CHECKSUM, VERBOSE, DETAILS])
CheckIPHeader2([OFFSET, I<keywords>])
=s ip
checks IP headers
=d
Expects an IP header OFFSET bytes into each packet and lets through what has one: the version is 4, header and total
length fit each other, the packet and, of a fragment, the longest packet that fragments make up (65,535 bytes), the
checksum is right, and the source address is none of those that must not be
seen (RFC 1812 5.2.2 and 5.3.7). Good packets are cut to the IP header's total length (Ethernet pads short frames), their
network header and destination address annotation are set, and they leave by output 0. The others leave by output 1 if it
is connected and are dropped if not; the first of them is reported on the console.

CheckIPHeader2 is the same, but does not look at the checksum unless it is told to.

Keyword arguments are:
=over 8
=item OFFSET
Unsigned. Where the IP header begins. Default is 0.
=item CHECKSUM
Boolean. Whether the checksum is checked. Default is true (CheckIPHeader2: false).
=item BADSRC
Addresses, separated by spaces, that no packet may come from. Default is none.
=item GOODDST
Addresses, separated by spaces: packets to one of them may come from anywhere. Default is none.
=item INTERFACES
Addresses with masks, separated by spaces: those of the router's interfaces. They are added to GOODDST, and their
networks' broadcast addresses, 0.0.0.0 and 255.255.255.255 to BADSRC.
=use check-keywords
=back
An older form, CheckIPHeader([BADSRC, OFFSET]), also takes 0.0.0.0 and 255.255.255.255 as bad sources.
=use check-handlers
=e
  ... -> Strip(14) -> CheckIPHeader(INTERFACES 18.26.4.24/24 10.0.0.1/8) -> ...
=a MarkIPHeader, StripIPHeader
*/
#include <click/packetcheck.hh>

#include "elements/ip/ipheadercheck.hh"

namespace click {

namespace {

class CheckIPHeader : public PacketCheck<CheckIPHeader> {
public:
    explicit CheckIPHeader(bool checksum = true)
        : PacketCheck(IpHeaderCheck::kWhat, IpHeaderCheck::kReasons), _checksum_default(checksum) {}
    const char* class_name() const override { return "CheckIPHeader"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

    int check(Packet& packet) const { return _check.check(packet, _offset); }

private:
    const bool _checksum_default;
    uint32_t _offset = 0;
    IpHeaderCheck _check;
};

class CheckIPHeader2 final : public CheckIPHeader {
public:
    CheckIPHeader2() : CheckIPHeader(false) {}
    const char* class_name() const override { return "CheckIPHeader2"; }
};

/// The older form has bad source addresses where an offset is expected.
bool is_older_form(const std::vector<std::string>& conf) {
    if (conf.empty()) {
        return false;
    }
    std::string_view first = conf[0];
    std::string_view word = take_word(first);
    uint64_t offset;
    return !is_keyword(word) && !parse_unsigned(word, offset);
}

int CheckIPHeader::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kMaxOffset = 0xffff;
    IpHeaderCheck::Addresses addresses;
    bool checksum = _checksum_default;
    Args args(conf, this, errh);
    addresses.older_form = is_older_form(conf);
    if (addresses.older_form) {
        args.optional("BADSRC", addresses.bad_sources);
    } else {
        args.keyword("BADSRC", addresses.bad_sources);
    }
    addresses.add_keywords(args.optional("OFFSET", bounded(_offset, 0, kMaxOffset), 0)).keyword("CHECKSUM", checksum);
    if (check_arguments(args).complete() < 0) {
        return -1;
    }
    _check.set_checksum(checksum);
    _check.set_addresses(addresses);
    return 0;
}

}  // namespace

CLICK_ELEMENT(CheckIPHeader)
CLICK_ELEMENT(CheckIPHeader2)

}  // namespace click
