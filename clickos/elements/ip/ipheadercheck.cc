// SPDX-License-Identifier: Apache-2.0
#include "elements/ip/ipheadercheck.hh"

namespace click {

void IpHeaderCheck::set_addresses(const Addresses& addresses) {
    constexpr int kPointToPoint = 31;
    _good_destinations = addresses.good_destinations;
    _bad_sources = addresses.bad_sources;
    for (const IPPrefix& interface : addresses.interfaces.interfaces) {
        // The two addresses of a /31 are hosts (RFC 3021).
        if (interface.mask.mask_length() != kPointToPoint) {
            _bad_sources.addresses.push_back((interface.address & interface.mask) | ~interface.mask);
        }
        _good_destinations.addresses.push_back(interface.address);
    }
    if (addresses.older_form || !addresses.interfaces.interfaces.empty()) {
        _bad_sources.addresses.emplace_back();
        _bad_sources.addresses.emplace_back(0xffffffffU);
    }
    _bad_source_filter = 0;
    for (IPAddress bad : _bad_sources.addresses) {
        _bad_source_filter |= filter_bits(bad.network_order());
    }
}

}  // namespace click
