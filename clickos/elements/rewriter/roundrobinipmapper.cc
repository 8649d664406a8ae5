// SPDX-License-Identifier: Apache-2.0
/*
=c
RoundRobinIPMapper(PATTERN1, ..., PATTERNn)
=s nat
gives the flows of an IPRewriter patterns in turn
=d
An INPUTSPEC of IPRewriter and its kin. Each PATTERN is C<SADDR SPORT DADDR DPORT FOUTPUT ROUTPUT> or C<NAME FOUTPUT ROUTPUT>. A new
flow is mapped by the pattern after the one that the flow before got, or by the first behind that one that has room.
=e
  rr :: RoundRobinIPMapper(- - 10.0.0.1 - 0 1, - - 10.0.0.2 - 0 1);
  Idle -> rw :: IPRewriter(rr, drop); Idle -> [1]rw;
  rw[0] -> Discard; rw[1] -> Discard;
=a IPRewriter, SourceIPHashMapper, IPRewriterPatterns
*/
#include "elements/rewriter/mapperelement.hh"

namespace click {

namespace {

class RoundRobinIPMapper final : public MapperElement {
public:
    const char* class_name() const override { return "RoundRobinIPMapper"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override { return parse_patterns(conf, 0, errh); }
    bool map(const FlowKey& flow, const MappingTable& table, NewFlow& result) override {
        for (size_t tries = 0; tries < pattern_count(); ++tries) {
            size_t next = _next;
            _next = _next + 1 == pattern_count() ? 0 : _next + 1;
            if (pattern(next).map(flow, table, result)) {
                return true;
            }
        }
        return false;
    }

private:
    size_t _next = 0;
};

}  // namespace

CLICK_ELEMENT(RoundRobinIPMapper)

}  // namespace click
