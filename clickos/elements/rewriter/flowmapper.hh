// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "elements/rewriter/mappingtable.hh"

namespace click {

/// What becomes of a new flow.
struct NewFlow {
    FlowId id{};  ///< as it goes out
    int outputs[2] = {0, 0};
};

/// Who says what becomes of a new flow: a pattern, or an element that chooses between patterns. Found by
/// `Element::as<FlowMapper>()`.
class FlowMapper {
public:
    /// Finds a flow that `table` has no mapping for yet; false when there is none.
    virtual bool map(const FlowKey& flow, const MappingTable& table, NewFlow& result) = 0;
    /// The highest output that new flows leave by.
    virtual int highest_output() const = 0;

protected:
    FlowMapper() = default;
    FlowMapper(const FlowMapper&) = default;
    FlowMapper& operator=(const FlowMapper&) = default;
    ~FlowMapper() = default;
};

}  // namespace click
