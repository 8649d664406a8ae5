// SPDX-License-Identifier: Apache-2.0
/*
=c
PayloadMatcher([RULE_1, ..., RULE_N] [, I<keywords>])
=s classification
sorts packets by texts in their payload
=d
Packets in whose payload no rule's text is found leave by output 0; those with one leave by output 1 if it is connected, else
they are dropped. All rules are looked for in one pass, whose price does not depend on how many there are.

A RULE is C<NAME TEXT [nocase]>: a word that names it, and the bytes to look for, quoted where they have spaces or commas, or in
hex: C<"GET /admin">, C<\<90909090>>. They are 1 to 1024. With C<nocase>, letters match in either case. Names are unique.

The payload is what follows the TCP or UDP header, what follows the IP header of other packets and of later fragments, and the
whole packet where no IP header is marked. A text that begins in one packet and ends in another is not found.

The table of the search takes four bytes for each prefix of a text and each byte that occurs in one, once, at configuration.

Keyword arguments are:
=over 8
=item FILE
Filename. More rules, one a line; a word that begins with C<#> begins a comment. ClickOS has no files.
=item ALERT
Boolean. Whether matches are reported to the error log, as C<ids: sweep: TCP 10.0.0.1.4711 E<gt> 10.0.0.2.80>: the element's name, the
rule's, and the packet's protocol, addresses and ports. Default is true.
=item RATE
Unsigned. How many reports there are a second at most; the next one says how many are missing. Default is 10.
=item WHOLE
Boolean. Whether the whole packet is searched, headers and all. Default is false.
=back
=h rules read
The rules and, for each, how many packets it matched: C<NAME COUNT>, one a line.
=h rule_count read
With a rule's name: how many packets it matched.
=h count read
How many packets were searched.
=h matches read
How many packets at least one rule matched.
=h alerts read
How many matches were reported.
=h suppressed read
How many were not, for RATE.
=h memory read
How many bytes the table of the search takes.
=h load write
Reads FILE again. The rules that were there stay if it has an error; counts of rules whose names stay go on.
=h reset_counts write
Sets all counts to 0.
=e
  ids :: PayloadMatcher(shell "/bin/sh", admin "GET /admin" nocase, sled \<90909090>, RATE 2);
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> ids -> Discard;
  ids[1] -> IPPrint(suspicious) -> Discard;
=a IPFilter, Classifier, StatefulFirewall
*/
#include <click/clock.hh>

#include <map>

#include "elements/standard/packetfilter.hh"
#include "lang/confparse.hh"
#include "lib/aho_corasick.hh"
#include "lib/format.hh"
#include "lib/ip_names.hh"
#include "lib/tokenbucket.hh"
#include "net/transport.hh"
#include "platform/platform.hh"

