// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include <memory>
#include <string>

#include "elements/rewriter/flowmapper.hh"

namespace click {

/// How flows are rewritten: `SADDR SPORT DADDR DPORT`, or of addresses alone `SADDR DADDR`. A dash leaves a field as it is;
/// of a range, which is the source's port (or address, where there are no ports), each flow gets what no other has.
class RewritePattern {
public:
    enum class Fields : uint8_t { AddressesAndPorts, Addresses };

    /// Reads the words [first, first + 4) (2 without ports), as seen from `element`. -1 after a report.
    int parse(const std::vector<std::string>& words, size_t first, Fields fields, const Element& element,
              ErrorHandler& errh);
    static size_t word_count(Fields fields) { return fields == Fields::Addresses ? 2 : 4; }

    bool map(const FlowKey& flow, const MappingTable& table, FlowId& result);
    std::string unparse() const;

private:
    enum class Choice : uint8_t { Given, Random, Sequential };
    /// A search that found nothing, so that it is not repeated until something was erased.
    struct Futile {
        FlowKey to{};
        uint32_t erased = 0;
        bool valid = false;
    };

    int parse_source_range(std::string text, bool ports, const Element& element, ErrorHandler& errh);
    void set_varying(FlowId& flow, uint32_t offset) const;
    uint32_t first_offset(const FlowKey& flow);

    Fields _fields = Fields::AddressesAndPorts;
    bool _has_source = false;
    bool _has_source_port = false;
    bool _has_destination = false;
    bool _has_destination_port = false;
    uint32_t _source = 0;  ///< host order, the lowest
    uint16_t _source_port = 0;
    uint32_t _destination = 0;  ///< network order
    uint16_t _destination_port = 0;
    uint32_t _span = 0;  ///< highest minus lowest
    Choice _choice = Choice::Given;
    uint32_t _next = 0;
    uint64_t _random = 0;
    Futile _futile[16];
};

/// A pattern with the outputs for both directions: what follows the word `pattern`, and what mapper elements are made of.
class PatternMapper final : public FlowMapper {
public:
    /// Reads `PATTERN FOUTPUT ROUTPUT` or, with the name of an IPRewriterPatterns' pattern, `NAME FOUTPUT ROUTPUT`. -1
    /// after a report.
    int parse(const std::vector<std::string>& words, RewritePattern::Fields fields, const Element& element,
              ErrorHandler& errh);
    bool map(const FlowKey& flow, const MappingTable& table, NewFlow& result) override;
    int highest_output() const override { return _outputs[0] > _outputs[1] ? _outputs[0] : _outputs[1]; }
    std::string unparse() const { return _pattern->unparse(); }

private:
    std::unique_ptr<RewritePattern> _own;  ///< the pattern, where it is not that of another element
    RewritePattern* _pattern = nullptr;
    int _outputs[2] = {0, 0};
};

/// Reads `FOUTPUT ROUTPUT`; false when they are none.
bool parse_outputs(const std::string& forward, const std::string& reply, int (&outputs)[2]);

/// An element that has named patterns. Found by `Element::as<PatternBook>()`.
class PatternBook {
public:
    virtual RewritePattern* find_pattern(std::string_view name) const = 0;

protected:
    ~PatternBook() = default;
};

}  // namespace click
