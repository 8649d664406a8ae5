// SPDX-License-Identifier: Apache-2.0
#include "builder.hh"

#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "failure.hh"
#include "nodes.hh"

namespace {

/// So many domains wait for their interfaces at a time: more would not go faster, and a failure would be seen later.
constexpr size_t kMostWaiting = 16;
constexpr std::chrono::seconds kPatience{120};
constexpr int kLookMilliseconds = 1000;

void print(const Message& message) {
    std::string line = message.line();
    fwrite(line.data(), 1, line.size(), stdout);
    fflush(stdout);
}

Message failed(const Failure& failure) {
    return Message("failed")
        .with("call", failure.call())
        .with("errno", static_cast<uint64_t>(failure.number()))
        .with("cause", failure.cause());
}

/// Runs a part of a request, and notes how long it took.
template <typename Work>
auto timed(Message& result, const char* phase, Work work) {
    auto start = std::chrono::steady_clock::now();
    auto note = [&] {
        auto spent = std::chrono::steady_clock::now() - start;
        result.with(std::string(phase) + "_us",
                    static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(spent).count()));
    };
    if constexpr (std::is_void_v<decltype(work())>) {
        work();
        note();
    } else {
        auto value = work();
        note();
        return value;
    }
}

std::string interface(uint32_t domain, size_t vif) {
    return "vif" + std::to_string(domain) + "." + std::to_string(vif);
}

}  // namespace

void Builder::handle(std::string_view line) {
    Message request("");
    try {
        request = Message::parse(line);
        if (request.word() == "kernel") {
            _hypervisor.load_kernel(request.text("path"));
            print(Message("loaded").with("path", request.text("path")));
        } else if (request.word() == "create") {
            create(request);
        } else if (request.word() == "destroy") {
            destroy(request.domain("domid"));
        } else if (request.word() == "list") {
            list();
        } else {
            throw Failure("carry out '" + request.word() + "', which is no request", EINVAL);
        }
    } catch (const Failure& failure) {
        print(failed(failure).with("name", request.text("name", "")).with("domid", request.text("domid", "")));
    }
}

void Builder::create(const Message& request) {
    await_room();
    DomainSpec spec = DomainSpec::parse(request);
    Message result("created");
    result.with("name", spec.name);
    uint32_t domain = timed(result, "create", [&] { return _hypervisor.create(spec); });
    result.with("domid", domain);
    try {
        DomainRings rings = timed(result, "build", [&] { return _hypervisor.build(domain, spec); });
        timed(result, "store", [&] { _store.transact(nodes::of(domain, spec, rings)); });
        timed(result, "start", [&] {
            _store.introduce(domain, rings.store_frame, rings.store_port);
            _hypervisor.unpause(domain);
        });
    } catch (const Failure& failure) {
        Message report = failed(failure);
        report.with("name", spec.name).with("domid", domain);
        try {
            remove(domain);
        } catch (const Failure& second) {
            report.with("left", second.what());
        }
        print(report);
        return;
    }
    _waiting.push_back({result, domain, spec.vifs, {}, Clock::now()});
    settle();
}

void Builder::destroy(uint32_t domain) {
    await_room();
    // Interfaces have the names that the toolstack gave them, if any.
    std::vector<unsigned> going;
    for (const std::string& vif : _store.children(nodes::backends(domain))) {
        std::string name = _store.read(nodes::backends(domain) + "/" + vif + "/vifname");
        for (const std::string& one : {name, interface(domain, strtoul(vif.c_str(), nullptr, 10))}) {
            if (unsigned index = one.empty() ? 0 : Links::find(one); index != 0) {
                going.push_back(index);
            }
        }
    }
    Message result("destroyed");
    result.with("domid", domain);
    timed(result, "destroy", [&] { remove(domain); });
    _waiting.push_back({result, domain, {}, going, Clock::now()});
    settle();
}

void Builder::remove(uint32_t domain) {
    _hypervisor.destroy(domain);
    // Without its back end's nodes netback lets go of the domain's memory, without which the hypervisor keeps it.
    _store.remove_all(nodes::folders(domain));
    _store.release(domain);
}

void Builder::list() {
    for (const Hypervisor::Domain& domain : _hypervisor.domains()) {
        print(Message("domain")
                  .with("domid", domain.id)
                  .with("state", domain.state)
                  .with("memory_kib", domain.memory_kib)
                  .with("handle", domain.handle));
    }
    print(Message("listed").with("free_kib", _hypervisor.free_kib()));
}

void Builder::await_room() {
    while (_waiting.size() >= kMostWaiting) {
        pollfd changes{.fd = _links.changes(), .events = POLLIN, .revents = 0};
        poll(&changes, 1, kLookMilliseconds);
        settle();
    }
}

void Builder::settle() {
    _links.drain();
    std::erase_if(_waiting, [this](Waiting& one) {
        try {
            return settled(one);
        } catch (const Failure& failure) {
            print(failed(failure).with("name", one.result.text("name", "")).with("domid", one.domain));
            return true;
        }
    });
}

bool Builder::settled(Waiting& one) {
    std::erase_if(one.going, [](unsigned index) { return !Links::exists(index); });
    for (size_t number = 0; number < one.coming.size(); number++) {
        DomainSpec::Vif& vif = one.coming[number];
        unsigned index = vif.device.empty() ? 0 : Links::find(interface(one.domain, number));
        if (index != 0) {
            _links.bring_up(index, vif.device);
            _store.write_all({XenStore::write(nodes::backend(one.domain, number) + "/hotplug-status", "connected")});
            vif.device.clear();
        }
    }
    bool all = one.going.empty() && std::ranges::all_of(one.coming, [](const auto& vif) { return vif.device.empty(); });
    auto spent = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - one.since);
    if (all) {
        print(one.result.with("plug_us", static_cast<uint64_t>(spent.count())));
    } else if (spent > kPatience) {
        std::string node = nodes::backend(one.domain, 0);
        std::string error = _store.read("/local/domain/0/error/" + node.substr(strlen("/local/domain/0/")) + "/error");
        throw Failure(one.going.empty() ? "wait for " + interface(one.domain, 0) : "wait until the interfaces are gone",
                      ETIMEDOUT, error);
    }
    return all;
}
