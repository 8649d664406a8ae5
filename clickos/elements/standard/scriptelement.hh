// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include <memory>
#include <string>
#include <vector>

#include "elements/standard/scriptmachine.hh"

namespace click {

/// What Script and DriverManager are: a program of instructions, when it runs, and the handlers around it.
class ScriptElement : public Element {
public:
    const char* port_count() const override { return "-/-"; }
    const char* processing() const override { return noutputs() > 0 ? "ah/ah" : kPush; }
    int configure_phase() const override { return kPhaseLast; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void cleanup() override;
    void add_handlers() override;
    const Handler* unknown_handler(std::string_view name) override;
    void run_timer() override { step(1); }
    void push(int port, PacketBatch& batch) override;
    void transform(PacketBatch& batch) override;
    bool shows_order() const override { return _type == Type::Packet; }

protected:
    enum class Type : uint8_t { Active, Passive, Driver, Packet, Signal, Proxy };
    explicit ScriptElement(Type type) : _type(type) {}
    void print_reads_plainly() { _machine.set_plain_reads(); }

private:
    /// A proxy keeps the names of handlers that were asked for, at most so many.
    static constexpr size_t kMostProxied = 1024;

    int read_type(std::string_view text, ErrorHandler& errh);
    /// Runs a script of packets for one of input `port`: the output by which it goes on, or -1 where it is dropped.
    int output_of(int port, ErrorHandler& errh);
    bool stop_event();
    void step(unsigned steps);
    void start();
    void signalled(int number);
    void unwatch_signals();

    int write_step(std::string_view value, ErrorHandler& errh);
    int write_goto(std::string_view value, ErrorHandler& errh);
    std::string read_run(std::string_view parameter, ErrorHandler& errh) {
        return _machine.call_program({}, parameter, errh);
    }
    int write_run(std::string_view value, ErrorHandler& errh);
    std::string read_proxied(std::string_view parameter, int which, ErrorHandler& errh);
    int write_proxied(std::string_view value, int which, ErrorHandler& errh);
    std::string get(std::string_view name, ErrorHandler& errh);
    int write_set(std::string_view value, int unquoted, ErrorHandler& errh);
    std::string has_value(std::string_view arguments, ErrorHandler& errh);
    std::string call_function(std::string_view arguments, int which, ErrorHandler& errh);
    int write_kill(std::string_view value, ErrorHandler& errh);
    std::string exported(int index);

    Type _type;
    bool _started = false;
    unsigned _early_stops = 0;  ///< before a driver's script has started
    ScriptMachine _machine{*this};
    std::vector<std::string> _exports;
    std::vector<int> _signals;
    std::vector<std::unique_ptr<Handler>> _proxied;
};

}  // namespace click
