// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lib/table.hh"

namespace click {

/// A fixed number of things, each named by a number below the capacity (a FlowTable's handle), in the order in which they were
/// last used. Its memory, 8 bytes each, is taken once.
class RecencyList {
public:
    static constexpr uint32_t kNone = 0xffffffff;

    /// Takes memory for `capacity` things (`what` they are is for the error) and forgets all. -1 after a report.
    [[nodiscard]] int allocate(uint32_t capacity, const char* what, ErrorHandler& errh) {
        if (_links.allocate(uint64_t{capacity} + 1, what, errh) < 0) {
            return -1;
        }
        _ends = capacity;
        _links[_ends] = {_ends, _ends};
        return 0;
    }
    /// Puts in something that is not in the list, as the newest.
    void add(uint32_t handle) {
        uint32_t newest = _links[_ends].older;
        _links[handle] = {newest, _ends};
        _links[newest].newer = handle;
        _links[_ends].older = handle;
    }
    void remove(uint32_t handle) {
        Link link = _links[handle];
        _links[link.older].newer = link.newer;
        _links[link.newer].older = link.older;
    }
    void renew(uint32_t handle) {
        remove(handle);
        add(handle);
    }
    uint32_t oldest() const { return _links[_ends].newer == _ends ? kNone : _links[_ends].newer; }

private:
    struct Link {
        uint32_t older = 0;
        uint32_t newer = 0;
    };
    Table<Link> _links;
    uint32_t _ends = 0;  ///< the link that joins both ends to a ring
};

}  // namespace click
