// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/pacedpull.hh"

namespace click {

int PacedPull::initialize(ErrorHandler&) {
    _arrival.initialize(this, false);
    _timer.initialize(this);
    _upstream = NotifierSignal::upstream_empty(*this, 0, &_arrival);
    return 0;
}

bool PacedPull::run_task() {
    _ready.wake();
    return false;
}

void PacedPull::wait_until(int64_t steady) {
    _timer.schedule_at(steady);
    _ready.sleep();
}

void PacedPull::wait_for_packets() {
    if (!_upstream.active()) {
        _ready.sleep();
    }
}

}  // namespace click
