// SPDX-License-Identifier: Apache-2.0
#include "lib/tcp_tracker.hh"

#include <algorithm>

namespace click {

namespace {

/// Modulo 2^32 (RFC 9293 3.4).
bool is_after(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) > 0; }
uint32_t later(uint32_t a, uint32_t b) { return is_after(a, b) ? a : b; }

}  // namespace

const char* show_state(TcpTracker::State state) {
    static constexpr const char* kNames[] = {"CLOSED",   "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
                                             "FIN-WAIT", "CLOSING",  "TIME-WAIT"};
    return kNames[static_cast<unsigned>(state)];
}

bool TcpTracker::begin(const TcpSegment& segment, unsigned side) {
    if (!segment.begins()) {
        return false;
    }
    _sides[0] = _sides[1] = {};
    Side& sender = _sides[side];
    sender.next = sender.limit = segment.end();
    sender.acked = segment.sequence;
    sender.window = std::max<uint32_t>(segment.window, 1);
    sender.scale = segment.scale;
    sender.spoke = true;
    _state = State::SynSent;
    return true;
}

bool TcpTracker::follow(const TcpSegment& segment, unsigned side) {
    Side& sender = _sides[side];
    Side& receiver = _sides[1 - side];
    if (_state == State::Closed) {
        return false;
    }
    if (segment.flags & TcpSegment::kRst) {
        return follow_reset(segment, sender, receiver);
    }
    if (segment.flags & TcpSegment::kSyn) {
        return follow_syn(segment, sender, receiver);
    }
    if (!sender.spoke || !receiver.spoke || !(segment.flags & TcpSegment::kAck) || !fits(segment, sender, receiver)) {
        return false;
    }
    note(segment, sender, receiver);
    advance();
    return true;
}

bool TcpTracker::rejoin(const TcpSegment& segment, unsigned side) {
    if (_state < State::Established || over() || segment.flags & TcpSegment::kSyn) {
        return false;
    }
    if (segment.flags & TcpSegment::kRst) {
        return true;
    }
    if (!(segment.flags & TcpSegment::kAck)) {
        return false;
    }
    Side& sender = _sides[side];
    Side& receiver = _sides[1 - side];
    sender.next = segment.end();
    sender.limit = sender.next + receiver.window;
    receiver.next = receiver.acked = segment.acknowledgement;
    receiver.limit = receiver.next;
    note(segment, sender, receiver);
    advance();
    return true;
}

/// One that is exactly what comes next ends the connection; to one that is only within the window the receiver answers
/// itself (RFC 5961 3.2).
bool TcpTracker::follow_reset(const TcpSegment& segment, const Side& sender, const Side& receiver) {
    if (!sender.spoke) {
        bool answers = segment.flags & TcpSegment::kAck && segment.acknowledgement == receiver.next;
        _state = answers ? State::Closed : _state;
        return answers;
    }
    if (segment.sequence == sender.acked || segment.sequence == sender.next) {
        _state = State::Closed;
        return true;
    }
    return !is_after(sender.acked, segment.sequence) && !is_after(segment.sequence, sender.limit);
}

bool TcpTracker::follow_syn(const TcpSegment& segment, Side& sender, const Side& receiver) {
    if (_state > State::SynReceived || segment.flags & TcpSegment::kFin) {
        return false;
    }
    bool acknowledges = segment.flags & TcpSegment::kAck;
    if (acknowledges && segment.acknowledgement != receiver.next) {
        return false;
    }
    if (sender.spoke) {
        return segment.sequence == sender.acked || segment.sequence + 1 == sender.acked;  // once more
    }
    sender = {};
    sender.spoke = true;
    sender.next = segment.end();
    sender.acked = segment.sequence;
    sender.limit = segment.end() + receiver.window;
    sender.window = std::max<uint32_t>(segment.window, 1);
    sender.scale = segment.scale;
    Side& other = &sender == &_sides[0] ? _sides[1] : _sides[0];
    if (sender.scale == TcpSegment::kNoScale || other.scale == TcpSegment::kNoScale) {
        sender.scale = other.scale = 0;
    }
    if (acknowledges) {
        other.acked = segment.acknowledgement;
    }
    other.limit = later(other.limit, other.next + sender.window);
    _state = State::SynReceived;
    return true;
}

/// Whether both ends could have sent and would take the segment.
bool TcpTracker::fits(const TcpSegment& segment, const Side& sender, const Side& receiver) {
    // What is acknowledged late, or sent again, may lie this far back.
    constexpr uint32_t kLeastBack = 66000;
    return !is_after(segment.sequence, sender.limit) &&
           is_after(segment.end(), sender.next - std::max(receiver.window, kLeastBack) - 1) &&
           !is_after(segment.acknowledgement, receiver.next) &&
           is_after(segment.acknowledgement, receiver.next - std::max(sender.window, kLeastBack) - 1);
}

void TcpTracker::note(const TcpSegment& segment, Side& sender, Side& receiver) {
    constexpr unsigned kMostScale = 14;
    uint32_t window = uint32_t{segment.window} << std::min<unsigned>(sender.scale, kMostScale);
    sender.window = std::max(sender.window, window);
    sender.next = later(sender.next, segment.end());
    receiver.acked = later(receiver.acked, segment.acknowledgement);
    // A window of nothing is probed with a byte.
    receiver.limit = later(receiver.limit, segment.acknowledgement + std::max<uint32_t>(window, 1));
    if (segment.flags & TcpSegment::kFin && !sender.finished) {
        sender.finished = true;
        sender.fin = segment.end();
    }
    receiver.fin_acked |= receiver.finished && segment.acknowledgement == receiver.fin;
}

void TcpTracker::advance() {
    const Side& one = _sides[0];
    const Side& other = _sides[1];
    if (one.fin_acked && other.fin_acked) {
        _state = State::TimeWait;
    } else if (one.finished && other.finished) {
        _state = State::Closing;
    } else if (one.finished || other.finished) {
        _state = State::FinWait;
    } else if (one.acked == one.next || other.acked == other.next) {
        _state = State::Established;
    }
}

std::array<uint32_t, TcpTracker::kNumbers> TcpTracker::numbers() const {
    std::array<uint32_t, kNumbers> all{static_cast<uint32_t>(_state)};
    uint32_t* next = all.data() + 1;
    for (const Side& side : _sides) {
        uint32_t marks = (side.spoke ? 1U : 0U) | (side.finished ? 2U : 0U) | (side.fin_acked ? 4U : 0U);
        for (uint32_t number :
             {side.next, side.acked, side.limit, side.window, side.fin, uint32_t{side.scale}, marks}) {
            *next++ = number;
        }
    }
    return all;
}

bool TcpTracker::set_numbers(const std::array<uint32_t, kNumbers>& numbers) {
    constexpr uint32_t kMarks = 7;
    TcpTracker other;
    if (numbers[0] > static_cast<uint32_t>(State::TimeWait)) {
        return false;
    }
    other._state = static_cast<State>(numbers[0]);
    const uint32_t* from = numbers.data() + 1;
    for (Side& side : other._sides) {
        if (from[5] > UINT8_MAX || from[6] > kMarks) {
            return false;
        }
        side = {from[0],
                from[1],
                from[2],
                from[3],
                from[4],
                static_cast<uint8_t>(from[5]),
                (from[6] & 1) != 0,
                (from[6] & 2) != 0,
                (from[6] & 4) != 0};
        from += kMarks;
    }
    *this = other;
    return true;
}

}  // namespace click
