// SPDX-License-Identifier: Apache-2.0
#include "platform/xen_control/control.hh"

#include <algorithm>

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/platform.hh"
#include "platform/xen_control/guest.hh"
#include "platform/xen_control/log.hh"
#include "platform/xen_control/sha256.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

namespace {

constexpr const char* kRoot = "data/clickos";
constexpr const char* kRootToken = "routers";
constexpr const char* kSingleValue = "clickos/config";
constexpr const char* kSingleValueToken = "single";
constexpr const char* kShutdown = "control/shutdown";
constexpr const char* kShutdownToken = "shutdown";
constexpr const char* kStartupConfig = "control/click/startup_config";
/// Router of everything that names none.
constexpr const char* kFirstRouter = "0";
/// What a guest without a configuration says of itself: the version of docs/xenstore.md.
constexpr const char* kProtocolVersion = "1";
constexpr size_t kLongestConfiguration = 4 << 20;

/// Reads the chunks `config/0`, `config/1`... up to the first that is not there.
bool read_chunks(const std::string& folder, std::string& text, uint32_t transaction) {
    text.clear();
    std::string chunk;
    for (unsigned i = 0; text.size() < kLongestConfiguration; ++i) {
        if (!xenstore::read(folder + "/config/" + std::to_string(i), chunk, transaction)) {
            return xenstore::error() == "ENOENT";
        }
        text += chunk;
    }
    return false;
}

}  // namespace

void Control::start() {
    std::string text;
    if (std::string_view own = guest::own_configuration(); !own.empty()) {
        install(kFirstRouter, std::string(own));
    } else if (xenstore::read(kStartupConfig, text) && !text.empty()) {
        install(kFirstRouter, text);
    } else if (!xenstore::read(kRoot, text)) {
        xenstore::write(kRoot, kProtocolVersion);
    }
    watch();
    // The first event of a watch says nothing of what is already there below its path.
    std::vector<std::string> routers;
    if (xenstore::list(kRoot, routers)) {
        for (const std::string& number : routers) {
            follow_router(number, "generation");
            follow_router(number, "status");
            follow_router(number, "request");
        }
    }
}

void Control::watch() {
    xenstore::watch(kRoot, kRootToken);
    xenstore::watch(kSingleValue, kSingleValueToken);
    xenstore::watch(kShutdown, kShutdownToken);
}

void Control::follow_events() {
    xenstore::receive_events();
    xenstore::Event event;
    bool any = false;
    while (xenstore::next_event(event)) {
        any = true;
        if (event.token == kSingleValueToken) {
            follow_single_value();
        } else if (event.token == kShutdownToken) {
            follow_shutdown();
        } else if (event.token != kRootToken) {
            guest::follow_device(event.path, event.token);
        } else if (event.path == kRoot) {
            follow_root();
        } else if (event.path.size() > std::string_view(kRoot).size() + 1) {
            // data/clickos/<router>/<node>
            std::string rest = event.path.substr(std::string_view(kRoot).size() + 1);
            size_t slash = rest.find('/');
            if (slash != std::string::npos) {
                follow_router(rest.substr(0, slash), std::string_view(rest).substr(slash + 1));
            }
        }
    }
    if (any) {
        _outbox.try_again();
    }
}

void Control::follow_router(const std::string& number, std::string_view node) {
    uint64_t unused;
    if (!parse_unsigned(number, unused)) {
        return;
    }
    if (node == "generation") {
        follow_generation(number);
    } else if (node == "control") {
        follow_control(number);
    } else if (node == "request") {
        follow_request(number);
    } else if (node == "status") {
        follow_chunk_status(number);
    }
}

void Control::follow_generation(const std::string& number) {
    std::string line;
    std::string text;
    bool there = xenstore::transact([&](uint32_t transaction) {
        return xenstore::read(folder(number) + "/generation", line, transaction) &&
               read_chunks(folder(number), text, transaction);
    });
    if (!there) {
        if (xenstore::error() != "ENOENT") {
            log(LogLevel::Error, "cannot read configuration of router " + number + ": " + xenstore::error() + "\n");
        }
        return;
    }
    std::string_view rest = line;
    std::string generation(take_word(rest));
    uint64_t length = 0;
    bool good = parse_unsigned(take_word(rest), length);
    std::string digest(take_word(rest));
    std::unique_ptr<Instance>& instance = _instances[number];
    if (!instance) {
        instance = std::make_unique<Instance>();
    }
    if (instance->generation == generation || generation.empty()) {
        return;
    }
    log(LogLevel::Debug, "router " + number + " generation " + line + "\n");
    instance->generation = generation;
    instance->by_chunks = false;
    if (!good) {
        report(number, "error", "generation: expected NUMBER LENGTH SHA256, got '" + line + "'");
    } else if (length == 0) {
        remove(number);
    } else if (text.size() < length) {
        report(number, "error",
               format("configuration has %zu bytes, expected %s", text.size(), std::to_string(length).c_str()));
    } else {
        text.resize(length);  // chunks of a longer one before may still be there
        if (sha256(text) != digest) {
            report(number, "error", "configuration does not match its SHA-256");
        } else {
            install(number, text);
        }
    }
}

