// SPDX-License-Identifier: Apache-2.0
/*
=c
AverageCounter([IGNORE])
=s counters
measures the average rate of packets
=d
Passes packets unchanged. Counts them, and measures their average rate over the time between the first packet and the
latest one. What comes in the first IGNORE seconds (0 by default) is not counted.
=h count read
Packets since the last reset.
=h byte_count read
Bytes since the last reset.
=h rate read
Packets a second.
=h byte_rate read
Bytes a second.
=h reset write
Sets counts and rates to 0.
=e
  RatedSource(RATE 100) -> c :: AverageCounter -> Discard;
  DriverManager(wait 1s, print c.rate);
=a Counter
*/
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>

#include "lib/format.hh"

namespace click {

namespace {

class AverageCounter final : public Element {
public:
    const char* class_name() const override { return "AverageCounter"; }
    const char* port_count() const override { return "1/1"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("IGNORE", _ignore, 0).complete();
    }
    void take_state(Element& old, ErrorHandler&) override {
        auto& other = static_cast<AverageCounter&>(old);
        _count = other._count;
        _byte_count = other._byte_count;
        _first = other._first;
        _last = other._last;
    }
    void add_handlers() override {
        add_data_handler("count", _count);
        add_data_handler("byte_count", _byte_count);
        add_read_handler<&AverageCounter::rate>("rate", kPackets);
        add_read_handler<&AverageCounter::rate>("byte_rate", kBytes);
        add_write_handler<&AverageCounter::reset>("reset", 0, Handler::kButton);
    }

    void transform(PacketBatch& batch) override {
        if (batch.empty()) {
            return;
        }
        _last = clock::steady();
        if (_first == kNever) {
            _first = _last;
        }
        if (_last - _first >= ignored()) {
            _count += batch.size();
            for (const Packet* packet : batch) {
                _byte_count += packet->length();
            }
        }
    }

private:
    enum { kPackets, kBytes };
    static constexpr int64_t kNever = -1;
    static constexpr int64_t kMillisecond = 1'000'000;

    int64_t ignored() const { return int64_t{_ignore} * clock::kSecond; }
    std::string rate(int which) {
        // A single packet counts as a millisecond's worth.
        int64_t time = std::max((_last - _first - ignored()) / kMillisecond, int64_t{1});
        auto events = static_cast<double>(which == kPackets ? _count.value() : _byte_count.value());
        return format("%.12g", events * 1000 / static_cast<double>(time));
    }
    void reset() {
        _count.reset();
        _byte_count.reset();
        _first = _last = kNever;
    }

    uint32_t _ignore = 0;
    Tally _count;
    Tally _byte_count;
    int64_t _first = kNever;
    int64_t _last = kNever;
};

}  // namespace

CLICK_ELEMENT(AverageCounter)

}  // namespace click
