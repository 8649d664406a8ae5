// SPDX-License-Identifier: Apache-2.0
/*
=c
LinkUnqueue(LATENCY, BANDWIDTH)
=s shaping
pulls packets and pushes them on as a link would
=d
Emulates a serial link: pulls a packet when the one before it has left at BANDWIDTH (such as C<384kbps>), and pushes it out
LATENCY after its last byte has left. Its timestamp then says when it arrived, and its extra length annotation counts as
bytes on the link. A BANDWIDTH of 0 means that only LATENCY counts.

Only what is on the link is stored here; put a Queue in front for what waits. At most 65,536 packets are on the link.
=h latency read
The LATENCY argument.
=h bandwidth read
The BANDWIDTH argument.
=h size read
How many packets are on the link.
=h reset write
Drops what is on the link.
=use task-handlers
=e
  InfiniteSource(LIMIT 20) -> Queue -> LinkUnqueue(10ms, 1Mbps) -> Print(TIMESTAMP true) -> Discard;
=a DelayUnqueue, BandwidthRatedUnqueue
*/
#include <click/annotations.hh>
#include <click/emitter.hh>
#include <click/notifier.hh>
#include <click/task.hh>

#include <algorithm>
#include <limits>

#include "elements/standard/ratelimit.hh"
#include "lib/table.hh"

namespace click {

namespace {

class LinkUnqueue final : public Element {
public:
    ~LinkUnqueue() override { reset(); }
    const char* class_name() const override { return "LinkUnqueue"; }
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPullToPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override;
    bool run_task() override;
    void run_timer() override { _task.reschedule(); }

private:
    struct Flight {
        Packet* packet;
        int64_t arrival;  ///< by the monotonic clock
    };
    static constexpr uint32_t kMostFlights = 1U << 16;
    static constexpr uint32_t kLeastFlights = 64;
    static constexpr uint64_t kSmallPacket = 32;

    unsigned arrive(int64_t now);
    void depart(int64_t now);
    int64_t transmission_time(const Packet& packet) const;
    void reset();
    std::string read_bandwidth() const { return ByteRate::show(_bandwidth.bytes_per_second); }

    Duration _latency;
    Bandwidth _bandwidth;
    Table<Flight> _flights;  ///< a ring
    uint32_t _first = 0;
    uint32_t _count = 0;
    int64_t _free_at = 0;        ///< when the link takes the next packet
    bool _back_to_back = false;  ///< nothing but the link made the next packet wait
    NotifierSignal _packets;
    Task _task{this};
    Timer _timer{this};
};

int LinkUnqueue::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr Duration kMostLatency{3600 * clock::kSecond};
    if (Args(conf, this, errh)
            .mandatory("LATENCY", bounded(_latency, Duration{0}, kMostLatency))
            .mandatory("BANDWIDTH", _bandwidth)
            .complete() < 0) {
        return -1;
    }
    double bytes = static_cast<double>(_bandwidth.bytes_per_second) * static_cast<double>(_latency.nanoseconds) /
                   static_cast<double>(clock::kSecond);
    double flights = _bandwidth.bytes_per_second == 0 ? double{kMostFlights} : bytes / double{kSmallPacket};
    auto size = static_cast<uint32_t>(std::clamp(flights, double{kLeastFlights}, double{kMostFlights}));
    return _flights.allocate(size, "packets", errh);
}

int LinkUnqueue::initialize(ErrorHandler&) {
    _task.initialize(this, true);
    _timer.initialize(this);
    _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
    return 0;
}

int64_t LinkUnqueue::transmission_time(const Packet& packet) const {
    uint64_t rate = _bandwidth.bytes_per_second;
    uint64_t length = uint64_t{packet.length()} + packet.anno_u32(anno::kExtraLength);
    return rate == 0 ? 0 : static_cast<int64_t>(length * clock::kSecond / rate);
}

/// Pushes out what has arrived.
unsigned LinkUnqueue::arrive(int64_t now) {
    int64_t wall = clock::now();
    unsigned arrived = 0;
    PacketEmitter out(*this, 0);
    // As many as there are now: a way back to here must not keep this turn going for ever.
    for (unsigned left = _count; left > 0 && _count > 0 && _flights[_first].arrival <= now; --left, ++arrived) {
        PacketPtr packet(_flights[_first].packet);
        packet->set_timestamp(wall - (now - _flights[_first].arrival));
        _first = _first + 1 == _flights.size() ? 0 : _first + 1;
        --_count;
        out.add(std::move(packet));
    }
    return arrived;
}

/// Takes packets onto the link, as long as it is free.
void LinkUnqueue::depart(int64_t now) {
    for (unsigned most = PacketBatch::kCapacity; most > 0 && _free_at <= now && _count < _flights.size(); --most) {
        PacketPtr packet = input(0).pull();
        if (!packet) {
            _back_to_back = false;
            return;
        }
        int64_t start = _back_to_back ? _free_at : now;
        _free_at = start + transmission_time(*packet);
        _back_to_back = true;
        uint32_t last = _first + _count;
        _flights[last - (last >= _flights.size() ? static_cast<uint32_t>(_flights.size()) : 0)] = {
            packet.release(), _free_at + _latency.nanoseconds};
        ++_count;
    }
}

bool LinkUnqueue::run_task() {
    int64_t now = clock::steady();
    unsigned arrived = arrive(now);
    depart(now);
    bool full = _count == _flights.size();
    if (_free_at <= now && !full && (_back_to_back || _packets.active())) {
        _task.reschedule();
        return arrived > 0;
    }
    int64_t next = std::numeric_limits<int64_t>::max();
    if (_count > 0) {
        next = _flights[_first].arrival;
    }
    if (_free_at > now && !full) {
        next = std::min(next, _free_at);
    }
    if (next != std::numeric_limits<int64_t>::max()) {
        _timer.schedule_at(next);
    }
    return arrived > 0;
}

void LinkUnqueue::reset() {
    for (; _count > 0; --_count) {
        _flights[_first].packet->release();
        _first = _first + 1 == _flights.size() ? 0 : _first + 1;
    }
    _free_at = 0;
    _back_to_back = false;
    _task.reschedule();
}

void LinkUnqueue::add_handlers() {
    add_data_handler("latency", _latency);
    add_read_handler<&LinkUnqueue::read_bandwidth>("bandwidth");
    add_data_handler("size", _count);
    add_write_handler<&LinkUnqueue::reset>("reset", 0, Handler::kButton);
    add_task_handlers(_task);
}

}  // namespace

CLICK_ELEMENT(LinkUnqueue)

}  // namespace click
