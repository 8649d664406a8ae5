// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/granted_pages.hh"

#include "platform/xen/grants.hh"
#include "platform/xen/memory.hh"

namespace click::xen {

/// A page that the other domain keeps stays granted and allocated for good: it could be written to at any time.
GrantedPages::~GrantedPages() {
    for (const Page& page : _pages) {
        if (grants::revoke(page.reference)) {
            memory::free_pages(page.memory);
        }
    }
}

bool GrantedPages::add(domid_t domain, size_t rest) {
    void* page = memory::free_page_count() > rest ? memory::allocate_pages(1) : nullptr;
    grant_ref_t reference = page ? grants::allow(domain, page) : 0;
    if (reference == 0) {
        if (page) {
            memory::free_pages(page);
        }
        return false;
    }
    _pages.push_back({static_cast<uint8_t*>(page), reference});
    return true;
}

void GrantedPages::abandon() {
    for (const Page& page : _pages) {
        memory::free_pages(page.memory);
    }
    _pages.clear();
}

}  // namespace click::xen
