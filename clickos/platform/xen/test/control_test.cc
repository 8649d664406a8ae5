// SPDX-License-Identifier: Apache-2.0
//
// docs/xenstore.md, each sentence that a module host relies on.
#include "platform/xen_control/control.hh"

#include <doctest/doctest.h>

#include "platform/xen/counters.hh"
#include "platform/xen/netfront.hh"
#include "platform/xen/test/domain.hh"
#include "platform/xen_control/sha256.hh"

namespace click::xen {

namespace {

const std::string kRouter = "data/clickos/0";

class Guest {
public:
    Guest() {
        domain::reset();
        interfaces::start();
    }
    void boot() { control.start(); }
    void turn() {
        control.follow_events();
        control.run_routers();
        control.follow_events();
    }
    void install(const std::string& text, int generation) {
        constexpr size_t kChunk = 512;
        for (size_t i = 0; i * kChunk < text.size(); ++i) {
            domain::host_writes(kRouter + "/config/" + std::to_string(i), text.substr(i * kChunk, kChunk));
        }
        domain::host_writes(kRouter + "/generation",
                            std::to_string(generation) + " " + std::to_string(text.size()) + " " + sha256(text));
        turn();
    }
    std::string ask(const std::string& request) {
        domain::host_writes(kRouter + "/request", request);
        turn();
        return domain::nodes[kRouter + "/reply"];
    }
    static std::string status() { return domain::nodes[kRouter + "/status"]; }

