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
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fuzz/hostile_packets.hh"
#include "platform/linux/element_docs.hh"

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
constexpr rlim_t kProcessorSeconds = 60;
/// Beyond what the first flows have brought into use.
constexpr size_t kGrowth = 1 << 20;

/// Classes that open devices, files or sockets of the machine: their tests make these first.
const std::set<std::string_view> kOutside{
    "ControlSocket",
    "FromDevice",
    "FromDump",
    "FromHost",
    "FromIPSummaryDump",
    "FromNetFlowSummaryDump",
    "FromSocket",
    "KernelTap",
    "KernelTun",
    "RawSocket",
    "Socket",
    "ToDevice",
    "ToDump",
    "ToHost",
    "ToSocket",
    "ToIPSummaryDump",
};

/// Classes that no configuration can hold.
const std::set<std::string_view> kRefusing{"Error"};

/// What else the examples declare that name other elements.
const std::map<std::string_view, std::string_view> kCompanions{
    {"EtherSpanTree",
     "Idle -> in :: Suppressor -> switch :: EtherSwitch -> out :: Suppressor -> Discard;\n"
     "Idle -> [1]in[1] -> [1]switch[1] -> [1]out[1] -> Discard;\n"},
    {"FTPPortMapper",
     "rw :: TCPRewriter(pattern 1.0.0.1 1024-65535 - - 0 1, drop); Idle -> rw -> Discard; Idle -> [1]rw[1] -> "
     "Discard;\n"},
    {"HandlerAggregate", "a :: Counter; b :: Counter; Idle -> a -> b -> Discard;\n"},
    {"ICMPRewriter",
     "rw :: IPRewriter(pattern 1.0.0.1 1024-65535 - - 0 1, drop); Idle -> rw -> Discard; Idle -> [1]rw[1] -> "
     "Discard;\n"},
    {"ProgressBar", "s :: RatedSource(LIMIT 1) -> c :: Counter -> Discard;\n"},
    {"QuitWatcher", "s :: RatedSource(LIMIT 1) -> Discard;\n"},
    {"ScheduleInfo", "a :: RatedSource(LIMIT 1) -> Discard; b :: RatedSource(LIMIT 1) -> Discard;\n"},
    {"StaticThreadSched", "a :: RatedSource(LIMIT 1) -> Discard; b :: RatedSource(LIMIT 1) -> Discard;\n"},
    {"TimestampDiff", "Idle -> r :: RecordTimestamp(OFFSET 40) -> Discard;\n"},
};

std::string documentation(std::string_view class_name) {
    for (const ElementDoc* doc = kElementDocs; doc->name; ++doc) {
        if (class_name == doc->name) {
            return doc->text;
        }
    }
    return {};
}

/// The arguments that a class has in its documented example; none if it stands there without.
std::string documented_arguments(std::string_view class_name) {
    std::string text = documentation(class_name);
    size_t example = text.find("\n=e");
    for (size_t at = example; at != std::string::npos && (at = text.find(class_name, at)) != std::string::npos; ++at) {
        size_t end = at + class_name.size();
        if (std::isalnum(text[at - 1]) || end >= text.size() || text[end] != '(') {
            continue;
        }
        int depth = 0;
        for (size_t close = end; close < text.size(); ++close) {
            depth += text[close] == '(' ? 1 : text[close] == ')' ? -1 : 0;
            if (depth == 0) {
                std::string arguments = text.substr(end + 1, close - end - 1);
                if (arguments.find("...") == std::string::npos) {
                    return arguments;
                }
                break;
            }
        }
    }
    return {};
}

/// The numbers of ports that one side of a port count code allows, as many as are worth a try: "2", "1-2", "1-", "-".
std::vector<int> port_numbers(std::string_view code) {
    constexpr int kTries = 8;
    size_t dash = code.find('-');
    int low = std::isdigit(code.front()) ? code.front() - '0' : 0;
    bool open = dash == code.size() - 1;
    int high = dash == std::string_view::npos ? low : open ? std::max(low, 1) + kTries : code[dash + 1] - '0';
    std::vector<int> numbers;
    for (int number = low; number <= high; ++number) {
        numbers.push_back(number);
    }
    if (!open) {
        std::reverse(numbers.begin(), numbers.end());  // optional ports too
    }
    return numbers;
}

