// SPDX-License-Identifier: Apache-2.0
/*
=c
Discard([I<keywords> ACTIVE, BURST])
=s basicsources
drops all packets
=d
Drops every packet that it gets. On a pull input, pulls BURST packets (1 by default) at each turn while there are any.

Keyword arguments are:
=over 8
=item ACTIVE
Boolean. Whether packets are pulled; a push input does not care. Default is true.
=item BURST
Unsigned integer, at least 1. How many packets are pulled at each turn. Default is 1.
=back
=h count read
How many packets were dropped.
=h reset_counts write
Sets the count to 0.
=h active read/write
The ACTIVE argument.
=h burst read/write
The BURST argument.
=e
  InfiniteSource(LIMIT 5, STOP true) -> d :: Discard;
  DriverManager(wait_stop, print d.count);
=a Idle
*/
#include <click/handlercall.hh>
#include <click/notifier.hh>

#include <algorithm>

#include <algorithm>

namespace click {

namespace {

class Discard final : public Element {
public:
    const char* class_name() const override { return "Discard"; }
    const char* port_count() const override { return "1/0"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override;
    bool run_task() override;

    void push(int, PacketBatch& batch) override {
        _count += batch.size();
        batch.clear();
    }

private:
    void start();
    std::string count() const { return std::to_string(_count); }
    void reset() { _count = 0; }
    std::string active() const { return _active ? "true" : "false"; }
    int set_active(std::string_view value, ErrorHandler& errh);
    std::string burst() const { return std::to_string(_burst); }
    int set_burst(std::string_view value, ErrorHandler& errh);

    bool _active = true;
    uint32_t _burst = 1;
    uint64_t _count = 0;
    NotifierSignal _packets;
    Task _task{this};
};

int Discard::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    bool active = true;
    uint32_t burst = 1;
    if (Args(conf, this, errh).keyword("ACTIVE", active).keyword("BURST", burst).complete() < 0) {
        return -1;
    }
    if (burst < 1) {
        return errh.error("bad BURST");
    }
    _active = active;
    _burst = burst;
    return 0;
}

int Discard::initialize(ErrorHandler&) {
    if (input_is_pull(0)) {
        _task.initialize(this, _active);
        _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
    }
    return 0;
}

int Discard::live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = Element::live_reconfigure(conf, errh);
    start();
    return result;
}

bool Discard::run_task() {
    if (!_active) {
        return false;
    }
    uint64_t budget = _task.turn_budget(_burst);
    uint64_t left = budget;
    while (left > 0) {
        PacketBatch batch;
        input(0).pull(batch, static_cast<unsigned>(std::min<uint64_t>(left, PacketBatch::kCapacity)));
        if (batch.empty()) {
            break;
        }
        left -= batch.size();
        _count += batch.size();
    }
    _task.turn_moved(budget - left);
    if (left < budget || _packets.active()) {
        _task.reschedule();
    }
    return left < budget;
}

void Discard::start() {
    if (_active && initialized() && input_is_pull(0)) {
        _task.reschedule();
    }
}

int Discard::set_active(std::string_view value, ErrorHandler& errh) {
    int result = read_value(value, _active, errh);
    start();
    return result;
}

int Discard::set_burst(std::string_view value, ErrorHandler& errh) {
    uint32_t burst = 0;
    if (read_value(value, burst, errh) < 0) {
        return -1;
    }
    if (burst < 1) {
        return errh.error("bad BURST");
    }
    _burst = burst;
    return 0;
}

void Discard::add_handlers() {
    add_read_handler<&Discard::count>("count");
    add_write_handler<&Discard::reset>("reset_counts", 0, Handler::kButton);
    add_read_handler<&Discard::active>("active", 0, Handler::kCheckbox);
    add_write_handler<&Discard::set_active>("active");
    add_read_handler<&Discard::burst>("burst");
    add_write_handler<&Discard::set_burst>("burst");
}

}  // namespace

CLICK_ELEMENT(Discard)

}  // namespace click