namespace click {

namespace {

struct Rule {
    std::string name;
    uint64_t count = 0;
    uint64_t last_packet = 0;  ///< the number of the last one that it matched
};

class PayloadMatcher final : public PacketFilter<PayloadMatcher> {
public:
    const char* class_name() const override { return "PayloadMatcher"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;

    bool passes(const Packet& packet);

private:
    static constexpr size_t kLongestFile = 1U << 22;

    struct Reader {
        std::vector<Rule> rules;
        std::vector<AhoCorasick::Pattern> patterns;
        std::map<std::string, size_t> places;

        void read(std::string_view text, ErrorHandler& errh);
        void read_file(const std::string& path, ErrorHandler& errh);
    };

    int use(Reader& reader, ErrorHandler& errh);
    Segment payload(const Packet& packet) const;
    [[gnu::cold]] void matched(uint32_t rule, const Packet& packet);
    void alert(const std::string& rule, const Packet& packet);
    std::string show_rules() const;
    std::string rule_count(std::string_view name, ErrorHandler& errh) const;
    std::string memory() const { return std::to_string(_automaton.bytes_of_memory()); }
    int load(std::string_view value, ErrorHandler& errh);
    void reset_counts();

    std::vector<std::string> _arguments;
    FileName _file;
    bool _alert = true;
    bool _whole = false;
    AhoCorasick _automaton;
    std::vector<Rule> _rules;
    TokenBucket _bucket;
    uint64_t _packets = 0;
    uint64_t _matches = 0;
    uint64_t _alerts = 0;
    uint64_t _suppressed = 0;
    uint64_t _unsaid = 0;  ///< of those, since the last report
};

void PayloadMatcher::Reader::read(std::string_view text, ErrorHandler& errh) {
    std::vector<std::string> words = split_words(text);
    bool any_case = words.size() == 3 && words[2] == "nocase";
    if (words.size() != 2 && !any_case) {
        errh.error("expected 'NAME TEXT [nocase]', got '%s'", std::string(text).c_str());
        return;
    }
    std::string bytes = unquote(words[1]);
    if (bytes.empty() || bytes.size() > AhoCorasick::kLongest) {
        errh.error("rule '%s' has a text of %zu bytes; 1 to %zu can be looked for", words[0].c_str(), bytes.size(),
                   AhoCorasick::kLongest);
    } else if (!places.emplace(words[0], rules.size()).second) {
        errh.error("rule '%s' is already there; names are unique", words[0].c_str());
    } else {
        rules.push_back({words[0]});
        patterns.push_back({std::move(bytes), any_case});
    }
}

void PayloadMatcher::Reader::read_file(const std::string& path, ErrorHandler& errh) {
    std::string text;
    std::string cause;
    if (!platform::read_file(path, kLongestFile, text, cause)) {
        errh.error("%s: %s", path.c_str(), cause.c_str());
        return;
    }
    std::string_view rest = text;
    for (unsigned line = 1; !rest.empty(); ++line) {
        size_t end = rest.find('\n');
        std::vector<std::string> words = split_words(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        std::string rule;
        for (const std::string& word : words) {
            if (word.starts_with('#')) {
                break;
            }
            rule += rule.empty() ? word : " " + word;
        }
        if (!rule.empty()) {
            PrefixErrorHandler numbered(errh, format("%s:%u: ", path.c_str(), line));
            read(rule, numbered);
        }
    }
}

/// Takes over rules that were read without an error. Counts of those that were there before go on.
int PayloadMatcher::use(Reader& reader, ErrorHandler& errh) {
    if (_automaton.compile(std::move(reader.patterns), errh) < 0) {
        return -1;
    }
    for (const Rule& old : _rules) {
        auto place = reader.places.find(old.name);
        if (place != reader.places.end()) {
            reader.rules[place->second].count = old.count;
        }
    }
    _rules = std::move(reader.rules);
    return 0;
}

int PayloadMatcher::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kUsualRate = 10;
    uint32_t rate = kUsualRate;
    FileName file;
    bool alerts = true;
    bool whole = false;
    std::vector<std::string> arguments;
    if (Args(conf, this, errh)
            .keyword("FILE", file)
            .keyword("ALERT", alerts)
            .keyword("RATE", rate)
            .keyword("WHOLE", whole)
            .rest(arguments)
            .complete() < 0) {
        return -1;
    }
    const int errors = errh.error_count();
    Reader reader;
    for (const std::string& argument : arguments) {
        reader.read(argument, errh);
    }
    if (!file.path.empty()) {
        reader.read_file(file.path, errh);
    }
    if (errh.error_count() != errors || use(reader, errh) < 0) {
        return -1;
    }
    _arguments = std::move(arguments);
    _file = std::move(file);
    _alert = alerts;
    _whole = whole;
    _bucket.configure(rate, rate);
    _bucket.set_tokens(rate, clock::steady());
    return 0;
}

void PayloadMatcher::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<PayloadMatcher&>(old);
    std::map<std::string_view, uint64_t> counts;
    for (const Rule& rule : other._rules) {
        counts.emplace(rule.name, rule.count);
    }
    for (Rule& rule : _rules) {
        auto place = counts.find(rule.name);
        rule.count = place != counts.end() ? place->second : 0;
    }
    _packets = other._packets;
    _matches = other._matches;
    _alerts = other._alerts;
    _suppressed = other._suppressed;
}

Segment PayloadMatcher::payload(const Packet& packet) const {
    const IpHeader* ip = _whole ? nullptr : whole_ip_header(packet);
    Segment segment = ip && ip->version() == 4 ? ip_segment(packet, *ip) : Segment();
    if (!segment.data) {
        return {packet.data(), packet.length()};
    }
    size_t header = 0;
    if (ip->first_fragment() && ip->protocol == kIpProtoTcp) {
        const auto* tcp = segment.header<TcpHeader>();
        header = tcp ? std::max<size_t>(tcp->header_length(), sizeof(TcpHeader)) : segment.length;
    } else if (ip->first_fragment() && ip->protocol == kIpProtoUdp) {
        header = sizeof(UdpHeader);
    }
    header = std::min(header, segment.length);
    return {segment.data + header, segment.length - header};
}

bool PayloadMatcher::passes(const Packet& packet) {
    ++_packets;
    Segment text = payload(packet);
    bool found = false;
    _automaton.scan(text.data, text.length, [&](uint32_t rule) {
        if (_rules[rule].last_packet != _packets) {
            _rules[rule].last_packet = _packets;
            matched(rule, packet);
            found = true;
        }
    });
    _matches += found ? 1 : 0;
    return !found;
}

void PayloadMatcher::matched(uint32_t rule, const Packet& packet) {
    ++_rules[rule].count;
    if (!_alert) {
        return;
    }
    _bucket.refill(clock::steady());
    if (_bucket.remove(1)) {
        ++_alerts;
        alert(_rules[rule].name, packet);
    } else {
        ++_suppressed;
        ++_unsaid;
    }
}

void PayloadMatcher::alert(const std::string& rule, const Packet& packet) {
    std::string line = name() + ": " + rule;
    const IpHeader* ip = whole_ip_header(packet);
    if (ip && ip->version() == 4) {
        Segment segment = ip_segment(packet, *ip);
        const auto* ports = segment.header<UdpHeader>();
        bool has_ports = ports && ip->first_fragment() && (ip->protocol == kIpProtoTcp || ip->protocol == kIpProtoUdp);
        auto end = [&](uint32_t address, uint16_t port) {
            std::string text = IPAddress(address).unparse();
            return has_ports ? text + "." + std::to_string(net16(port)) : text;
        };
        line += ": " + (ip->protocol == kIpProtoTcp    ? "TCP"
                        : ip->protocol == kIpProtoUdp  ? "UDP"
                        : ip->protocol == kIpProtoIcmp ? "ICMP"
                                                       : format("protocol %u", unsigned{ip->protocol}));
        line += " " + end(ip->source, has_ports ? ports->source : 0) + " > " +
                end(ip->destination, has_ports ? ports->destination : 0);
    }
    if (_unsaid > 0) {
        line += format(" (%llu before it not reported)", static_cast<unsigned long long>(_unsaid));
        _unsaid = 0;
    }
    platform::log(line + "\n");
}

std::string PayloadMatcher::show_rules() const {
    std::string text;
    for (const Rule& rule : _rules) {
        text += rule.name + " " + std::to_string(rule.count) + "\n";
    }
    return text;
}

std::string PayloadMatcher::rule_count(std::string_view name, ErrorHandler& errh) const {
    for (const Rule& rule : _rules) {
        if (rule.name == name) {
            return std::to_string(rule.count);
        }
    }
    errh.error("no rule '%s'", std::string(name).c_str());
    return {};
}

int PayloadMatcher::load(std::string_view, ErrorHandler& errh) {
    const int errors = errh.error_count();
    Reader reader;
    for (const std::string& argument : _arguments) {
        reader.read(argument, errh);
    }
    if (_file.path.empty()) {
        return errh.error("there is no FILE to read");
    }
    reader.read_file(_file.path, errh);
    return errh.error_count() != errors ? -1 : use(reader, errh);
}

void PayloadMatcher::reset_counts() {
    for (Rule& rule : _rules) {
        rule.count = 0;
        rule.last_packet = 0;
    }
    _packets = _matches = _alerts = _suppressed = _unsaid = 0;
}

void PayloadMatcher::add_handlers() {
    add_read_handler<&PayloadMatcher::show_rules>("rules");
    add_read_handler<&PayloadMatcher::rule_count>("rule_count");
    add_data_handler("count", _packets);
    add_data_handler("matches", _matches);
    add_data_handler("alerts", _alerts);
    add_data_handler("suppressed", _suppressed);
    add_read_handler<&PayloadMatcher::memory>("memory");
    add_write_handler<&PayloadMatcher::load>("load", 0, Handler::kButton);
    add_write_handler<&PayloadMatcher::reset_counts>("reset_counts", 0, Handler::kButton);
}

}  // namespace

CLICK_ELEMENT(PayloadMatcher)

}  // namespace click
