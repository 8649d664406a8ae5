// SPDX-License-Identifier: Apache-2.0
/*
=c
IPRewriterPatterns(NAME SADDR SPORT DADDR DPORT, ...)
=s nat
names patterns that rewriters share
=d
Each argument is a name and a pattern as IPRewriter takes it. Rewriters that name the same pattern take turns with its ports. No
two patterns of a configuration may have the same name.
=e
  IPRewriterPatterns(nat 1.0.0.1 1024-65535 - -);
  Idle -> rw :: IPRewriter(pattern nat 0 1, drop); Idle -> [1]rw;
  rw[0] -> Discard; rw[1] -> Discard;
=a IPRewriter, TCPRewriter, UDPRewriter
*/
#include <click/router.hh>

#include <map>

#include "elements/rewriter/pattern.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class IPRewriterPatterns final : public Element, public PatternBook {
public:
    const char* class_name() const override { return "IPRewriterPatterns"; }
    int configure_phase() const override { return kPhaseInfo; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    RewritePattern* find_pattern(std::string_view name) const override {
        auto found = _patterns.find(name);
        return found != _patterns.end() ? found->second.get() : nullptr;
    }

private:
    void* role(Role asked) override {
        return asked == kRoleOf<PatternBook> ? static_cast<PatternBook*>(this) : nullptr;
    }
    std::map<std::string, std::unique_ptr<RewritePattern>, std::less<>> _patterns;
};

int IPRewriterPatterns::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr size_t kWords = 5;
    int result = 0;
    for (const std::string& argument : conf) {
        std::vector<std::string> words = split_words(argument);
        if (words.size() != kWords) {
            result = errh.error("bad pattern spec, should be 'NAME SADDR SPORT DADDR DPORT'");
            continue;
        }
        auto pattern = std::make_unique<RewritePattern>();
        if (pattern->parse(words, 1, RewritePattern::Fields::AddressesAndPorts, *this, errh) < 0) {
            result = -1;
            continue;
        }
        for (const auto& element : router().elements()) {
            auto* book = element->as<PatternBook>();
            if (book && book->find_pattern(words[0])) {
                result = errh.error("pattern '%s' already defined by element '%s'", words[0].c_str(),
                                    element->name().c_str());
            }
        }
        _patterns[words[0]] = std::move(pattern);
    }
    return result;
}

}  // namespace

CLICK_ELEMENT(IPRewriterPatterns)

}  // namespace click
