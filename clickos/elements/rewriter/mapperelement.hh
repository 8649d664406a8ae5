// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include <algorithm>
#include <memory>

#include "elements/rewriter/pattern.hh"
#include "lang/confparse.hh"

namespace click {

/// An element that is an INPUTSPEC of rewriters and chooses between patterns.
class MapperElement : public Element, public FlowMapper {
public:
    /// Before the rewriters, behind the elements that name patterns.
    int configure_phase() const override { return kPhaseDefault; }
    int highest_output() const override {
        int highest = 0;
        for (const auto& one : _patterns) {
            highest = std::max(highest, one->highest_output());
        }
        return highest;
    }

protected:
    size_t pattern_count() const { return _patterns.size(); }
    PatternMapper& pattern(size_t index) { return *_patterns[index]; }

    /// Takes the arguments from the `first` on. -1 after reporting all that are wrong.
    int parse_patterns(const std::vector<std::string>& conf, size_t first, ErrorHandler& errh) {
        if (conf.size() <= first) {
            return errh.error("no patterns given");
        }
        int result = 0;
        for (size_t i = first; i < conf.size(); ++i) {
            auto parsed = std::make_unique<PatternMapper>();
            if (parsed->parse(split_words(conf[i]), RewritePattern::Fields::AddressesAndPorts, *this, errh) < 0) {
                result = -1;
            }
            _patterns.push_back(std::move(parsed));
        }
        return result;
    }

private:
    void* role(Role asked) override { return asked == kRoleOf<FlowMapper> ? static_cast<FlowMapper*>(this) : nullptr; }
    std::vector<std::unique_ptr<PatternMapper>> _patterns;
};

}  // namespace click
