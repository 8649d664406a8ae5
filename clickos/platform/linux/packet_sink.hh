// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/task.hh>

#include <algorithm>

namespace click {

/// What reads packets in `transform` and passes them on if its output is connected; without one, it keeps them, and pulls
/// them if its input is a pull input.
class PacketSink : public Element {
public:
    const char* port_count() const override { return "1/0-1"; }
    bool shows_order() const override { return true; }

    void push(int port, PacketBatch& batch) override {
        if (noutputs() > 0) {
            Element::push(port, batch);
        } else {
            transform(batch);
        }
    }

    bool run_task() override {
        PacketBatch batch;
        input(0).pull(batch, static_cast<unsigned>(std::min<uint64_t>(_task.turn_budget(1), PacketBatch::kCapacity)));
        _task.turn_moved(batch.size());
        bool worked = !batch.empty();
        transform(batch);
        if (worked || _packets.active()) {
            _task.reschedule();
        }
        return worked;
    }

protected:
    /// To be called when the element is initialized.
    void begin_pulling() {
        if (noutputs() == 0 && input_is_pull(0)) {
            _task.initialize(this, true);
            _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
        }
    }

private:
    NotifierSignal _packets;
    Task _task{this};
};

}  // namespace click
