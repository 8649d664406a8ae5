// SPDX-License-Identifier: Apache-2.0
#include <click/pullelement.hh>

#include <algorithm>

namespace click {

int PullElement::initialize(ErrorHandler&) {
    if (input_is_pull(0)) {
        _task.initialize(this, _active);
        _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
    }
    return 0;
}

int PullElement::live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = Element::live_reconfigure(conf, errh);
    start();
    return result;
}

bool PullElement::run_task() {
    if (!_active) {
        return false;
    }
    uint64_t limit = _limit >= 0 ? static_cast<uint64_t>(_limit) : ~uint64_t{0};
    uint64_t left = limit > _count.value() ? limit - _count.value() : 0;
    if (left == 0) {
        return false;
    }
    uint64_t before = _count.value();
    uint64_t most = _task.turn_budget(_burst > 0 ? static_cast<uint64_t>(_burst) : ~uint64_t{0}, left);
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
        take(batch);
    }
    uint64_t moved = _count.value() - before;
    _task.turn_moved(moved);
    if (!asleep) {
        _task.reschedule();
    }
    return moved > 0;
}

void PullElement::start() {
    if (_active && initialized() && input_is_pull(0)) {
        _task.reschedule();
    }
}

void PullElement::reset_count() {
    _count.reset();
    start();
}

void PullElement::add_pull_handlers() {
    add_data_handler("count", _count);
    add_write_handler<&PullElement::reset_count>("reset_counts", 0, Handler::kButton);
    add_setting_handler<&PullElement::start>("active", _active);
    add_task_handlers(_task);
}

}  // namespace click
