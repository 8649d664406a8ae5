// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain_spec.hh"

struct xc_interface_core;
struct xentoollog_logger;

/// The hypervisor, by libxenctrl and libxenguest.
class Hypervisor {
public:
    struct Domain {
        uint32_t id;
        uint64_t memory_kib;
        std::string state;
        std::string handle;
    };

    Hypervisor();
    ~Hypervisor();
    Hypervisor(const Hypervisor&) = delete;
    Hypervisor& operator=(const Hypervisor&) = delete;

    /// The kernel of all domains that are made from now on; it stays in memory.
    void load_kernel(const std::string& path);

    /// A paused domain without memory; its number.
    uint32_t create(const DomainSpec& spec);
    /// Gives it memory with the kernel in it.
    DomainRings build(uint32_t domain, const DomainSpec& spec);
    void unpause(uint32_t domain);
    void destroy(uint32_t domain);

    std::vector<Domain> domains();
    uint64_t free_kib();

private:
    /// A Failure where PVH domains cannot be.
    void require_hvm();
    void check(int result, const char* call);

    xentoollog_logger* _log;
    xc_interface_core* _xc;
    std::string _kernel;
};
