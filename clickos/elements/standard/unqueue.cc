// SPDX-License-Identifier: Apache-2.0
/*
=c
Unqueue([I<keywords> ACTIVE, LIMIT, BURST])
=s shaping
pulls packets and pushes them on
=d
Pulls BURST packets (1 by default) at each turn and pushes them out, while there are any. Whether the output has room is
not asked: a full queue behind it drops what comes. A turn moves up to 32 packets where nothing tells the difference.

Keyword arguments are:
=over 8
=item ACTIVE
Boolean. Whether packets are pulled. Default is true.
=item LIMIT
Integer. How many packets are moved; negative for no limit. Default is -1.
=item BURST
Integer. How many packets are moved at each turn; 0 or less for all that there are. Default is 1.
=back
=h count read
How many packets were moved.
=h reset write
Sets the count to 0 and starts anew.
=h reset_counts write
The same as C<reset>.
=h active read/write
The ACTIVE argument.
=h limit read/write
The LIMIT argument.
=h burst read/write
The BURST argument.
=e
  InfiniteSource(LIMIT 5) -> Queue -> Unqueue -> Print -> Discard;
=a Queue
*/
#include <click/handlercall.hh>
#include <click/notifier.hh>

#include <algorithm>

namespace click {

namespace {

class Unqueue final : public Element {
public:
    const char* class_name() const override { return "Unqueue"; }
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPullToPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override;
    bool run_task() override;

private:
    enum { kActive, kLimit, kBurst };

    void start();
    std::string count() const { return std::to_string(_count); }
    void reset();
    std::string read_number(int which);
    int write_number(std::string_view value, int which, ErrorHandler& errh);

    bool _active = true;
    int64_t _limit = -1;
    int32_t _burst = 1;
    uint64_t _count = 0;
    NotifierSignal _packets;
    Task _task{this};
};

int Unqueue::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    bool active = true;
    int64_t limit = -1;
    int32_t burst = 1;
    if (Args(conf, this, errh).keyword("ACTIVE", active).keyword("LIMIT", limit).keyword("BURST", burst).complete() <
        0) {
        return -1;
    }
    _active = active;
    _limit = limit;
    _burst = burst;
    return 0;
}

int Unqueue::initialize(ErrorHandler&) {
    _task.initialize(this, _active);
    _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
    return 0;
}

int Unqueue::live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = Element::live_reconfigure(conf, errh);
    start();
    return result;
}

bool Unqueue::run_task() {
    if (!_active) {
        return false;
    }
    uint64_t limit = _limit >= 0 ? static_cast<uint64_t>(_limit) : ~uint64_t{0};
    uint64_t left = limit > _count ? limit - _count : 0;
    if (left == 0) {
        return false;
    }
    uint64_t most = _task.turn_budget(_burst > 0 ? static_cast<uint64_t>(_burst) : ~uint64_t{0}, left);
    uint64_t before = _count;
    bool asleep = false;
    while (most > 0 && _active) {
        PacketBatch batch;
        input(0).pull(batch, static_cast<unsigned>(std::min<uint64_t>(most, PacketBatch::kCapacity)));
        if (batch.empty()) {
            asleep = !_packets.active();
            break;
        }
        most -= batch.size();
        _count += batch.size();
        output(0).push(batch);
    }
    _task.turn_moved(_count - before);
    if (!asleep) {
        _task.reschedule();
    }
    return _count > before;
}

void Unqueue::start() {
    if (_active && initialized()) {
        _task.reschedule();
    }
}

void Unqueue::reset() {
    _count = 0;
    start();
}

std::string Unqueue::read_number(int which) {
    switch (which) {
        case kActive:
            return _active ? "true" : "false";
        case kLimit:
            return std::to_string(_limit);
        default:
            return std::to_string(_burst);
    }
}

int Unqueue::write_number(std::string_view value, int which, ErrorHandler& errh) {
    int result = which == kActive  ? read_value(value, _active, errh)
                 : which == kLimit ? read_value(value, _limit, errh)
                                   : read_value(value, _burst, errh);
    start();
    return result;
}

void Unqueue::add_handlers() {
    add_read_handler<&Unqueue::count>("count");
    add_write_handler<&Unqueue::reset>("reset", 0, Handler::kButton);
    add_write_handler<&Unqueue::reset>("reset_counts", 0, Handler::kButton);
    static constexpr struct {
        const char* name;
        int which;
        uint32_t flags;
    } kNumbers[] = {{"active", kActive, Handler::kCheckbox}, {"limit", kLimit, 0}, {"burst", kBurst, 0}};
    for (const auto& number : kNumbers) {
        add_read_handler<&Unqueue::read_number>(number.name, number.which, number.flags);
        add_write_handler<&Unqueue::write_number>(number.name, number.which);
    }
}

}  // namespace

CLICK_ELEMENT(Unqueue)

}  // namespace click