    Control control;
};

constexpr const char* kCounting = "i :: InfiniteSource(LIMIT 5, STOP false) -> c :: Counter -> Discard;";

}  // namespace

TEST_CASE("SHA-256 gives the digests of FIPS 180-4's examples") {
    CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a guest without a configuration says which protocol it speaks, and then nothing") {
    Guest guest;
    guest.boot();
    guest.turn();
    CHECK(domain::nodes["data/clickos"] == "1");
    CHECK(domain::writes == 1);
    guest.turn();
    CHECK(domain::writes == 1);
}

TEST_CASE("a configuration is installed, replaced with its state, and removed") {
    Guest guest;
    guest.boot();
    guest.install(kCounting, 1);
    CHECK(guest.status() == "1 running");
    CHECK(guest.ask("1 read c.count") == "1 ok 1\n5");
    domain::conflicts = 2;
    guest.install("s :: Idle -> c :: Counter -> q :: Queue -> Discard;", 2);
    CHECK(guest.status() == "2 running");
    CHECK(guest.ask("2 read q.capacity") == "2 ok 4\n1000");
    domain::host_writes(kRouter + "/generation", "3 0 " + sha256(""));
    guest.turn();
    CHECK(guest.status() == "3 stopped");
    CHECK(guest.ask("3 read q.capacity") == "3 error\nno router");
}

TEST_CASE("a wrong configuration is refused with its line, and the old one keeps running") {
    Guest guest;
    guest.boot();
    guest.install(kCounting, 1);
    guest.install("Idle\n-> x :: Nonsense -> Discard;", 2);
    CHECK(guest.status() == "2 error\nconfig:2: unknown element class 'Nonsense'\n");
    CHECK(guest.ask("1 read c.count") == "1 ok 1\n5");
}

TEST_CASE("a configuration that does not match its digest or length is refused") {
    Guest guest;
    guest.boot();
    domain::host_writes(kRouter + "/config/0", "Idle -> Discard;");
    domain::host_writes(kRouter + "/generation", "1 16 " + sha256("Idle -> Discard?"));
    guest.turn();
    CHECK(guest.status() == "1 error\nconfiguration does not match its SHA-256");
    domain::host_writes(kRouter + "/generation", "2 17 " + sha256("Idle -> Discard;"));
    guest.turn();
    CHECK(guest.status() == "2 error\nconfiguration has 16 bytes, expected 17");
}

TEST_CASE("a configuration of 256 KiB comes in chunks; a shorter one later is cut at its length") {
    Guest guest;
    guest.boot();
    std::string text = "Idle -> c :: Counter -> Discard;\n";
    text += "// " + std::string(256 * 1024, '.') + "\n";
    guest.install(text, 1);
    CHECK(guest.status() == "1 running");
    guest.install("Idle -> d :: Counter -> Discard;", 2);
    CHECK(guest.ask("1 read config") == "1 ok 32\nIdle -> d :: Counter -> Discard;");
}

TEST_CASE("handlers inside compound elements are reached, and those that are only written") {
    Guest guest;
    guest.boot();
    guest.install(
        "elementclass Gate { input -> s :: Switch(0) -> output; s[1] -> c :: Counter -> Discard }\n"
        "Idle -> g :: Gate -> c :: Counter -> Discard;",
        1);
    CHECK(guest.ask("1 write g/s.switch\n1") == "1 ok 0\n");
    CHECK(guest.ask("2 read g/s.switch") == "2 ok 1\n1");
    CHECK(guest.ask("3 write c.reset_counts") == "3 ok 0\n");
    CHECK(guest.ask("4 read c.reset_counts") == "4 error\nno read handler 'c.reset_counts'");
    CHECK(guest.ask("5 write g/s.switch\nx") == "5 error\nexpected integer\n");
}

TEST_CASE("a request that is seen twice is done once, and a long answer comes in parts") {
    Guest guest;
    guest.boot();
    std::string text = "Idle -> Discard; // " + std::string(5000, 'x');
    guest.install(text, 1);
    std::string whole;
    std::string reply = guest.ask("1 read config");
    CHECK(reply.starts_with("1 ok 5020\n"));
    whole = reply.substr(reply.find('\n') + 1);
    for (int number = 2; whole.size() < text.size(); ++number) {
        reply = guest.ask(std::to_string(number) + " more " + std::to_string(whole.size()));
        whole += reply.substr(reply.find('\n') + 1);
    }
    CHECK(whole == text);
    unsigned writes = domain::writes;
    guest.ask("1 read config");
    CHECK(domain::writes == writes + 1);
    guest.ask("1 read config");
    CHECK(domain::writes == writes + 1);
}

TEST_CASE("a router is stopped and started by the module host") {
    Guest guest;
    guest.boot();
    guest.install("Idle -> Discard;", 1);
    domain::host_writes(kRouter + "/control", "stop");
    guest.turn();
    CHECK(guest.status() == "1 stopped");
    domain::host_writes(kRouter + "/control", "start");
    guest.turn();
    CHECK(guest.status() == "1 running");
}

TEST_CASE("a router that stops itself says so") {
    Guest guest;
    guest.boot();
    guest.install("InfiniteSource(LIMIT 3, STOP true) -> Discard;", 1);
    guest.turn();
    CHECK(guest.status() == "1 stopped");
}

TEST_CASE("the slides' single value installs, and an empty one removes") {
    Guest guest;
    guest.boot();
    domain::host_writes("clickos/config", "Idle -> d :: Discard;");
    guest.turn();
    CHECK(guest.status() == "0 running");
    CHECK(guest.ask("1 read d.count") == "1 ok 1\n0");
    domain::host_writes("clickos/config", "");
    guest.turn();
    CHECK(guest.status() == "0 stopped");
}

TEST_CASE("an empty single value before any configuration does nothing") {
    Guest guest;
    domain::nodes["clickos/config"] = "";
    guest.boot();
    guest.turn();
    CHECK(domain::nodes.count(kRouter + "/status") == 0);
}

TEST_CASE("clickos-ctl's chunks are installed when status says Running, and Error says that they were refused") {
    Guest guest;
    guest.boot();
    domain::host_writes(kRouter + "/config/0", "Idle -> d :: ");
    domain::host_writes(kRouter + "/config/1", "Discard;");
    domain::host_writes(kRouter + "/status", "Running");
    guest.turn();
    CHECK(guest.status() == "Running");
    CHECK(guest.ask("1 read d.count") == "1 ok 1\n0");
    domain::host_writes(kRouter + "/config/1", "Nonsense;");
    domain::host_writes(kRouter + "/status", "Running");
    guest.turn();
    CHECK(guest.status() == "Error");
}

TEST_CASE("startup_config runs before anything is asked for") {
    Guest guest;
    domain::nodes["control/click/startup_config"] = kCounting;
    guest.boot();
    CHECK(guest.status() == "0 running");
    CHECK(domain::writes == 1);
}

TEST_CASE("what XenStore refuses is said on the console, and written after its next event") {
    Guest guest;
    guest.boot();
    for (const char* error : {"EQUOTA", "ENOSPC"}) {
        domain::write_error = error;
        guest.install(kCounting, error[1] == 'Q' ? 1 : 2);
        CHECK(domain::console.find("cannot write data/clickos/0/status: " + std::string(error)) != std::string::npos);
        domain::write_error.clear();
        guest.turn();
        CHECK(guest.status() == (error[1] == 'Q' ? "" : "1 running"));
        domain::host_writes(kRouter + "/note", "");
        guest.turn();
        CHECK(guest.status() == (error[1] == 'Q' ? "1 running" : "2 running"));
    }
}

TEST_CASE("a daemon that takes less than others gets a shorter reply and status, which say so") {
    Guest guest;
    guest.boot();
    domain::longest_value = 600;
    guest.install("Idle -> Discard; // " + std::string(5000, 'x'), 1);
    std::string reply = guest.ask("1 read config");
    CHECK(reply.starts_with("1 ok 5020\nIdle"));
    CHECK(reply.size() == 500);
    guest.install(std::string(900, 'X') + " -> Discard;", 2);
    CHECK(guest.status().starts_with("2 error\nconfig:1: "));
    CHECK(guest.status().ends_with(" bytes in all)"));
    CHECK(guest.status().size() == 500);
}

TEST_CASE("a configuration that cannot be read is reported, and read when it changes again") {
    Guest guest;
    guest.boot();
    domain::conflicts = 1000;
    guest.install(kCounting, 1);
    CHECK(domain::console.find("cannot read configuration of router 0: EAGAIN") != std::string::npos);
    CHECK(domain::nodes.count(kRouter + "/status") == 0);
    domain::conflicts = 0;
    guest.install(kCounting, 2);
    CHECK(guest.status() == "2 running");
}

TEST_CASE("the guest's own counters are read without a router") {
    Guest guest;
    guest.boot();
    counters.hypercalls = 1234;
    CHECK(guest.ask("1 read platform.hypercalls") == "1 ok 4\n1234");
    CHECK(guest.ask("2 read platform.free_pages").starts_with("2 ok "));
    CHECK(guest.ask("3 read platform.events").starts_with("3 ok "));
    CHECK(guest.ask("4 read platform.boot_us").starts_with("4 ok "));
    CHECK(guest.ask("5 write platform.events\n1") == "5 error\nno router");
}

TEST_CASE("after a suspend the routers have their state, and another XenStore hears of them") {
    Guest guest;
    guest.boot();
    guest.install(kCounting, 4);
    CHECK(guest.ask("1 read c.count") == "1 ok 1\n5");
    domain::host_writes("control/shutdown", "suspend");
    guest.turn();
    CHECK(guest.status() == "4 running");
    CHECK(guest.ask("2 read c.count") == "2 ok 1\n5");
    guest.install("Idle -> d :: Discard;", 5);
    CHECK(guest.ask("3 read d.count") == "3 ok 1\n0");
}

TEST_CASE("a XenStore that knows nothing of the guest hears what it runs, also when the kernel below suspended it") {
    Guest guest;
    guest.boot();
    guest.install(kCounting, 4);
    domain::nodes.clear();
    domain::host_writes("data/clickos", "");  // the first event of a watch that the kernel made anew...
    domain::nodes.clear();                    // ... for a node that is not there
    guest.turn();
    CHECK(guest.status() == "4 running");
    CHECK(guest.ask("1 read c.count") == "1 ok 1\n5");
}

TEST_CASE("after a suspend that was cancelled nothing is different") {
    Guest guest;
    guest.boot();
    guest.install(kCounting, 1);
    domain::moves = false;
    unsigned writes = domain::writes;
    domain::host_writes("control/shutdown", "suspend");
    guest.turn();
    CHECK(domain::nodes["control/shutdown"].empty());
    CHECK(domain::writes == writes + 1);
    CHECK(guest.ask("2 read c.count") == "2 ok 1\n5");
}

TEST_CASE("several routers run side by side") {
    Guest guest;
    guest.boot();
    guest.install(kCounting, 1);
    std::string other = "Idle -> c :: Counter -> Discard;";
    domain::host_writes("data/clickos/7/config/0", other);
    domain::host_writes("data/clickos/7/generation", "1 " + std::to_string(other.size()) + " " + sha256(other));
    guest.turn();
    CHECK(domain::nodes["data/clickos/7/status"] == "1 running");
    CHECK(guest.ask("1 read c.count") == "1 ok 1\n5");
    domain::host_writes("data/clickos/7/request", "1 read c.count");
    guest.turn();
    CHECK(domain::nodes["data/clickos/7/reply"] == "1 ok 1\n0");
}

TEST_CASE("a thousand replacements leave nothing behind") {
    Guest guest;
    guest.boot();
    for (int generation = 1; generation <= 1000; ++generation) {
        guest.install(kCounting, generation);
        REQUIRE(guest.status() == std::to_string(generation) + " running");
    }
}

}  // namespace click::xen
