// SPDX-License-Identifier: Apache-2.0
/*
=c
Classifier(PATTERN1, ..., PATTERNN)
=s classification
sorts packets by their contents
=d
Has one output for each pattern; a packet leaves by the output of the first pattern that it matches, and is dropped when
it matches none.

A pattern is a list of clauses, separated by spaces, all of which must hold. A clause C<OFFSET/VALUE> or
C<OFFSET/VALUE%MASK> says which bytes the packet has at an offset: OFFSET is decimal, VALUE and MASK are hexadecimal, of
the same even number of digits. The digit C<?> of a VALUE stands for any digit; with a MASK, only the bits that are 1
in it count. A clause after C<!> must not hold. A clause about bytes that the packet is too short for does not hold.
The pattern C<-> matches every packet.

Warns of patterns that no packet can match.
=h program read-only
The steps by which packets are sorted: each compares four masked bytes.
=e
  // ARP requests, ARP replies, IP packets, and all others
  FromDevice(eth0) -> c :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800, -);
  c[0] -> ... c[1] -> ... c[2] -> ... c[3] -> Discard;
=a IPClassifier, IPFilter
*/
#include <click/element.hh>

#include "lang/confparse.hh"
#include "lib/classifier_program.hh"

namespace click {

namespace {

class Classifier final : public PacketSorter<Classifier> {
public:
    const char* class_name() const override { return "Classifier"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_read_handler<&Classifier::program>("program"); }

    int classify(const Packet& packet) const { return _program.match(packet.data(), packet.length()); }

private:
    std::string program() const { return _program.unparse(); }

    ClassifierProgram _program;
};

int nibble(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/// Reads one clause after its `!`; reports and returns false when it is none.
bool parse_clause(std::string_view text, int pattern, std::vector<Condition>& tests, ErrorHandler& errh) {
    auto failed = [&](const char* what) {
        errh.error("pattern %d: %s in '%.*s'", pattern, what, static_cast<int>(text.size()), text.data());
        return false;
    };
    size_t slash = text.find('/');
    if (slash == 0 || text.substr(0, slash).find_first_not_of("0123456789") != std::string_view::npos) {
        return failed("expected decimal offset");
    }
    if (slash == std::string_view::npos) {
        return failed("expected '/'");
    }
    uint32_t offset = 0;
    for (char digit : text.substr(0, slash)) {
        offset = offset * 10 + static_cast<uint32_t>(digit - '0');
        if (offset > 0xffff) {
            return failed("offset too large");
        }
    }
    size_t percent = text.find('%', slash);
    std::string_view value = text.substr(slash + 1, percent == std::string_view::npos ? percent : percent - slash - 1);
    std::string_view mask = percent == std::string_view::npos ? std::string_view{} : text.substr(percent + 1);
    if (value.empty()) {
        return failed("expected hexadecimal value");
    }
    if (value.size() % 2 != 0) {
        return failed("value has an odd number of digits");
    }
    if (percent != std::string_view::npos && mask.size() != value.size()) {
        return failed("mask and value differ in length");
    }
    if (offset + value.size() / 2 > 0xfff0) {
        return failed("offset too large");
    }
    for (size_t i = 0; i < value.size(); i += 2) {
        uint32_t byte = 0;
        uint32_t bits = 0;
        for (size_t j = i; j < i + 2; ++j) {
            int wanted = value[j] == '?' ? 0 : nibble(value[j]);
            int counting = mask.empty() ? 15 : nibble(mask[j]);
            if (wanted < 0 || counting < 0) {
                return failed("expected hexadecimal digit");
            }
            byte = byte << 4 | static_cast<uint32_t>(wanted);
            bits = bits << 4 | static_cast<uint32_t>(value[j] == '?' ? 0 : counting);
        }
        tests.push_back(Condition::equal(0, static_cast<uint16_t>(offset + i / 2), 1, bits, byte));
    }
    return true;
}

bool parse_pattern(std::string_view text, int pattern, Condition& condition, ErrorHandler& errh) {
    std::vector<Condition> clauses;
    bool negated = false;
    std::string_view word = take_word(text);
    if (word.empty()) {
        errh.error("pattern %d: empty", pattern);
        return false;
    }
    for (; !word.empty(); word = take_word(text)) {
        while (word.starts_with('!')) {
            negated = !negated;
            word.remove_prefix(1);
        }
        std::vector<Condition> tests;
        if (word.empty()) {
            continue;
        }
        if (word != "-" && !parse_clause(word, pattern, tests, errh)) {
            return false;
        }
        Condition clause = Condition::all(std::move(tests));
        clauses.push_back(negated ? Condition::negation(std::move(clause)) : std::move(clause));
        negated = false;
    }
    if (negated) {
        errh.error("pattern %d: nothing after '!'", pattern);
        return false;
    }
    condition = Condition::all(std::move(clauses));
    return true;
}

int Classifier::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    if (conf.size() != static_cast<size_t>(noutputs())) {
        return errh.error("need %d arguments, one per output port", noutputs());
    }
    std::vector<ClassifierProgram::Rule> rules;
    bool failed = false;
    for (size_t i = 0; i < conf.size(); ++i) {
        auto output = static_cast<int>(i);
        ClassifierProgram::Rule rule{Condition::never(), output};
        failed |= !parse_pattern(unquote(conf[i]), output, rule.condition, errh);
        rules.push_back(std::move(rule));
    }
    if (failed) {
        return -1;
    }
    ClassifierProgram program(rules);
    for (int i = 0; i < noutputs(); ++i) {
        if (!program.reaches(i)) {
            errh.warning("pattern %d matches no packets", i);
        }
    }
    _program = std::move(program);
    return 0;
}

}  // namespace

CLICK_ELEMENT(Classifier)

}  // namespace click
