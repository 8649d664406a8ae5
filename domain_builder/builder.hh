// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain_spec.hh"
#include "hypervisor.hh"
#include "links.hh"
#include "message.hh"
#include "xenstore.hh"

/// Carries out requests. While dom0's kernel makes or removes the interfaces of some domains, it is busy with the next.
class Builder {
public:
    /// Takes a request; its result is printed as soon as it is known. The failure of one does not end the others.
    void handle(std::string_view line);

    /// Looks after the domains that wait for their interfaces.
    void settle();

    bool busy() const { return !_waiting.empty(); }
    int changes() const { return _links.changes(); }

private:
    using Clock = std::chrono::steady_clock;

    /// A domain whose interfaces are to come, or the numbers of those that are to go.
    struct Waiting {
        Message result;
        uint32_t domain;
        std::vector<DomainSpec::Vif> coming;
        std::vector<unsigned> going;
        Clock::time_point since;
    };

    void create(const Message& request);
    void destroy(uint32_t domain);
    void list();
    void await_room();
    bool settled(Waiting& one);
    void remove(uint32_t domain);

    Hypervisor _hypervisor;
    XenStore _store;
    Links _links;
    std::vector<Waiting> _waiting;
};
