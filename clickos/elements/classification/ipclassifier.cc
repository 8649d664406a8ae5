// SPDX-License-Identifier: Apache-2.0
/*
=c
IPClassifier(PATTERN_1, ..., PATTERN_N)
IPFilter(ACTION_1 PATTERN_1, ..., ACTION_N PATTERN_N)
=s classification
sorts IP packets by their headers
=d
Packets must have their IP header marked, as CheckIPHeader, CheckIP6Header, MarkIPHeader and MarkIP6Header do; those without
are dropped.

IPClassifier has one output for each pattern, and a packet leaves by the output of the first pattern that it matches.
IPFilter does with a packet what the ACTION of the first matching pattern says: an output's number, C<allow> (output 0),
C<deny> or C<drop>. Packets that match no pattern are dropped.

A pattern is made of these tests:

=over 8
=item ip proto PROTO
By a protocol's name or number. C<tcp>, C<udp> and C<icmp> alone mean the same; C<tcpudp> is either of the two, C<transp> whatever
has its transport header, which later fragments lack.
=item [SRCORDST] host ADDR
SRCORDST is C<src>, C<dst>, C<src or dst> (the default) or C<src and dst>.
=item [SRCORDST] net ADDR/BITS, [SRCORDST] net ADDR mask MASK
=item [SRCORDST] [tcp | udp | tcpudp] port PORT
By a port's name or number; first fragments of TCP and UDP only.
=item [SRCORDST] ether host ETH
By an Ethernet address in the marked MAC header.
=item ip vers N, ip hl N, ip tos N, ip dscp N, ip len N, ip id N, ip ttl N
By these header fields; C<hl> counts 32-bit words.
=item ip ect [N], ip ce
Packets that can carry (that carry) a congestion mark.
=item ip frag, ip unfrag
Fragments, and packets that are none.
=item tcp opt FLAG
TCP packets with C<syn>, C<fin>, C<ack>, C<rst>, C<psh>, C<urg>, C<ece> or C<cwr> set.
=item tcp win N
=item icmp type TYPE
By a type's name or number.
=item ip[POS:LEN] N, transp[POS:LEN] N, tcp[POS:LEN] N, udp[POS:LEN] N, tcpudp[POS:LEN] N, icmp[POS:LEN] N
By one to four bytes of the IP or the transport header.
=item [SRCORDST] host ADDR6, [SRCORDST] net ADDR6/BITS
By an IPv6 address.
=item ip6, ip6 proto PROTO, ip6 tos N, ip6 dscp N, ip6 ect [N], ip6 ce, ip6 flow N, ip6 plen N, ip6 hlim N, ip6 frag, ip6 unfrag, ip6[POS:LEN] N
IPv6 packets, and by fields of their fixed header: C<proto> is its next header. Extension headers are not followed.
=item icmp6, icmp6 type TYPE, icmp6[POS:LEN] N
ICMPv6, by a type's number or C<unreachable>, C<toobig>, C<timeexceeded>, C<parameterproblem>, C<echo>, C<echo-reply>,
C<routersolicit>, C<routeradvert>, C<neighborsolicit>, C<neighboradvert> or C<redirect>.
=item true, false, any, all, -
=back

Tests are connected by C<and> (which may be left out), C<or>, C<not>, or C<&&>, C<||>, C<!>; by parentheses, and by
C<A ? B : C>. A number may stand after C<==>, C<!=>, C<< < >>, C<< <= >>, C<< > >>, C<< >= >> and after a bit mask:
C<ip tos & 0x3 != 0>. It may be a range, alone or after C<==> and C<!=>: C<dst tcp port 6000-6010>. What a test leaves out it
has from its value or from the test before: C<dst port 80 or 8080>, C<10.0.0.0/8 and syn>.

If one of the patterns speaks of IPv6, packets of both versions are looked at by all of them: tests of TCP, UDP and ports
are for both, tests of IPv4 addresses and of fields after C<ip> for IPv4 packets alone. If none does, packets are taken for IPv4.

Warns of patterns that no packet can match.
=h program read-only
The steps by which packets are sorted: each compares four masked bytes. Offsets count from the MAC header, from the IP
header plus 256, and from the transport header plus 512.
=h patternI<N> read/write
IPClassifier only: the pattern of output N.
=e
  ... -> c :: IPClassifier(dst tcp port 8000 or 8080, dst tcp port > 1023, tcp);
  c[0] -> ... c[1] -> ... c[2] -> ...
  ... -> f :: IPFilter(deny src net 10.0.0.0/8, allow tcp and dst port www, 1 icmp type echo, deny all);
  f[0] -> ... f[1] -> ...
  ... -> g :: IPFilter(deny src net 2001:db8:bad::/48, allow ip6 and tcp dst port www, allow icmp6 type toobig or echo);
  g[0] -> ...
=a Classifier, CheckIPHeader, MarkIPHeader
*/
#include <click/element.hh>
#include <click/names.hh>

#include <algorithm>

#include "lang/confparse.hh"
#include "lib/ip_pattern.hh"
#include "net/ip.hh"

namespace click {

namespace {

template <typename E>
class IPSorter : public PacketSorter<E> {
public:
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { this->template add_read_handler<&IPSorter::program>("program"); }

