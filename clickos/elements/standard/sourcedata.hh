// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/handlercall.hh>
#include <click/packet.hh>

#include <string>
#include <string_view>

namespace click {

/// What a source's packets hold: a text, optionally cut or repeated to a length.
class SourceData {
public:
    std::string& text_argument() { return _text; }
    int32_t& length_argument() { return _length; }
    uint32_t& headroom_argument() { return _headroom; }

    const std::string& text() const { return _text; }
    size_t length() const { return _content.size(); }

    /// Works out the packets' bytes from text and length.
    void prepare() {
        if (_length < 0) {
            _content = _text;
            return;
        }
        auto length = static_cast<size_t>(_length);
        _content.clear();
        _content.reserve(length);
        while (_content.size() < length && !_text.empty()) {
            _content.append(_text, 0, length - _content.size());
        }
        _content.resize(length);
    }

    void set_text(std::string text) {
        _text = std::move(text);
        prepare();
    }

    int set_length(std::string_view value, ErrorHandler& errh) {
        int result = read_value(value, _length, errh);
        prepare();
        return result;
    }

    /// A new packet; null when memory is exhausted.
    PacketPtr make() const {
        return Packet::make(_headroom, _content.data(), static_cast<uint32_t>(_content.size()), Packet::kMinTailroom);
    }

private:
    std::string _text = "Random bullshit in a packet, at least 64 bytes long. Well, now it is.";
    int32_t _length = -1;
    uint32_t _headroom = Packet::kDefaultHeadroom;
    std::string _content;
};

}  // namespace click
