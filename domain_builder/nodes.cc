// SPDX-License-Identifier: Apache-2.0
#include "nodes.hh"

#include <iterator>

namespace nodes {

namespace {

/// What xl runs when the interface goes with `xl destroy`, and netback wants to be named. There is nothing to do then.
constexpr char kScript[] = "/bin/true";
constexpr char kInitialising[] = "1";

using Requests = std::vector<XenStore::Request>;

std::string libxl(uint32_t domain) { return "/libxl/" + std::to_string(domain); }

Requests of_vif(uint32_t domain, size_t number, const DomainSpec::Vif& vif) {
    std::string id = std::to_string(domain);
    std::string handle = std::to_string(number);
    std::string front = home(domain) + "/device/vif/" + handle;
    std::string back = backend(domain, number);
    // libxl finds here what to remove: `xl destroy` and `xl network-list` know the domain.
    std::string known = libxl(domain) + "/device/vif/" + handle;
    return {
        XenStore::make(front),
        XenStore::permit(front, {"n" + id, "r0"}),
        XenStore::write(front + "/backend", back),
        XenStore::write(front + "/backend-id", "0"),
        XenStore::write(front + "/handle", handle),
        XenStore::write(front + "/mac", vif.mac),
        XenStore::write(front + "/state", kInitialising),
        XenStore::make(back),
        XenStore::permit(back, {"n0", "r" + id}),
        XenStore::write(back + "/frontend", front),
        XenStore::write(back + "/frontend-id", id),
        XenStore::write(back + "/online", "1"),
        XenStore::write(back + "/script", kScript),
        XenStore::write(back + "/vifname", vif.device),
        XenStore::write(back + "/bridge", vif.bridge),
        XenStore::write(back + "/mac", vif.mac),
        XenStore::write(back + "/handle", handle),
        XenStore::write(back + "/state", kInitialising),
        XenStore::write(known + "/frontend", front),
        XenStore::write(known + "/backend", back),
    };
}

Requests of_console(const std::string& home, const DomainRings& rings) {
    std::string console = home + "/console";
    return {
        XenStore::write(console + "/ring-ref", std::to_string(rings.console_frame)),
        XenStore::write(console + "/port", std::to_string(rings.console_port)),
        XenStore::write(console + "/type", "xenconsoled"),
        XenStore::write(console + "/output", "pty"),
        XenStore::write(console + "/limit", "1048576"),
    };
}

void append(Requests& all, Requests&& more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::string home(uint32_t domain) { return "/local/domain/" + std::to_string(domain); }

std::string backends(uint32_t domain) { return "/local/domain/0/backend/vif/" + std::to_string(domain); }

std::string backend(uint32_t domain, size_t vif) { return backends(domain) + "/" + std::to_string(vif); }

std::vector<std::string> folders(uint32_t domain) { return {home(domain), backends(domain), libxl(domain)}; }

Requests of(uint32_t domain, const DomainSpec& spec, const DomainRings& rings) {
    std::string id = std::to_string(domain);
    std::string home = nodes::home(domain);
    // What is made below a folder gets its permissions: the guest reads its own, and owns `data`.
    Requests all = {
        XenStore::make(home),
        XenStore::permit(home, {"n0", "r" + id}),
        XenStore::write(home + "/name", spec.name),
        XenStore::write(home + "/domid", id),
        XenStore::make(home + "/data"),
        XenStore::permit(home + "/data", {"n" + id}),
        XenStore::write(home + "/control/shutdown", ""),
        XenStore::permit(home + "/control/shutdown", {"n" + id}),
    };
    if (spec.kind == DomainSpec::Kind::pvh) {
        // Without it libxl takes what is not PV for HVM, and looks for its device model.
        all.push_back(XenStore::write(libxl(domain) + "/type", "pvh"));
    }
    if (!spec.startup_config.empty()) {
        all.push_back(XenStore::write(home + "/control/click/startup_config", spec.startup_config));
    }
    if (spec.console) {
        append(all, of_console(home, rings));
    }
    for (size_t number = 0; number < spec.vifs.size(); number++) {
        append(all, of_vif(domain, number, spec.vifs[number]));
    }
    return all;
}

}  // namespace nodes
