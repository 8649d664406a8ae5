// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "message.hh"

/// What a domain is made of.
struct DomainSpec {
    enum class Kind { pv, pvh };
    using Handle = std::array<uint8_t, 16>;

    struct Vif {
        std::string device;
        std::string mac;
        std::string bridge;
    };

    /// Of the request `create`; a Failure when that is not complete.
    static DomainSpec parse(const Message& request);

    std::string name;
    Kind kind = Kind::pv;
    uint64_t memory_kib = 0;
    std::string cmdline;
    std::string ramdisk;
    std::string startup_config;
    /// What the hypervisor keeps for whoever lists the domains; a random one if there is none.
    std::optional<Handle> handle;
    bool console = false;
    std::vector<Vif> vifs;
};

/// A domain's two pages that it shares with dom0, and its event channels to them; port 0 is none.
struct DomainRings {
    uint64_t store_frame = 0;
    uint32_t store_port = 0;
    uint64_t console_frame = 0;
    uint32_t console_port = 0;
};
