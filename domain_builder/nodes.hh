// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain_spec.hh"
#include "xenstore.hh"

/// What a domain has in XenStore, docs/xenstore.md and Xen's io/netif.h.
namespace nodes {

std::string home(uint32_t domain);
/// The folder of its interfaces' back ends.
std::string backends(uint32_t domain);
std::string backend(uint32_t domain, size_t vif);
/// All folders that a domain may have, for its removal.
std::vector<std::string> folders(uint32_t domain);
/// What makes them.
std::vector<XenStore::Request> of(uint32_t domain, const DomainSpec& spec, const DomainRings& rings);

}  // namespace nodes
