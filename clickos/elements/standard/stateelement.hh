// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/clock.hh>
#include <click/element.hh>

namespace click {

/// An element whose state is read as text and written to another element of the same configuration, which then answers
/// as this one does. A chunk of it begins with a line
///
///     KIND 1 CLASS NOW NEXT
///
/// (1 is the version of this form; NOW is for the next `state_since`; NEXT is what to ask the next chunk with, `end` after
/// the last one), and then has a line for each record. Ages are in milliseconds. Reading or writing a chunk is bounded
/// work: the state is as large as the element's memory, but nobody waits for all of it.
class StateElement : public Element {
public:
    /// Takes a number off the text.
    static bool take_number(std::string_view& text, uint64_t most, uint64_t& number);

protected:
    /// Which records are asked for.
    class StateQuery {
    public:
        StateQuery(bool all, uint32_t oldest, int64_t now) : _all(all), _oldest(oldest), _now(now) {}
        int64_t now() const { return _now; }
        /// Whether a record is wanted that was used (monotonic nanoseconds, or ticks of them) last then.
        bool wants_tick(uint32_t used) const { return _all || static_cast<int32_t>(used - _oldest) >= 0; }
        bool wants(int64_t used) const { return wants_tick(state_tick(used)); }
        /// How old a record is that was used last then.
        uint32_t age(int64_t used) const { return used < _now ? state_tick(_now) - state_tick(used) : 0; }

    private:
        bool _all;
        uint32_t _oldest;
        int64_t _now;
    };

    static uint32_t state_tick(int64_t steady) { return static_cast<uint32_t>(steady / kStateTick); }
    /// When a record of that age was used, if it is `now`.
    static int64_t used_at(int64_t now, uint64_t age) { return now - static_cast<int64_t>(age) * kStateTick; }

    /// The handlers `state` and `state_since`.
    void add_state_handlers();
    /// What the records are: the first word of a chunk.
    virtual const char* state_kind() const = 0;
    /// No record's place is that high or higher.
    virtual uint32_t state_end() = 0;
    /// Appends the record at a place without the end of its line; false when there is none, or it is not wanted.
    virtual bool append_state(uint32_t place, const StateQuery& query, std::string& text) = 0;
    /// Whether a line is a record that this element can have; with `store`, takes it in, and false means no room.
    virtual bool take_state_line(std::string_view line, int64_t now, bool store) = 0;
    /// Called when a chunk has been taken in.
    virtual void state_taken() {}

private:
    static constexpr int64_t kStateTick = 1'000'000;

    std::string read_state(std::string_view parameter, int since, ErrorHandler& errh);
    int write_state(std::string_view value, ErrorHandler& errh);
};

}  // namespace click
