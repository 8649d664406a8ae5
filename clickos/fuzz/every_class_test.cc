// SPDX-License-Identifier: Apache-2.0
//
// What holds for every class of the registry, so that a new one is tested the day it comes: the arguments of its documented
// example are accepted, hostile packets, hostile values for its handlers and a hot swap do it no harm, and neighbours who
// make up flows do not choose how much memory it takes. Each class runs in a process of its own, in simulated time.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <click/clock.hh>
#include <click/router.hh>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/class_bench.hh"
#include "fuzz/hostile_packets.hh"
#include "fuzz/packet_fuzz.hh"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace click {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr int kHostilePackets = 2000;
constexpr int kFlows = 20'000;
constexpr int kRuns = 20;
constexpr int kEvents = 20;
constexpr rlim_t kProcessorSeconds = 60;
/// Beyond what the first flows have brought into use.
constexpr size_t kGrowth = 1 << 20;

class Trial {
public:
    Trial(const ClassBench& bench, std::unique_ptr<Router> router, Scheduler& scheduler)
        : _bench(bench), _router(std::move(router)), _scheduler(scheduler) {}

    void send_hostile_packets() {
        for (int sent = 0; sent < kHostilePackets;) {
            for (int port = 0; port < _bench.inputs; ++port) {
                PacketBatch batch;
                for (int size = 1 + sent % PacketBatch::kCapacity; size > 0; --size, ++sent) {
                    batch.append(_packets.next());
                }
                push(port, batch);
            }
            run_for(_scheduler, clock::kSecond / 100);
            if (_bench.inputs == 0) {
                sent += 100;
            }
        }
    }

    void send_flows(int count) {
        for (int sent = 0; sent < count && _bench.inputs > 0;) {
            for (int port = 0; port < _bench.inputs; ++port, ++sent) {
                PacketBatch batch;
                batch.append(_packets.next_flow());
                push(port, batch);
            }
            run_for(_scheduler, 1000);
        }
    }

    /// Every handler is read, and written with what it may want and what it will not.
    void try_handlers() {
        static const char* const kValues[] = {
            "",  "0",   "1", "-1", "true", "18446744073709551615", "1e300", "10.0.0.1", "a b, (c", "0 0 0 0 0 0 0 0",
            "x", "1.5s"};
        SilentErrorHandler errh;
        Element* element = _router->find("x");
        for (const Handler* handler : _router->handlers(element)) {
            Router::HandlerRef ref{element, handler};
            for (const char* value : kValues) {
                if (handler->write) {
                    _router->write(ref, value, errh);
                }
                if (handler->read) {
                    _router->read(ref, value, errh);
                }
            }
            run_for(_scheduler, clock::kSecond / 10);
        }
    }

    bool swap(std::string& why) {
        std::unique_ptr<Router> next = start_bench(_bench, _scheduler, _router.get(), why);
        if (!next) {
            return false;
        }
        _router = std::move(next);
        return true;
    }

private:
    void push(int port, PacketBatch& batch) { _router->find("in" + std::to_string(port))->push(0, batch); }

    const ClassBench& _bench;
    std::unique_ptr<Router> _router;
    Scheduler& _scheduler;
    HostilePackets _packets{1};
};

size_t bytes_in_use() {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// Events as libFuzzer makes them (packet_target.cc), the same ones each time.
void send_events(const ElementClass& element_class) {
    std::mt19937 random(1);
    HostilePackets packets(1);
    for (int run = 0; run < kRuns; ++run) {
        std::vector<uint8_t> events;
        for (int event = 0; event < kEvents; ++event) {
            if (random() % 2 == 0) {
                std::vector<uint8_t> one = packet_event(*packets.next(), static_cast<uint8_t>(random()));
                events.insert(events.end(), one.begin(), one.end());
            } else {
                std::generate_n(std::back_inserter(events), random() % 32, std::ref(random));
            }
        }
        fuzz_packets(element_class, events);
    }
}

/// In a process of its own: what is wrong with the class, or nothing.
std::string trial(const ElementClass& element_class) {
    Scheduler scheduler;
    std::string why = "no number of ports fits";
    for (const ClassBench& bench : class_benches(element_class)) {
        std::string complaints;
        std::unique_ptr<Router> router = start_bench(bench, scheduler, nullptr, complaints);
        if (!router) {
            why = bench.configuration + complaints;
            continue;
        }
        Trial one(bench, std::move(router), scheduler);
        one.send_hostile_packets();
        one.try_handlers();
        one.send_hostile_packets();
        if (!one.swap(complaints)) {
            return "hot swap: " + complaints;
        }
        one.send_hostile_packets();
        if (!kSanitized) {
            one.send_flows(kFlows);
            size_t before = bytes_in_use();
            one.send_flows(2 * kFlows);
            size_t after = bytes_in_use();
            if (after > before + kGrowth) {
                return std::to_string(2 * kFlows) + " more flows took " + std::to_string(after - before) + " bytes";
            }
        }
        send_events(element_class);
        return {};
    }
    return why;
}

struct Result {
    int status;
    std::string said;
};

Result run(const ElementClass& element_class, const std::filesystem::path& folder) {
    std::string log = folder / "log";
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::filesystem::current_path(folder);
        int output = open(log.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(output, 1);
        dup2(output, 2);
        rlimit limit{kProcessorSeconds, kProcessorSeconds};
        setrlimit(RLIMIT_CPU, &limit);
        alarm(5 * kProcessorSeconds);
        clock::simulate();
        std::string wrong = trial(element_class);
        bool leaks = false;
#if defined(__SANITIZE_ADDRESS__)
        leaks = __lsan_do_recoverable_leak_check() != 0;
#endif
        if (!wrong.empty()) {
            static_cast<void>(!write(2, wrong.data(), wrong.size()));
        }
        _exit(wrong.empty() && !leaks ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    std::ifstream file(log, std::ios::binary);
    std::string said(std::istreambuf_iterator<char>(file), {});
    constexpr size_t kTail = 1500;
    return {status, said.size() > kTail ? said.substr(said.size() - kTail) : said};
}

}  // namespace

TEST_CASE("every class bears hostile packets, handlers' values, a hot swap and floods of flows") {
    char pattern[] = "/tmp/every-class-XXXXXX";
    REQUIRE(mkdtemp(pattern));
    std::filesystem::path folder = pattern;
    const char* only = std::getenv("CLASS");
    for (const ElementClass* element_class : element_classes()) {
        if (!has_class_bench(*element_class) || (only && std::string_view(only) != element_class->name)) {
            continue;
        }
        Result result = run(*element_class, folder);
        INFO(std::string(element_class->name) << ": " << result.said);
        CHECK(result.status == 0);
    }
    std::filesystem::remove_all(folder);
}

}  // namespace click
