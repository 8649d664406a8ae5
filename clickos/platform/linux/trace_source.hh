// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/handlercall.hh>
#include <click/notifier.hh>

namespace click {

/// Base of elements that emit the packets of a trace, one after the other: at once, or as far apart as their
/// timestamps.
class TraceSource : public Element {
public:
    const char* processing() const override { return "a/ah"; }
    int initialize(ErrorHandler& errh) override;
    void pull(int port, PacketBatch& batch, unsigned most) override;
    bool run_task() override;
    void run_timer() override { wake(); }
    Notifier* empty_notifier(int port) override { return port == 0 ? &_ready : nullptr; }

protected:
    /// Makes `_packet` the next packet that belongs to what was asked for, unless there is one. False at the end.
    virtual bool read() = 0;
    /// What becomes of a packet whose time has come: it may be gone.
    virtual PacketPtr admit(PacketPtr packet) { return packet; }

    /// Adds the keywords STOP, TIMING, SAMPLE, END_CALL and ACTIVE.
    Args& trace_arguments(Args& args, bool& stop);
    /// Checks them; negative after a report.
    int check_arguments(bool stop, ErrorHandler& errh);
    /// Handlers count, packets, reset_counts, sampling_prob, active, reset_timing, stop.
    void add_trace_handlers();
    /// Whether chance lets a packet be one of the sample.
    bool sampled();
    /// Goes on, where something changed that it depends on.
    void wake();
    /// Goes on behind what was the end, or with another packet.
    void restart() {
        _ended = false;
        wake();
    }
    void take_progress(const TraceSource& old);

    PacketPtr _packet;  ///< read, but not due yet

private:
    /// The next packet that is due, or null; then `_ended` says whether more may come later.
    PacketPtr take();
    bool due(const Packet& packet);
    void end();
    std::string sampling() const;
    void reset_counts() { _count.reset(); }
    void reset_timing() { _timing_set = false; }
    void stop();

    bool _timing = false;
    double _sample = 1;
    bool _active = true;
    HandlerCall _end_call;
    bool _ended = false;
    bool _timing_set = false;
    int64_t _timing_offset = 0;  ///< of the monotonic clock to the packets' timestamps
    uint64_t _random = 0;
    Tally _count;
    Notifier _ready;
    NotifierSignal _room;
    Task _task{this};
    Timer _timer{this};
};

}  // namespace click
