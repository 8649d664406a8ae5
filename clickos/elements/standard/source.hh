// SPDX-License-Identifier: Apache-2.0
/*
=block source-data
=item DATA
String. What the packets hold. By default, a sentence of 64 bytes or more.
=item LENGTH
Integer. When it is given, the packets have this length: DATA is cut, or repeated to fill it. C<DATASIZE> is the same.
=block source-keywords
=item HEADROOM
Integer. How many bytes are left free before the data. Default is 64.
=item STOP
Boolean. Whether the router stops when the LIMIT is reached. Default is false.
=item END_CALL
A write handler and its value, called when the LIMIT is reached. It excludes STOP.
=block source-count
=h count read
How many packets were made.
=h reset write
Sets the count to 0 and starts anew.
=block source-lengths
=h length read/write
The LENGTH argument.
=h datasize read/write
The same as C<length>.
=h headroom read/write
The HEADROOM argument.
*/
#pragma once
#include <click/element.hh>
#include <click/handlercall.hh>

#include "elements/standard/sourcedata.hh"

namespace click {

/// What elements that make packets of a given DATA have in common: how many, whether at all, what happens after the last.
class SourceElement : public Element {
public:
    const char* port_count() const override { return "0/1"; }
    int initialize(ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) override;

protected:
    struct Settings {
        SourceData data;
        int64_t limit = -1;  ///< negative: no end
        bool active = true;
        bool stop = false;
        HandlerCall end;
    };

    /// Adds the keywords of all sources, and completes the arguments: negative after a report.
    int complete(Args& args, Settings& next, ErrorHandler& errh);
    /// Goes on with new settings, all of which were found right.
    void adopt(Settings next);

    /// Makes packets again, or no more: something changed that it depends on.
    virtual void start() = 0;

    const SourceData& data() const { return _settings.data; }
    bool active() const { return _settings.active; }
    bool exhausted() const { return left() == 0; }
    /// How many packets may still be made.
    uint64_t left() const;
    /// A packet stamped with `timestamp`, counted; null when memory is exhausted.
    PacketPtr make(int64_t timestamp);
    /// Appends up to `most` such packets, fewer when the batch is full or memory exhausted; how many.
    unsigned make(PacketBatch& batch, uint64_t most, int64_t timestamp);
    /// Makes the call for the end of work, once for each time that the limit is reached.
    void end();
    void reset_count();

    /// Handlers count, reset, data, limit, active, length.
    void add_source_handlers();

private:
    void resume();
    std::string read_length() const { return std::to_string(_settings.data.length()); }
    int write_length(std::string_view value, ErrorHandler& errh);
    std::string read_data() const { return _settings.data.text(); }
    int write_data(std::string_view value, ErrorHandler& errh);

    Settings _settings;
    Tally _count;
    bool _ended = false;
};

}  // namespace click
