// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "platform/xen/interface.hh"

namespace click::xen {

/// Pages that one other domain may read and write for as long as they are here.
class GrantedPages {
public:
    GrantedPages() = default;
    GrantedPages(const GrantedPages&) = delete;
    GrantedPages& operator=(const GrantedPages&) = delete;
    ~GrantedPages();

    /// Takes one more page and grants it, if that leaves `rest` free ones.
    bool add(domid_t domain, size_t rest);
    /// The domain went on in a new one, where nothing is granted: the pages go back as they are.
    void abandon();

    size_t size() const { return _pages.size(); }
    uint8_t* memory(size_t index) const { return _pages[index].memory; }
    grant_ref_t reference(size_t index) const { return _pages[index].reference; }

private:
    struct Page {
        uint8_t* memory;
        grant_ref_t reference;
    };
    std::vector<Page> _pages;
};

}  // namespace click::xen
