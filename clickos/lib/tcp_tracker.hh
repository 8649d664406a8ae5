// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

namespace click {

/// What of a TCP segment says where its connection stands, in host order.
struct TcpSegment {
    static constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;
    static constexpr uint8_t kNoScale = 0xff;

    uint32_t sequence = 0;
    uint32_t acknowledgement = 0;
    uint32_t length = 0;  ///< of its data
    uint16_t window = 0;
    uint8_t flags = 0;
    uint8_t scale = kNoScale;  ///< of the window scale option (RFC 7323 2), which only a SYN has

    /// Whether it may be the first one of a connection.
    bool begins() const { return (flags & (kSyn | kAck | kRst | kFin)) == kSyn; }
    uint32_t end() const { return sequence + length + (flags & kSyn ? 1 : 0) + (flags & kFin ? 1 : 0); }
};

/// A TCP connection (RFC 9293) as somebody between its ends sees it: which segments can be part of it, and where it
/// stands. Segments that neither end would take, because they lie outside of its window or acknowledge what was never sent, are
/// no part: who cannot see the connection cannot end it or speak in it (RFC 5961).
class TcpTracker {
public:
    enum class State : uint8_t {
        Closed,       ///< reset, or never begun
        SynSent,      ///< one SYN
        SynReceived,  ///< a SYN from each side
        Established,
        FinWait,   ///< one side has said its last
        Closing,   ///< both have
        TimeWait,  ///< and both know
    };

    /// Begins a connection by the SYN of `side` (0 or 1). False when the segment is none.
    bool begin(const TcpSegment& segment, unsigned side);
    /// Takes in a segment from `side`. False when it can be no part of the connection, which stands as it did.
    bool follow(const TcpSegment& segment, unsigned side);

    /// Takes in a segment of an established connection of which others have passed elsewhere: what it says of the sequence
    /// is believed. A reset changes nothing. False when it begins something, or acknowledges nothing.
    bool rejoin(const TcpSegment& segment, unsigned side);

    State state() const { return _state; }
    /// Whether a SYN may begin another connection between the same ends.
    bool over() const { return _state == State::Closed || _state == State::TimeWait; }
    /// Whether the connection lasts without anybody saying anything, as RFC 5382 REQ-5 tells it from the others.
    bool lasting() const { return _state == State::Established; }

    /// Where it stands as numbers, for another tracker to go on from; false when they are none of a tracker.
    static constexpr unsigned kNumbers = 15;
    std::array<uint32_t, kNumbers> numbers() const;
    bool set_numbers(const std::array<uint32_t, kNumbers>& numbers);

private:
    /// What one side has sent, and may send.
    struct Side {
        uint32_t next;    ///< behind what it has sent
        uint32_t acked;   ///< what the other side has acknowledged of it
        uint32_t limit;   ///< as far as the other side's window ever reached
        uint32_t window;  ///< the largest that it has offered
        uint32_t fin;     ///< behind its FIN
        uint8_t scale;
        bool spoke;  ///< its SYN was there
        bool finished;
        bool fin_acked;
    };

    bool follow_reset(const TcpSegment& segment, const Side& sender, const Side& receiver);
    bool follow_syn(const TcpSegment& segment, Side& sender, const Side& receiver);
    static bool fits(const TcpSegment& segment, const Side& sender, const Side& receiver);
    static void note(const TcpSegment& segment, Side& sender, Side& receiver);
    void advance();

    Side _sides[2] = {};
    State _state = State::Closed;
};

/// `ESTABLISHED`, as RFC 9293 3.3.2 writes it.
const char* show_state(TcpTracker::State state);

}  // namespace click
