// SPDX-License-Identifier: Apache-2.0
//
// What the builder prints for a request, over a played hypervisor that refuses what a test names, played links and a
// played XenStore daemon.
#include "builder.hh"

#include <cstdio>
#include <set>

#include "failure.hh"
#include "played_daemon.hh"

namespace {

std::set<std::string> refused_calls;
std::vector<uint32_t> destroyed;

void call(const char* name) {
    if (refused_calls.contains(name)) {
        throw Failure(name, ENOMEM);
    }
}

/// The lines that `work` prints.
template <typename Work>
std::string printed(Work work) {
    FILE* file = tmpfile();
    REQUIRE(file != nullptr);
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    work();
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    rewind(file);
    std::string text(4096, '\0');
    text.resize(fread(text.data(), 1, text.size(), file));
    fclose(file);
    return text;
}

}  // namespace

Hypervisor::Hypervisor() : _log(nullptr), _xc(nullptr) {}
Hypervisor::~Hypervisor() = default;
void Hypervisor::load_kernel(const std::string&) {}
uint32_t Hypervisor::create(const DomainSpec&) { return 5; }
DomainRings Hypervisor::build(uint32_t, const DomainSpec&) {
    call("build");
    return {};
}
void Hypervisor::unpause(uint32_t) { call("unpause"); }
void Hypervisor::destroy(uint32_t domain) {
    call("destroy");
    destroyed.push_back(domain);
}
std::vector<Hypervisor::Domain> Hypervisor::domains() { return {}; }
uint64_t Hypervisor::free_kib() { return 0; }

Links::Links() : _changes(-1), _requests(-1), _ipv6(false) {}
Links::~Links() = default;
void Links::drain() const {}
unsigned Links::find(const std::string&) { return 0; }
bool Links::exists(unsigned) { return false; }
void Links::bring_up(unsigned, const std::string&) {}

TEST_CASE("a request that fails twice has one answer, and what was left behind is in it") {
    const char* request = "create\tname=d1\tuuid=00000000-0000-4000-8000-000000000001\tmemory_kib=8192";
    PlayedDaemon daemon;
    Builder builder;
    refused_calls = {"build"};
    destroyed.clear();
    CHECK(printed([&] { builder.handle(request); }) ==
          "failed\tcall=build\terrno=12\tcause=Cannot allocate memory\tname=d1\tdomid=5\n");
    CHECK(destroyed == std::vector<uint32_t>{5});
    refused_calls = {"build", "destroy"};
    CHECK(printed([&] { builder.handle(request); }) ==
          "failed\tcall=build\terrno=12\tcause=Cannot allocate memory\tname=d1\tdomid=5"
          "\tleft=destroy: Cannot allocate memory\n");
}

TEST_CASE("a number that is no domain's destroys none") {
    PlayedDaemon daemon;
    Builder builder;
    refused_calls.clear();
    destroyed.clear();
    std::string answer = printed([&] { builder.handle("destroy\tdomid=4294967301"); });
    CHECK(answer.starts_with("failed\tcall=read the field 'domid', got '4294967301'; a domain is 1 to 32751\t"));
    CHECK(destroyed.empty());
    CHECK(printed([&] { builder.handle("destroy\tdomid=5"); }).starts_with("destroyed\tdomid=5\t"));
    CHECK(destroyed == std::vector<uint32_t>{5});
}
