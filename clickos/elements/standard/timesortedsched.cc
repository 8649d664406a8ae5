// SPDX-License-Identifier: Apache-2.0
/*
=c
TimeSortedSched([I<keywords> STOP, BUFFER])
=s scheduling
merges its inputs by timestamp
=d
Each pull gives the packet with the earliest timestamp of those that its inputs have. Packets of an input are expected in
the order of their timestamps.

Keyword arguments are:
=over 8
=item STOP
Boolean. Whether the router stops when there are no more packets. Default is false.
=item BUFFER
Integer, 1 to 65536. How many packets of each input are held here and sorted, so that an input may be out of order by as
many. Default is 1.
=back
=h well_ordered read
Whether all packets have left in order so far.
=e
  s :: TimeSortedSched(STOP true) -> Unqueue -> Print(TIMESTAMP true) -> Discard;
  FromDump(one.pcap) -> Queue -> [0] s;
  FromDump(two.pcap) -> Queue -> [1] s;
=a FromDump, TimeFilter
*/
#include <click/notifier.hh>
#include <click/router.hh>
#include <click/task.hh>

#include <algorithm>
#include <limits>
#include <vector>

#include "lib/table.hh"

namespace click {

namespace {

class TimeSortedSched final : public Element {
public:
    ~TimeSortedSched() override {
        for (Input& one : _inputs_held) {
            for (uint32_t i = 0; i < one.count; ++i) {
                one.packets[i]->release();
            }
        }
    }
    const char* class_name() const override { return "TimeSortedSched"; }
    const char* port_count() const override { return "-/1"; }
    const char* processing() const override { return kPull; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        uint32_t buffer = 1;
        if (Args(conf, this, errh)
                .keyword("STOP", _stop, false)
                .keyword("BUFFER", bounded(buffer, 1, 1U << 16))
                .complete() < 0) {
            return -1;
        }
        _inputs_held = std::vector<Input>(static_cast<size_t>(ninputs()));
        for (Input& one : _inputs_held) {
            if (one.packets.allocate(buffer, "packets", errh) < 0) {
                return -1;
            }
        }
        return 0;
    }
    int initialize(ErrorHandler&) override {
        _arrival.initialize(this, false);
        for (int port = 0; port < ninputs(); ++port) {
            _inputs_held[static_cast<size_t>(port)].signal = NotifierSignal::upstream_empty(*this, port, &_arrival);
        }
        return 0;
    }
    void add_handlers() override { add_data_handler("well_ordered", _well_ordered); }
    bool run_task() override {
        _ready.wake();
        return false;
    }
    void pull(int, PacketBatch& batch, unsigned most) override {
        for (most = std::min(most, batch.room()); most > 0; --most) {
            PacketPtr packet = pull_earliest();
            if (!packet) {
                return;
            }
            batch.append(std::move(packet));
        }
    }

protected:
    /// Packets that are held here are no longer where somebody would tell of them.
    Notifier* empty_notifier(int) override { return &_ready; }

private:
    /// What is held of an input: the earliest packet last.
    struct Input {
        Table<Packet*> packets;
        uint32_t count = 0;
        NotifierSignal signal;
    };

    void fill(Input& one, int port);
    PacketPtr pull_earliest();

    bool _stop = false;
    bool _well_ordered = true;
    int64_t _latest = std::numeric_limits<int64_t>::min();
    std::vector<Input> _inputs_held;
    Notifier _ready;
    Task _arrival{this};
};

void TimeSortedSched::fill(Input& one, int port) {
    while (one.count < one.packets.size()) {
        PacketPtr packet = input(port).pull();
        if (!packet) {
            return;
        }
        uint32_t place = one.count++;
        for (; place > 0 && one.packets[place - 1]->timestamp() <= packet->timestamp(); --place) {
            one.packets[place] = one.packets[place - 1];
        }
        one.packets[place] = packet.release();
    }
}

PacketPtr TimeSortedSched::pull_earliest() {
    Input* earliest = nullptr;
    bool more = false;
    for (int port = 0; port < ninputs(); ++port) {
        Input& one = _inputs_held[static_cast<size_t>(port)];
        fill(one, port);
        more = more || one.signal.active();
        if (one.count > 0 && (!earliest || one.packets[one.count - 1]->timestamp() <
                                               earliest->packets[earliest->count - 1]->timestamp())) {
            earliest = &one;
        }
    }
    if (!earliest) {
        if (!more) {
            _ready.sleep();
            if (_stop) {
                router().please_stop();
            }
        }
        return {};
    }
    PacketPtr packet(earliest->packets[--earliest->count]);
    _well_ordered = _well_ordered && packet->timestamp() >= _latest;
    _latest = packet->timestamp();
    return packet;
}

}  // namespace

CLICK_ELEMENT(TimeSortedSched)

}  // namespace click
