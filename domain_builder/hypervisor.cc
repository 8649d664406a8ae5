// SPDX-License-Identifier: Apache-2.0
#include "hypervisor.hh"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include <sys/random.h>

#define XC_WANT_COMPAT_EVTCHN_API
extern "C" {
#include <xenctrl.h>
#include <xenguest.h>

// After xenctrl.h, which asks for the toolstack's part of the interface.
#include <xen/hvm/params.h>
}

#include "failure.hh"
#include "pvh_memory.hh"

namespace {

/// What libxl adds to a domain's memory as a limit, for what the toolstack counts otherwise than the hypervisor does.
constexpr uint64_t kSlackKib = 1024;
constexpr unsigned kGrantFrames = 2;
constexpr unsigned kGrantFramesPerVif = 2;
constexpr unsigned kMostPorts = 1023;
constexpr unsigned kListed = 1024;
/// Pages that a PVH domain needs for its page tables, by libxl's reckoning: these, and one for each MiB of memory.
constexpr uint64_t kPagingPages = 256;

/// Gives the image the layout of a PVH domain; `memory` has to outlive it.
void describe(xc_dom_image& image, PvhMemory& memory) {
    image.container_type = xc_dom_image::XC_DOM_HVM_CONTAINER;
    image.max_vcpus = 1;
    image.target_pages = memory.pages;
    image.mmio_start = memory.hole;
    image.mmio_size = (uint64_t{1} << 32) - memory.hole;
    image.lowmem_end = memory.low_end;
    image.highmem_end = memory.high_end;
    image.e820 = memory.map.data();
    image.e820_entries = static_cast<unsigned>(memory.map.size());
}

bool is_pvh(const DomainSpec& spec) { return spec.kind == DomainSpec::Kind::pvh; }

std::string digits(const xen_domain_handle_t& handle) {
    std::string text;
    for (uint8_t byte : handle) {
        for (int half : {byte >> 4, byte & 0xf}) {
            text += "0123456789abcdef"[half];
        }
    }
    return text;
}

std::string state(const xc_domaininfo_t& info) {
    if ((info.flags & XEN_DOMINF_dying) != 0) {
        return "dying";
    }
    if ((info.flags & XEN_DOMINF_shutdown) != 0) {
        return ((info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask) == SHUTDOWN_crash ? "crashed"
                                                                                                      : "shutdown";
    }
    return (info.flags & XEN_DOMINF_paused) != 0 ? "paused" : "running";
}

}  // namespace

Hypervisor::Hypervisor()
    : _log(reinterpret_cast<xentoollog_logger*>(xtl_createlogger_stdiostream(stderr, XTL_ERROR, 0))),
      _xc(xc_interface_open(_log, _log, 0)) {
    if (_xc == nullptr) {
        throw Failure("xc_interface_open");
    }
}

Hypervisor::~Hypervisor() {
    xc_interface_close(_xc);
    xtl_logger_destroy(_log);
}

void Hypervisor::check(int result, const char* call) {
    if (result < 0) {
        int number = errno;
        const xc_error* error = xc_get_last_error(_xc);
        std::string more = error->code != XC_ERROR_NONE ? error->message : "";
        xc_clear_last_error(_xc);
        throw Failure(call, number, more);
    }
}

void Hypervisor::load_kernel(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw Failure("open " + path);
    }
    _kernel.assign(std::istreambuf_iterator<char>(file), {});
    if (_kernel.empty()) {
        throw Failure("read " + path, ENOEXEC);
    }
}

uint32_t Hypervisor::create(const DomainSpec& spec) {
    xen_domctl_createdomain config{};
    if (spec.handle) {
        std::ranges::copy(*spec.handle, config.handle);
    } else if (getrandom(config.handle, sizeof config.handle, 0) != sizeof config.handle) {
        throw Failure("getrandom");
    }
    config.max_vcpus = 1;
    config.max_evtchn_port = kMostPorts;
    config.max_grant_frames = static_cast<int32_t>(kGrantFrames + kGrantFramesPerVif * spec.vifs.size());
    config.max_maptrack_frames = 0;
    config.grant_opts = XEN_DOMCTL_GRANT_version(2);
    if (is_pvh(spec)) {
        require_hvm();
        config.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
        config.arch.emulation_flags = XEN_X86_EMU_LAPIC;
    }
    uint32_t domain = 0;
    check(xc_domain_create(_xc, &domain, &config), "xc_domain_create");
    try {
        check(xc_domain_max_vcpus(_xc, domain, 1), "xc_domain_max_vcpus");
        check(xc_domain_setmaxmem(_xc, domain, spec.memory_kib + kSlackKib), "xc_domain_setmaxmem");
        if (is_pvh(spec)) {
            uint64_t pages = kPagingPages + spec.memory_kib / 1024;
            check(xc_set_paging_mempool_size(_xc, domain, pages * XC_PAGE_SIZE), "xc_set_paging_mempool_size");
            check(xc_cpuid_apply_policy(_xc, domain, false, nullptr, 0, true, false, false, nullptr, nullptr),
                  "xc_cpuid_apply_policy");
        }
    } catch (const Failure&) {
        xc_domain_destroy(_xc, domain);
        throw;
    }
    return domain;
}

