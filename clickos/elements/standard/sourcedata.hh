// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/handlercall.hh>
#include <click/packet.hh>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "lib/table.hh"

namespace click {

/// What a source's packets hold: a text, optionally cut or repeated to a length.
class SourceData {
public:
    std::string& text_argument() { return _text; }
    int32_t& length_argument() { return _length; }
    uint32_t& headroom_argument() { return _headroom; }

    const std::string& text() const { return _text; }
    size_t length() const { return _content.size(); }

    /// Works out the packets' bytes from text and length. -1 after a report.
    int prepare(ErrorHandler& errh) { return prepare(_text, _length, errh); }

    int set_text(std::string text, ErrorHandler& errh) {
        if (prepare(text, _length, errh) < 0) {
            return -1;
        }
        _text = std::move(text);
        return 0;
    }

    int set_length(std::string_view value, ErrorHandler& errh) {
        int32_t length = _length;
        if (read_value(value, length, errh) < 0 || prepare(_text, length, errh) < 0) {
            return -1;
        }
        _length = length;
        return 0;
    }

    /// A new packet; null when memory is exhausted.
    PacketPtr make() const {
        return Packet::make(_headroom, _content.data(), static_cast<uint32_t>(_content.size()), Packet::kMinTailroom);
    }

private:
    int prepare(std::string_view text, int32_t wanted, ErrorHandler& errh) {
        size_t length = wanted < 0 ? text.size() : static_cast<size_t>(wanted);
        if (_content.allocate(length, "bytes of data", errh) < 0) {
            return -1;
        }
        for (size_t at = 0; at < length && !text.empty(); at += text.size()) {
            std::memcpy(_content.data() + at, text.data(), std::min(text.size(), length - at));
        }
        return 0;
    }

    std::string _text = "Random bullshit in a packet, at least 64 bytes long. Well, now it is.";
    int32_t _length = -1;
    uint32_t _headroom = Packet::kDefaultHeadroom;
    Table<char> _content;
};

}  // namespace click