/// clickos-ctl's way: chunks, and then `Running` or `Halted` as the status.
void Control::follow_chunk_status(const std::string& number) {
    std::string status;
    std::string text;
    if (!xenstore::read(folder(number) + "/status", status) || (status != "Running" && status != "Halted")) {
        return;
    }
    auto found = _instances.find(number);
    if (status == "Halted") {
        if (found != _instances.end()) {
            found->second->running = false;
        }
        return;
    }
    if (!xenstore::transact([&](uint32_t transaction) { return read_chunks(folder(number), text, transaction); })) {
        return;
    }
    std::unique_ptr<Instance>& instance = _instances[number];
    if (!instance) {
        instance = std::make_unique<Instance>();
    }
    instance->by_chunks = true;
    if (instance->router && instance->digest == sha256(text)) {
        instance->scheduler.clear_stop();
        instance->running = true;
    } else {
        install(number, text);
    }
}

void Control::follow_single_value() {
    std::string text;
    bool there = xenstore::read(kSingleValue, text);
    if (!there || (_single_value_known && text == _single_value)) {
        return;
    }
    bool first = !_single_value_known;
    _single_value_known = true;
    _single_value = text;
    if (!text.empty()) {
        install(kFirstRouter, text);
    } else if (!first) {
        remove(kFirstRouter);
    }
}

void Control::install(const std::string& number, const std::string& text) {
    std::unique_ptr<Instance>& instance = _instances[number];
    if (!instance) {
        instance = std::make_unique<Instance>();
    }
    if (trim(text).empty()) {
        remove(number);
        return;
    }
    TextErrorHandler errh;
    RouterDefinition definition;
    std::unique_ptr<Router> router;
    if (parse_router(text, "config", {}, definition, errh)) {
        router = std::make_unique<Router>(std::move(definition), Router::Environment{instance->scheduler});
        if (router->configure(errh) < 0 || router->initialize(instance->router.get(), errh) < 0) {
            router.reset();
        }
    }
    log(router ? LogLevel::Warning : LogLevel::Error, errh.text());
    if (!router) {
        report(number, "error", errh.text());
        return;
    }
    if (instance->router) {
        router->take_over(errh);
    }
    instance->router = std::move(router);
    instance->digest = sha256(text);
    instance->scheduler.clear_stop();
    instance->running = true;
    instance->router->start();
    int64_t since = guest::age();
    _boot = _boot < 0 ? since : _boot;
    log(LogLevel::Info,
        format("router %s running, %lld us after entry\n", number.c_str(), static_cast<long long>(since / 1000)));
    report(number, "running");
}

void Control::remove(const std::string& number) {
    auto found = _instances.find(number);
    if (found == _instances.end()) {
        return;
    }
    Instance& instance = *found->second;
    instance.running = false;
    instance.router.reset();
    instance.digest.clear();
    log(LogLevel::Info, "router " + number + " removed\n");
    report(number, "stopped");
}

void Control::follow_control(const std::string& number) {
    std::string command;
    auto found = _instances.find(number);
    if (!xenstore::read(folder(number) + "/control", command) || found == _instances.end()) {
        return;
    }
    Instance& instance = *found->second;
    if (command == "stop" && instance.running) {
        instance.running = false;
        report(number, "stopped");
    } else if (command == "start" && instance.router && !instance.running) {
        instance.scheduler.clear_stop();
        instance.running = true;
        report(number, "running");
    }
}

void Control::report(const std::string& number, std::string_view state, std::string_view message) {
    const Instance& instance = *_instances[number];
    std::string status;
    if (!instance.by_chunks) {
        status = instance.generation + " " + std::string(state);
        if (!message.empty()) {
            (status += '\n').append(message);
        }
    } else if (state == "error") {
        status = "Error";
    } else {
        return;  // clickos-ctl has written it already
    }
    _outbox.write(folder(number) + "/status", status, Outbox::Cut::Marked);
}

void Control::follow_shutdown() {
    std::string request;
    if (!xenstore::read(kShutdown, request) || request.empty()) {
        return;
    }
    if (guest::follow_shutdown(request)) {
        watch();
    }
}

/// XenStore that knows nothing of us is another one: the domain goes on after a suspend. The first event of our watches
/// there brings us here, whoever made them anew.
void Control::follow_root() {
    std::string unused;
    if (xenstore::read(kRoot, unused) || xenstore::error() != "ENOENT") {
        return;
    }
    _single_value_known = false;
    _outbox.clear();
    bool any = false;
    for (const auto& [number, instance] : _instances) {
        if (instance->router) {
            any = true;
            report(number, instance->running ? "running" : "stopped");
        }
    }
    if (!any) {
        xenstore::write(kRoot, kProtocolVersion);
    }
    log(LogLevel::Info, "resumed\n");
}

bool Control::run_routers() {
    bool busy = false;
    for (const auto& [number, instance] : _instances) {
        if (!instance->running) {
            continue;
        }
        instance->scheduler.run_once(false);
        if (instance->scheduler.stopped()) {
            instance->running = false;
            report(number, "stopped");
        } else {
            busy = busy || !instance->scheduler.idle();
        }
    }
    return busy;
}

int64_t Control::next_timer() const {
    int64_t next = -1;
    for (const auto& [number, instance] : _instances) {
        int64_t expiry = instance->running ? instance->scheduler.next_timer() : -1;
        if (expiry >= 0 && (next < 0 || expiry < next)) {
            next = expiry;
        }
    }
    return next;
}

void run_control() {
    Control control;
    control.start();
    for (;;) {
        control.follow_events();
        if (!control.run_routers() && !xenstore::events_left()) {
            platform::wait(control.next_timer());
        }
    }
}

}  // namespace click::xen