void Hypervisor::require_hvm() {
    constexpr uint32_t kNeeded = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap;
    xc_physinfo_t info{};
    check(xc_physinfo(_xc, &info), "xc_physinfo");
    if ((info.capabilities & kNeeded) != kNeeded) {
        throw Failure("look for nested paging, which PVH needs", EOPNOTSUPP);
    }
}

DomainRings Hypervisor::build(uint32_t domain, const DomainSpec& spec) {
    DomainRings rings;
    // The ports come before the image: a PV guest finds their numbers in its start_info.
    int port = xc_evtchn_alloc_unbound(_xc, domain, 0);
    check(port, "xc_evtchn_alloc_unbound");
    rings.store_port = static_cast<uint32_t>(port);
    if (spec.console) {
        port = xc_evtchn_alloc_unbound(_xc, domain, 0);
        check(port, "xc_evtchn_alloc_unbound");
        rings.console_port = static_cast<uint32_t>(port);
    }
    std::optional<PvhMemory> memory;
    std::unique_ptr<xc_dom_image, decltype(&xc_dom_release)> image(xc_dom_allocate(_xc, spec.cmdline.c_str(), nullptr),
                                                                   xc_dom_release);
    if (!image) {
        throw Failure("xc_dom_allocate");
    }
    image->container_type = xc_dom_image::XC_DOM_PV_CONTAINER;
    if (is_pvh(spec)) {
        memory.emplace(spec.memory_kib * 1024);
        describe(*image, *memory);
        check(xc_domain_set_memory_map(_xc, domain, image->e820, image->e820_entries), "xc_domain_set_memory_map");
    }
    image->xenstore_evtchn = rings.store_port;
    image->console_evtchn = rings.console_port;
    check(xc_dom_kernel_mem(image.get(), _kernel.data(), _kernel.size()), "xc_dom_kernel_mem");
    if (!spec.ramdisk.empty()) {
        check(xc_dom_module_mem(image.get(), spec.ramdisk.data(), spec.ramdisk.size(), nullptr), "xc_dom_module_mem");
    }
    check(xc_dom_boot_xen_init(image.get(), _xc, domain), "xc_dom_boot_xen_init");
    check(xc_dom_parse_image(image.get()), "xc_dom_parse_image");
    check(xc_dom_mem_init(image.get(), static_cast<unsigned>(spec.memory_kib / 1024)), "xc_dom_mem_init");
    check(xc_dom_boot_mem_init(image.get()), "xc_dom_boot_mem_init");
    check(xc_dom_build_image(image.get()), "xc_dom_build_image");
    check(xc_dom_boot_image(image.get()), "xc_dom_boot_image");
    check(xc_dom_gnttab_init(image.get()), "xc_dom_gnttab_init");
    if (is_pvh(spec)) {
        // Its start_info does not have the ports; it asks Xen.
        check(xc_hvm_param_set(_xc, domain, HVM_PARAM_STORE_EVTCHN, rings.store_port), "xc_hvm_param_set");
        check(xc_hvm_param_set(_xc, domain, HVM_PARAM_CONSOLE_EVTCHN, rings.console_port), "xc_hvm_param_set");
    }
    rings.store_frame = xc_dom_p2m(image.get(), image->xenstore_pfn);
    rings.console_frame = xc_dom_p2m(image.get(), image->console_pfn);
    return rings;
}

void Hypervisor::unpause(uint32_t domain) { check(xc_domain_unpause(_xc, domain), "xc_domain_unpause"); }

void Hypervisor::destroy(uint32_t domain) {
    // One that is gone already needs no more.
    if (xc_domain_destroy(_xc, domain) < 0 && errno != ESRCH) {
        check(-1, "xc_domain_destroy");
    }
}

std::vector<Hypervisor::Domain> Hypervisor::domains() {
    std::vector<Domain> found;
    std::vector<xc_domaininfo_t> infos(kListed);
    for (uint32_t next = 1;;) {
        int count = xc_domain_getinfolist(_xc, next, kListed, infos.data());
        check(count, "xc_domain_getinfolist");
        for (int at = 0; at < count; at++) {
            const xc_domaininfo_t& info = infos[static_cast<size_t>(at)];
            found.push_back({info.domain, info.tot_pages * (XC_PAGE_SIZE / 1024), state(info), digits(info.handle)});
            next = info.domain + 1U;
        }
        if (count < static_cast<int>(kListed)) {
            return found;
        }
    }
}

uint64_t Hypervisor::free_kib() {
    xc_physinfo_t info{};
    check(xc_physinfo(_xc, &info), "xc_physinfo");
    return info.free_pages * (XC_PAGE_SIZE / 1024);
}