    int classify(const Packet& packet) const {
        if (!ip_header(packet)) {
            return ClassifierProgram::kDrop;
        }
        PacketWindow windows[ClassifierProgram::kWindows] = {
            {}, {packet.network_header(), packet.network_length()}, {}};
        if (packet.transport_header() < packet.end_data()) {
            windows[kTransportWindow] = {packet.transport_header(), packet.transport_length()};
        }
        if (_program.uses(kMacWindow) && packet.has_mac_header() && packet.mac_header() < packet.end_data()) {
            windows[kMacWindow] = {packet.mac_header(), static_cast<uint32_t>(packet.end_data() - packet.mac_header())};
        }
        return _program.match(windows);
    }

    std::string program() const { return _program.unparse(); }

protected:
    /// Patterns look at the packets' version if one of them speaks of IPv6.
    static IpVersions versions(const std::vector<std::string>& patterns) {
        bool six = std::any_of(patterns.begin(), patterns.end(),
                               [](const std::string& one) { return names_ip6(unquote(one)); });
        return six ? IpVersions::Both : IpVersions::Four;
    }
    void compile(const std::vector<ClassifierProgram::Rule>& rules) { _program = ClassifierProgram(rules, kAssured); }
    const ClassifierProgram& compiled() const { return _program; }

private:
    static constexpr std::array<uint16_t, ClassifierProgram::kWindows> kAssured = {0, sizeof(IpHeader), 0};

    ClassifierProgram _program;
};

class IPClassifier final : public IPSorter<IPClassifier> {
public:
    const char* class_name() const override { return "IPClassifier"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override {
        IPSorter::add_handlers();
        for (int i = 0; i < noutputs(); ++i) {
            std::string handler = "pattern" + std::to_string(i);
            add_read_handler<&IPClassifier::pattern>(handler, i);
            add_write_handler<&IPClassifier::set_pattern>(handler, i);
        }
    }

private:
    std::string pattern(int index) {
        std::vector<std::string> patterns = split_arguments(unparse_configuration());
        return static_cast<size_t>(index) < patterns.size() ? patterns[static_cast<size_t>(index)] : std::string();
    }
    int set_pattern(std::string_view value, int index, ErrorHandler& errh) {
        std::vector<std::string> patterns = split_arguments(unparse_configuration());
        patterns.resize(static_cast<size_t>(noutputs()));
        patterns[static_cast<size_t>(index)] = value;
        return live_reconfigure(patterns, errh);
    }
};

int IPClassifier::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    if (conf.size() != static_cast<size_t>(noutputs())) {
        return errh.error("need %d arguments, one per output port", noutputs());
    }
    std::vector<ClassifierProgram::Rule> rules;
    bool failed = false;
    for (size_t i = 0; i < conf.size(); ++i) {
        PrefixErrorHandler pattern_errh(errh, "pattern " + std::to_string(i) + ": ");
        ClassifierProgram::Rule rule{Condition::never(), static_cast<int>(i)};
        failed |=
            !parse_ip_pattern(spell_out_names(unquote(conf[i]), *this), rule.condition, pattern_errh, versions(conf));
        rules.push_back(std::move(rule));
    }
    if (failed) {
        return -1;
    }
    compile(rules);
    for (int i = 0; i < noutputs(); ++i) {
        if (!compiled().reaches(i)) {
            errh.warning("pattern %d matches no packets", i);
        }
    }
    return 0;
}

class IPFilter final : public IPSorter<IPFilter> {
public:
    const char* class_name() const override { return "IPFilter"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

private:
    bool parse_action(std::string_view word, int& output, ErrorHandler& errh) const;
};

bool IPFilter::parse_action(std::string_view word, int& output, ErrorHandler& errh) const {
    uint64_t number = 0;
    if (word == "deny" || word == "drop") {
        output = ClassifierProgram::kDrop;
        return true;
    }
    if (word != "allow" && !parse_unsigned(word, number)) {
        errh.error("unknown slot ID '%.*s'", static_cast<int>(word.size()), word.data());
        return false;
    }
    if (number >= static_cast<uint64_t>(noutputs())) {
        errh.error("slot '%.*s' out of range", static_cast<int>(word.size()), word.data());
        return false;
    }
    output = static_cast<int>(number);
    return true;
}

int IPFilter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::vector<ClassifierProgram::Rule> rules;
    bool failed = false;
    for (size_t i = 0; i < conf.size(); ++i) {
        PrefixErrorHandler pattern_errh(errh, "pattern " + std::to_string(i) + ": ");
        ClassifierProgram::Rule rule{Condition::never(), ClassifierProgram::kDrop};
        std::string text = unquote(conf[i]);
        std::string_view pattern = text;
        std::string_view action = take_word(pattern);
        failed |= !parse_action(action, rule.output, pattern_errh) ||
                  !parse_ip_pattern(spell_out_names(pattern, *this), rule.condition, pattern_errh, versions(conf));
        rules.push_back(std::move(rule));
    }
    if (failed) {
        return -1;
    }
    compile(rules);
    return 0;
}

}  // namespace

CLICK_ELEMENT(IPClassifier)
CLICK_ELEMENT(IPFilter)

}  // namespace click
