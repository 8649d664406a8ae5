// SPDX-License-Identifier: Apache-2.0
//
// The command `click`: a Click router as a process.
#include <click/clock.hh>

#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "platform/linux/configuration_file.hh"
#include "platform/linux/driver.hh"
#include "platform/linux/element_docs.hh"
#include "platform/linux/graph.hh"
#include "platform/linux/handler_calls.hh"
#include "platform/linux/options.hh"
#include "platform/linux/workers.hh"
#include "platform/platform.hh"

namespace click {

namespace {

constexpr char kVersionText[] = "click (Flowstream) " CLICK_VERSION
                                "\n"
                                "Licensed under the Apache License, Version 2.0.\n"
                                "There is NO WARRANTY, to the extent permitted by law.\n";

/// Reports go to standard error, warnings only if they are wanted.
class DriverErrorHandler final : public ErrorHandler {
public:
    explicit DriverErrorHandler(bool show_warnings) : _show_warnings(show_warnings) {}
    bool shows(Level level) const override { return level != Level::Warning || _show_warnings; }

private:
    void emit(Level level, const Landmark& landmark, std::string_view text) override {
        if (shows(level)) {
            std::fflush(stdout);
            platform::log(render_report(level, landmark, text));
        }
    }

    bool _show_warnings;
};

/// What a run cost: user and system time of the process, and time on the clock.
class Stopwatch {
public:
    Stopwatch() { take(_start); }

    /// As the C shell's `time` prints it.
    void print() const {
        Sample end;
        take(end);
        int64_t user = end.user - _start.user;
        int64_t system = end.system - _start.system;
        int64_t wall = (end.wall - _start.wall) / 10'000'000;
        std::printf("%lld.%03lldu %lld.%03llds %lld:%02lld.%02lld\n", static_cast<long long>(user / 1000),
                    static_cast<long long>(user % 1000), static_cast<long long>(system / 1000),
                    static_cast<long long>(system % 1000), static_cast<long long>(wall / 6000),
                    static_cast<long long>(wall / 100 % 60), static_cast<long long>(wall % 100));
    }

private:
    struct Sample {
        int64_t user;    ///< ms
        int64_t system;  ///< ms
        int64_t wall;    ///< ns
    };
    static int64_t milliseconds(const timeval& time) { return int64_t{time.tv_sec} * 1000 + time.tv_usec / 1000; }
    static void take(Sample& sample) {
        rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        sample = {milliseconds(usage.ru_utime), milliseconds(usage.ru_stime), platform::monotonic_clock()};
    }

    Sample _start;
};

int document(const std::string& class_name) {
    for (const ElementDoc* doc = kElementDocs; doc->name; ++doc) {
        if (class_name == doc->name) {
            std::fputs(doc->text, stdout);
            return 0;
        }
    }
    std::fprintf(stderr, "click: unknown element class '%s'\n", class_name.c_str());
    return 1;
}

int list_elements() {
    for (const ElementClass* one : element_classes()) {
        std::printf("%s\n", one->name);
    }
    return 0;
}

/// Reads the configuration that the command line names.
bool load(Driver& driver, const Options& options, ErrorHandler& errh) {
    std::string text = options.expression;
    if (!options.has_expression && !read_file(options.file, text, errh)) {
        return false;
    }
    set_library_path(options.class_path);
    const char* name = options.has_expression ? "config" : options.file == "-" ? "<stdin>" : options.file.c_str();
    if (!driver.load(configuration_in(text), name)) {
        return false;
    }
    RouterDefinition flat = driver.flat_configuration();
    return (options.output.empty() || write_file(options.output, flat.unparse(), errh)) &&
           (options.graph.empty() || write_file(options.graph, graph_text(flat), errh));
}

int run(const Options& options) {
    DriverErrorHandler errh(!options.no_warnings);
    if (options.simulated_time) {
        clock::simulate();
    }
    if (options.affinity >= 0 && !stay_on_processor(options.affinity)) {
        errh.warning("cannot stay on processor %d: %s", options.affinity, std::strerror(errno));
    }
    std::signal(SIGHUP, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);

    Driver driver(options, errh);
    if (!load(driver, options, errh)) {
        return 1;
    }
    if (options.check_only) {
        return driver.configure() ? 0 : 1;
    }
    if (!driver.configure() || !driver.initialize()) {
        errh.message("Router could not be initialized!");
        return 1;
    }
    if (!options.quit) {
        Stopwatch stopwatch;
        driver.run();
        if (options.print_time) {
            stopwatch.print();
        }
    }
    int status = print_handlers(driver.router(), options.handlers, errh) ? 0 : 1;
    if (!options.exit_handler.empty()) {
        status = exit_status(driver.router(), options.exit_handler, errh);
    }
    return status;
}

}  // namespace

}  // namespace click

int main(int argc, char** argv) {
    click::Options options;
    if (!click::parse_options(argc, argv, options)) {
        return 1;
    }
    switch (options.action) {
        case click::Options::Action::Help:
            std::fputs(click::kUsage, stdout);
            return 0;
        case click::Options::Action::Version:
            std::fputs(click::kVersionText, stdout);
            return 0;
        case click::Options::Action::ListElements:
            return click::list_elements();
        case click::Options::Action::DocumentElement:
            return click::document(options.documented_element);
        case click::Options::Action::Run:
            return click::run(options);
    }
    return 1;
}
