// SPDX-License-Identifier: Apache-2.0
/*
=c
SourceIPHashMapper(NNODES SEED, PATTERN1, ..., PATTERNn)
=s nat
gives all flows of one source address the same pattern
=d
An INPUTSPEC of IPRewriter and its kin. Each PATTERN is C<SADDR SPORT DADDR DPORT FOUTPUT ROUTPUT [ID]> or C<NAME FOUTPUT ROUTPUT
[ID]>. New flows are mapped by a pattern that their source address chooses by consistent hashing: each pattern has NNODES places on a
ring that its ID (a number; its position, counted from 0, if there is none) and SEED (a number) decide, and an address gets the pattern whose
place comes next. So most addresses keep theirs when patterns come and go.
=e
  hash :: SourceIPHashMapper(5 0xbadbeef, - - 10.0.0.1 - 0 1 1, - - 10.0.0.2 - 0 1 2);
  Idle -> rw :: IPRewriter(hash, drop); Idle -> [1]rw;
  rw[0] -> Discard; rw[1] -> Discard;
=a IPRewriter, RoundRobinIPMapper, IPRewriterPatterns
*/
#include "elements/rewriter/mapperelement.hh"

namespace click {

namespace {

class SourceIPHashMapper final : public MapperElement {
public:
    const char* class_name() const override { return "SourceIPHashMapper"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool map(const FlowKey& flow, const MappingTable& table, NewFlow& result) override {
        uint64_t at = keyed_hash(&flow.id.source, sizeof flow.id.source, _seed);
        auto place = std::lower_bound(_ring.begin(), _ring.end(), Place{at, 0});
        return pattern(place != _ring.end() ? place->pattern : _ring.front().pattern).map(flow, table, result);
    }

private:
    struct Place {
        uint64_t at;
        uint32_t pattern;
        friend bool operator<(const Place& a, const Place& b) { return a.at < b.at; }
    };
    std::vector<Place> _ring;  ///< in order
    uint64_t _seed = 0;
};

int SourceIPHashMapper::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint64_t kMostNodes = 4096;
    constexpr size_t kShort = 3;
    constexpr size_t kLong = 6;
    std::vector<std::string> first = conf.empty() ? std::vector<std::string>() : split_words(conf[0]);
    uint64_t nodes = 0;
    if (first.size() != 2 || !parse_unsigned(first[0], nodes) || nodes < 1 || nodes > kMostNodes ||
        !parse_unsigned(first[1], _seed)) {
        return errh.error("first argument: expected 'NNODES SEED', NNODES in 1..%llu",
                          static_cast<unsigned long long>(kMostNodes));
    }
    std::vector<uint64_t> ids;
    for (size_t i = 1; i < conf.size(); ++i) {
        std::vector<std::string> words = split_words(conf[i]);
        uint64_t id = i - 1;
        if (words.size() == kShort + 1 || words.size() == kLong + 1) {
            if (!parse_unsigned(words.back(), id)) {
                return errh.error("pattern %zu: ID: expected a number, got '%s'", i, words.back().c_str());
            }
            words.pop_back();
            conf[i] = words[0];
            for (size_t word = 1; word < words.size(); ++word) {
                conf[i] += " " + words[word];
            }
        }
        ids.push_back(id);
    }
    if (parse_patterns(conf, 1, errh) < 0) {
        return -1;
    }
    for (uint32_t i = 0; i < ids.size(); ++i) {
        for (uint64_t node = 0; node < nodes; ++node) {
            uint64_t key[] = {ids[i], node};
            _ring.push_back({keyed_hash(key, sizeof key, _seed), i});
        }
    }
    std::sort(_ring.begin(), _ring.end());
    return 0;
}

}  // namespace

CLICK_ELEMENT(SourceIPHashMapper)

}  // namespace click
