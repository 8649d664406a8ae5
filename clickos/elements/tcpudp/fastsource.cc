// SPDX-License-Identifier: Apache-2.0
#include "elements/tcpudp/fastsource.hh"

#include <click/clock.hh>
#include <click/router.hh>

#include <algorithm>

#include "platform/platform.hh"

namespace click {

void FastSource::start_pace() {
    _bucket.configure(_rate, std::max<uint64_t>(_rate / 100, 2));
    _bucket.set_tokens(1, clock::steady());
}

PacketPtr FastSource::finish_frame(PacketPtr packet) const {
    packet = prepend_ip_header(std::move(packet), _frame.ip);
    packet = packet ? prepend(std::move(packet), sizeof(EtherHeader)) : PacketPtr();
    if (packet) {
        auto* ether = reinterpret_cast<EtherHeader*>(packet->mutable_data());
        _frame.destination.write(ether->destination);
        _frame.source.write(ether->source);
        ether->type = net16(kEtherTypeIp);
        packet->set_mac_header(packet->data());
    }
    return packet;
}

PacketPtr FastSource::make_udp_frame(UdpPorts ports) const {
    return make_frame(
        [&](uint8_t* bytes, uint32_t length) { write_udp_header(bytes, length, _frame.ip, ports, _frame.checksum); });
}

int FastSource::initialize(ErrorHandler&) {
    _timer.initialize(this);
    return 0;
}

void FastSource::rest() {
    _ready.sleep();
    if (_active && _rate != 0 && !exhausted()) {
        _timer.schedule_at(_bucket.time_of(1, clock::steady()));
    }
}

void FastSource::change_rate() {
    start_pace();
    _ready.wake();
}

void FastSource::reset() {
    _count.reset();
    _ready.wake();
}

void FastSource::pull(int, PacketBatch& batch, unsigned most) {
    if (!_active || exhausted()) {
        rest();
        return;
    }
    int64_t now = clock::now();
    if (_rate != 0) {
        _bucket.refill(clock::steady());
    }
    for (; most > 0 && !exhausted(); --most) {
        if (_rate != 0 && !_bucket.remove(1)) {
            rest();
            return;
        }
        PacketPtr packet = next_packet();
        if (!packet) {
            return;
        }
        packet->set_timestamp(now);
        batch.append(std::move(packet));
        ++_count;
        if (_stop && exhausted()) {
            router().please_stop();
        }
    }
}

void FastSource::add_handlers() {
    add_data_handler("count", _count);
    add_setting_handler<&FastSource::change_rate>("rate", bounded(_rate, 0, kMostRate));
    add_setting_handler<&FastSource::go_on>("limit", _limit);
    add_data_handler("length", _frame.length);
    add_setting_handler<&FastSource::go_on>("active", _active);
    add_write_handler<&FastSource::reset>("reset", 0, Handler::kButton);
}

int FastFlows::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    uint32_t flows = 1;
    Args args(conf, this, errh);
    add_pace(args)
        .mandatory("SRCETH", _frame.source)
        .mandatory("SRCIP", _frame.ip.source)
        .mandatory("DSTETH", _frame.destination)
        .mandatory("DSTIP", _frame.ip.destination)
        .mandatory("FLOWS", bounded(flows, 1, kMostFlows))
        .mandatory("FLOWSIZE", bounded(_flow_size, _least_packets, 0xffffffff));
    if (add_arguments(args).complete() < 0) {
        return -1;
    }
    start_pace();
    return _flows.allocate(flows, "flows", errh);
}

PacketPtr FastFlows::next_packet() {
    Flow& flow = _flows[_turn];
    _turn = _turn + 1 < _flows.size() ? _turn + 1 : 0;
    if (!flow.packet || flow.sent == _flow_size) {
        uint64_t random = platform::entropy();
        flow.ports = {static_cast<uint16_t>(random), static_cast<uint16_t>(random >> 16)};
        flow.sent = 0;
        flow.packet.reset();
    }
    if (PacketPtr other = flow_packet(flow.ports, flow.sent)) {
        flow.packet = std::move(other);
    }
    ++flow.sent;
    return flow.packet ? flow.packet->clone() : PacketPtr();
}

}  // namespace click
