// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/task.hh>

namespace click {

/// Base of pull elements that hold packets back until their time: who pulls from one sleeps until there may be a packet
/// again, instead of asking over and over.
class PacedPull : public Element {
public:
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPull; }
    int initialize(ErrorHandler& errh) override;
    bool run_task() override;
    void run_timer() override { _ready.wake(); }

protected:
    /// Only output 0 is paced.
    Notifier* empty_notifier(int port) override { return port == 0 ? &_ready : nullptr; }

    /// There is nothing to be had before that moment of the monotonic clock.
    void wait_until(int64_t steady);
    /// Upstream gave no packet.
    void wait_for_packets();
    /// Who pulls may try again.
    void wake() { _ready.wake(); }
    /// There is nothing to be had until `wake`.
    void sleep() { _ready.sleep(); }

private:
    Notifier _ready;
    NotifierSignal _upstream;
    Task _arrival{this};
    Timer _timer{this};
};

}  // namespace click
