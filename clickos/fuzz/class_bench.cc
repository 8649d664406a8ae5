// SPDX-License-Identifier: Apache-2.0
#include "fuzz/class_bench.hh"

#include <click/clock.hh>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "platform/linux/element_docs.hh"

namespace click {

namespace {

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
    "ToIPFlowDumps",
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

}  // namespace

bool has_class_bench(const ElementClass& element_class) {
    return !kOutside.contains(element_class.name) && !kRefusing.contains(element_class.name);
}

std::vector<ClassBench> class_benches(const ElementClass& element_class) {
    std::unique_ptr<Element> element(element_class.make());
    std::string_view counts = element->port_count();
    size_t slash = counts.find('/');
    std::string_view output_code = slash == std::string_view::npos ? counts : counts.substr(slash + 1);
    std::string name = element_class.name;
    auto companions = kCompanions.find(name);
    std::string declaration = companions == kCompanions.end() ? "" : std::string(companions->second);
    declaration += "x :: " + name + "(" + documented_arguments(name) + ");\n";
    std::vector<ClassBench> all;
    for (int inputs : port_numbers(counts.substr(0, slash))) {
        bool same = output_code.front() == '=';
        for (int outputs :
             same ? std::vector<int>{inputs + static_cast<int>(output_code.size()) - 1} : port_numbers(output_code)) {
            ClassBench bench{inputs, declaration};
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

std::unique_ptr<Router> start_bench(const ClassBench& bench, Scheduler& scheduler, Router* replaced, std::string& why) {
    TextErrorHandler errh;
    RouterDefinition definition;
    std::unique_ptr<Router> router;
    if (parse_router(bench.configuration, "config", {}, definition, errh)) {
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

void run_for(Scheduler& scheduler, int64_t nanoseconds) {
    clock::advance_to(clock::steady() + nanoseconds);
    for (int round = 0; round < 4; ++round) {
        scheduler.run_once(false);
    }
    scheduler.clear_stop();
}

}  // namespace click
