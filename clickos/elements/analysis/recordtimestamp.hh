// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/tally.hh>

#include <algorithm>
#include <cstring>

#include "lib/table.hh"

namespace click {

/// Where packets have their number, and how.
struct NumberField {
    int32_t offset = -1;  ///< negative: they have none
    bool network_order = false;

    bool within(const Packet& packet) const {
        return offset >= 0 && packet.length() >= sizeof(uint64_t) &&
               static_cast<uint32_t>(offset) <= packet.length() - sizeof(uint64_t);
    }
    uint64_t ordered(uint64_t number) const { return network_order ? __builtin_bswap64(number) : number; }
    uint64_t read(const Packet& packet) const {
        uint64_t number;
        std::memcpy(&number, packet.data() + offset, sizeof(number));
        return ordered(number);
    }
    void write(Packet& packet, uint64_t number) const {
        number = ordered(number);
        std::memcpy(packet.mutable_data() + offset, &number, sizeof(number));
    }
};

inline constexpr uint32_t kMostTimes = 1U << 28;
inline constexpr int32_t kMostNumberOffset = 65535;

class NumberPacket final : public PacketAction<NumberPacket> {
public:
    const char* class_name() const override { return "NumberPacket"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        constexpr int32_t kUsual = 40;
        return Args(conf, this, errh)
            .optional("OFFSET", bounded(_field.offset, 0, kMostNumberOffset), kUsual)
            .keyword("NET_ORDER", _field.network_order, false)
            .complete();
    }
    void take_state(Element& old, ErrorHandler&) override { _count = static_cast<NumberPacket&>(old)._count; }
    void add_handlers() override {
        add_data_handler("count", _count);
        add_write_handler<&NumberPacket::reset>("reset", 0, Handler::kButton);
    }
    PacketPtr simple_action(PacketPtr packet) {
        if (_field.within(*packet)) {
            packet = uniqueify(std::move(packet));
            if (packet) {
                _field.write(*packet, _count.value());
                ++_count;
            }
        }
        return packet;
    }
    const NumberField& field() const { return _field; }

protected:
    void* role(Role wanted) override { return wanted == kRoleOf<NumberPacket> ? this : nullptr; }

private:
    void reset() { _count.reset(); }

    NumberField _field;
    Tally _count;
};

class RecordTimestamp final : public Element {
public:
    const char* class_name() const override { return "RecordTimestamp"; }
    const char* port_count() const override { return "1/1"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void add_handlers() override {
        add_data_handler("count", _count);
        add_data_handler("missed", _missed);
        add_write_handler<&RecordTimestamp::reset>("reset", 0, Handler::kButton);
    }
    void push(int, PacketBatch& batch) override;

    const NumberField& field() const { return _counter ? _counter->field() : _field; }
    uint32_t most() const { return _most; }
    /// When the packet of that number passed, or 0.
    int64_t time_of(uint64_t number) const {
        uint64_t slot = number / _sample;
        return number % _sample == 0 && slot < _times.size() ? _times[slot] : 0;
    }

protected:
    void* role(Role wanted) override { return wanted == kRoleOf<RecordTimestamp> ? this : nullptr; }

private:
    bool keep(uint64_t number, int64_t now);
    void reset() {
        _count.reset();
        _missed.reset();
        _passed = 0;
        std::fill(_times.begin(), _times.end(), 0);
    }

    NumberPacket* _counter = nullptr;
    NumberField _field;
    uint32_t _most = 0;
    uint32_t _sample = 1;
    bool _dynamic = false;
    uint64_t _passed = 0;
    Tally _count;
    Tally _missed;
    Table<int64_t> _times;
};

}  // namespace click
