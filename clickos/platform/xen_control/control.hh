// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router.hh>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "platform/xen_control/outbox.hh"

namespace click::xen {

/// The control plane of the guest (docs/xenstore.md): follows what the module host writes below `data/clickos`, keeps the
/// routers that it asks for, and answers.
class Control {
public:
    Control() = default;
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

    /// Installs the configuration that the domain was started with, if any, and watches for more.
    void start();
    /// Does what XenStore asks for.
    void follow_events();
    /// One turn of all routers; false when none has anything to do now.
    bool run_routers();
    /// When the first timer of a router expires (monotonic clock); negative: never.
    int64_t next_timer() const;

private:
    /// A configuration that was asked for, and the router that runs.
    struct Instance {
        Scheduler scheduler;
        std::unique_ptr<Router> router;
        bool running = false;
        std::string generation = "0";  ///< as the module host wrote it last
        std::string digest;            ///< of the configuration that runs
        bool by_chunks = false;        ///< controlled as clickos-ctl does it: no generation, `status` is the command
        std::string last_request;
        std::string answer;  ///< to the last request, whole
    };

    static std::string folder(const std::string& number) { return "data/clickos/" + number; }
    void follow_router(const std::string& number, std::string_view node);
    void follow_generation(const std::string& number);
    void follow_control(const std::string& number);
    void follow_request(const std::string& number);
    void follow_chunk_status(const std::string& number);
    void follow_single_value();
    void follow_shutdown();
    void watch();
    void follow_root();
    void install(const std::string& number, const std::string& text);
    void remove(const std::string& number);
    void set_running(const std::string& number, bool running);
    void report(const std::string& number, std::string_view state, std::string_view message = {});
    std::string answer(Instance& instance, std::string_view question);
    bool read_platform(std::string_view name, std::string& value) const;

    std::map<std::string, std::unique_ptr<Instance>> _instances;
    Outbox _outbox;
    std::string _single_value;
    bool _single_value_known = false;
    int64_t _boot = -1;  ///< nanoseconds from entry until the first router ran
};

/// Runs the guest's routers as XenStore asks for them, for good.
[[noreturn]] void run_control();

}  // namespace click::xen
