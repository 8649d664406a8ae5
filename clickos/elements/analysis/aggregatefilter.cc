// SPDX-License-Identifier: Apache-2.0
/*
=c
AggregateFilter(ACTION_1 AGGREGATES_1, ..., ACTION_N AGGREGATES_N)
=s aggregates
sorts packets by their aggregate annotation
=d
Each argument is a filter. The first one whose AGGREGATES have the packet's aggregate annotation says by its ACTION what
happens to the packet; packets that no filter matches are dropped.

ACTION is the number of an output, C<allow>, which is the same as C<0>, or C<drop> or C<deny>, which drop the packet.
AGGREGATES are numbers and ranges of numbers such as C<0-98>, separated by spaces; C<all> and C<-> stand for all.

Filters that no packet can match are warned of, and so are AGGREGATES that an earlier filter has already.
=e
  f :: AggregateFilter(allow 1 5 10-19, 1 all);
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> AggregateIPFlows -> f;
  f[0] -> IPPrint -> Discard;
  f[1] -> Discard;
=a AggregateIP, AggregateIPFlows, IPFilter
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <algorithm>
#include <limits>

#include "lang/confparse.hh"

namespace click {

namespace {

class AggregateFilter final : public PacketSorter<AggregateFilter> {
public:
    const char* class_name() const override { return "AggregateFilter"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }

    int classify(const Packet& packet) const {
        uint32_t aggregate = packet.anno_u32(anno::kAggregate);
        auto range = std::ranges::lower_bound(_ranges, aggregate, {}, &Range::high);
        return range != _ranges.end() && range->low <= aggregate ? range->output : kDrop;
    }

private:
    static constexpr int kDrop = -1;
    static constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();

    struct Range {
        uint32_t low;
        uint32_t high;
        int output;
    };

    bool parse_action(std::string_view word, int& output, ErrorHandler& errh) const;
    static bool parse_range(std::string_view word, Range& range);
    static bool add(std::vector<Range>& ranges, const Range& fresh);

    std::vector<Range> _ranges;  ///< apart from each other, lowest first
};

bool AggregateFilter::parse_action(std::string_view word, int& output, ErrorHandler& errh) const {
    uint64_t number = 0;
    output = kDrop;
    if (word == "drop" || word == "deny") {
        return true;
    }
    if (word != "allow" && !parse_unsigned(word, number)) {
        errh.error("unknown action '%.*s'", static_cast<int>(word.size()), word.data());
        return false;
    }
    if (number >= static_cast<uint64_t>(noutputs())) {
        errh.error("port %llu out of range", static_cast<unsigned long long>(number));
        return false;
    }
    output = static_cast<int>(number);
    return true;
}

bool AggregateFilter::parse_range(std::string_view word, Range& range) {
    uint64_t low = 0;
    uint64_t high = kMost;
    if (word != "all" && word != "-") {
        size_t dash = word.find('-');
        if (!parse_unsigned(word.substr(0, dash), low)) {
            return false;
        }
        high = low;
        if (dash != std::string_view::npos && !parse_unsigned(word.substr(dash + 1), high)) {
            return false;
        }
    }
    range.low = static_cast<uint32_t>(low);
    range.high = static_cast<uint32_t>(high);
    return low <= high && high <= kMost;
}

/// Adds what no range has yet of a new one; false when nothing is left of it.
bool AggregateFilter::add(std::vector<Range>& ranges, const Range& fresh) {
    auto place = std::ranges::lower_bound(ranges, fresh.low, {}, &Range::high);
    uint64_t from = fresh.low;
    bool added = false;
    while (from <= fresh.high) {
        uint64_t before = place == ranges.end() ? uint64_t{kMost} + 1 : place->low;
        if (from < before) {
            auto to = static_cast<uint32_t>(std::min<uint64_t>(fresh.high, before - 1));
            place = ranges.insert(place, {static_cast<uint32_t>(from), to, fresh.output});
            added = true;
        }
        from = uint64_t{place->high} + 1;
        ++place;
    }
    return added;
}

int AggregateFilter::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::vector<Range> ranges;
    bool failed = false;
    for (size_t i = 0; i < conf.size(); ++i) {
        PrefixErrorHandler filter_errh(errh, "filter " + std::to_string(i) + ": ");
        std::vector<std::string> words = split_words(conf[i]);
        Range range{};
        if (words.empty() || !parse_action(words[0], range.output, filter_errh)) {
            failed |= !words.empty() || filter_errh.error("empty filter; should be 'ACTION AGGREGATES'") < 0;
            continue;
        }
        bool useful = false;
        for (size_t word = 1; word < words.size(); ++word) {
            if (!parse_range(words[word], range)) {
                failed |= filter_errh.error("bad aggregate '%s'", words[word].c_str()) < 0;
                useful = true;  // once it is right
            } else if (add(ranges, range)) {
                useful = true;
            } else {
                filter_errh.warning("aggregate '%s' ignored; earlier filters match it", words[word].c_str());
            }
        }
        if (!useful) {
            filter_errh.warning("matches no packets");
        }
    }
    if (failed) {
        return -1;
    }
    _ranges = std::move(ranges);
    return 0;
}

}  // namespace

CLICK_ELEMENT(AggregateFilter)

}  // namespace click