/// 'h', 'l' or 'a': what a processing code ("h/lh") says of a port; the last letter repeats.
char processing_of(std::string_view code, bool output, int port) {
    size_t slash = code.find('/');
    std::string_view side = slash == std::string_view::npos ? code
                            : output                        ? code.substr(slash + 1)
                                                            : code.substr(0, slash);
    return side[std::min(static_cast<size_t>(port), side.size() - 1)];
}

/// A class between queues and drains that fit its ports.
struct Bench {
    int inputs;
    std::string configuration;
};

std::vector<Bench> benches(const ElementClass& element_class) {
    std::unique_ptr<Element> element(element_class.make());
    std::string_view counts = element->port_count();
    size_t slash = counts.find('/');
    std::string_view output_code = slash == std::string_view::npos ? counts : counts.substr(slash + 1);
    std::string name = element_class.name;
    auto companions = kCompanions.find(name);
    std::string declaration = companions == kCompanions.end() ? "" : std::string(companions->second);
    declaration += "x :: " + name + "(" + documented_arguments(name) + ");\n";
    std::vector<Bench> all;
    for (int inputs : port_numbers(counts.substr(0, slash))) {
        bool same = output_code.front() == '=';
        for (int outputs :
             same ? std::vector<int>{inputs + static_cast<int>(output_code.size()) - 1} : port_numbers(output_code)) {
            Bench bench{inputs, declaration};
            for (int port = 0; port < inputs; ++port) {
                std::string number = std::to_string(port);
                bool pull = processing_of(element->processing(), false, port) == 'l';
                bench.configuration +=
                    "Idle -> in" + number + " :: " + (pull ? "Queue" : "Null") + " -> [" + number + "]x;\n";
            }
            for (int port = 0; port < outputs; ++port) {
                // Queues have room for what a class sends at once, and AQM looks for them.
                bool pull = processing_of(element->processing(), true, port) == 'l';
                bench.configuration += "x[" + std::to_string(port) + "] -> " + (pull ? "" : "Queue -> ") + "Discard;\n";
            }
            all.push_back(std::move(bench));
        }
    }
    return all;
}

/// A running router of that configuration in the place of another, or null with the complaints.
std::unique_ptr<Router> start(const std::string& configuration, Scheduler& scheduler, Router* replaced,
                              std::string& why) {
    TextErrorHandler errh;
    RouterDefinition definition;
    std::unique_ptr<Router> router;
    if (parse_router(configuration, "config", {}, definition, errh)) {
        router = std::make_unique<Router>(std::move(definition), Router::Environment{scheduler});
        if (router->configure(errh) < 0 || router->initialize(replaced, errh) < 0) {
            router.reset();
        }
    }
    if (router) {
        if (replaced) {
            router->take_over(errh);
        }
        router->start();
    }
    why = errh.text();
    return router;
}

class Trial {
public:
    Trial(const Bench& bench, std::unique_ptr<Router> router, Scheduler& scheduler)
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
            turn(clock::kSecond / 100);
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
            turn(1000);
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
            turn(clock::kSecond / 10);
        }
    }

    bool swap(std::string& why) {
        std::unique_ptr<Router> next = start(_bench.configuration, _scheduler, _router.get(), why);
        if (!next) {
            return false;
        }
        _router = std::move(next);
        return true;
    }

private:
    void push(int port, PacketBatch& batch) { _router->find("in" + std::to_string(port))->push(0, batch); }

    void turn(int64_t nanoseconds) {
        clock::advance_to(clock::steady() + nanoseconds);
        for (int round = 0; round < 4; ++round) {
            _scheduler.run_once(false);
        }
        _scheduler.clear_stop();
    }

    const Bench& _bench;
    std::unique_ptr<Router> _router;
    Scheduler& _scheduler;
    HostilePackets _packets{1};
};

size_t bytes_in_use() {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// In a process of its own: what is wrong with the class, or nothing.
std::string trial(const ElementClass& element_class) {
    Scheduler scheduler;
    std::string why = "no number of ports fits";
    for (const Bench& bench : benches(element_class)) {
        std::string complaints;
        std::unique_ptr<Router> router = start(bench.configuration, scheduler, nullptr, complaints);
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
        if (kOutside.contains(element_class->name) || kRefusing.contains(element_class->name) ||
            (only && std::string_view(only) != element_class->name)) {
            continue;
        }
        Result result = run(*element_class, folder);
        INFO(std::string(element_class->name) << ": " << result.said);
        CHECK(result.status == 0);
    }
    std::filesystem::remove_all(folder);
}

}  // namespace click
