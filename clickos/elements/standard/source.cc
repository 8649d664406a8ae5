// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/source.hh"

#include <algorithm>

#include "lang/confparse.hh"

namespace click {

int SourceElement::initialize(ErrorHandler& errh) {
    return _settings.end.empty() ? 0 : _settings.end.initialize_write(*this, errh);
}

int SourceElement::live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = Element::live_reconfigure(conf, errh);
    resume();
    return result;
}

int SourceElement::complete(Args& args, Settings& next, ErrorHandler& errh) {
    args.keyword("LENGTH", next.data.length_argument())
        .keyword("DATASIZE", next.data.length_argument())
        .keyword("HEADROOM", next.data.headroom_argument())
        .keyword("STOP", next.stop)
        .keyword("END_CALL", next.end);
    if (args.complete() < 0 || end_call(next.stop, next.end, errh) < 0) {
        return -1;
    }
    if (initialized() && !next.end.empty() && next.end.initialize_write(*this, errh) < 0) {
        return -1;
    }
    return next.data.prepare(errh);
}

void SourceElement::adopt(Settings next) { _settings = std::move(next); }

uint64_t SourceElement::left() const {
    if (_settings.limit < 0) {
        return ~uint64_t{0};
    }
    auto limit = static_cast<uint64_t>(_settings.limit);
    return limit > _count.value() ? limit - _count.value() : 0;
}

PacketPtr SourceElement::make(int64_t timestamp) {
    PacketPtr packet = _settings.data.make();
    if (packet) {
        packet->set_timestamp(timestamp);
        ++_count;
    }
    return packet;
}

unsigned SourceElement::make(PacketBatch& batch, uint64_t most, int64_t timestamp) {
    auto wanted = static_cast<unsigned>(std::min<uint64_t>(most, batch.room()));
    unsigned made = 0;
    while (made < wanted) {
        PacketPtr packet = _settings.data.make();
        if (!packet) {
            break;
        }
        packet->set_timestamp(timestamp);
        batch.append(std::move(packet));
        ++made;
    }
    _count += made;
    return made;
}

void SourceElement::end() {
    if (!_ended) {
        _ended = true;
        LogErrorHandler errh;
        _settings.end.write(errh);
    }
}

void SourceElement::resume() {
    _ended = _ended && exhausted();
    if (initialized()) {
        start();
    }
}

void SourceElement::reset_count() {
    _count.reset();
    _ended = false;
    resume();
}

int SourceElement::write_length(std::string_view value, ErrorHandler& errh) {
    int result = _settings.data.set_length(value, errh);
    resume();
    return result;
}

int SourceElement::write_data(std::string_view value, ErrorHandler& errh) {
    return _settings.data.set_text(unquote(value), errh);
}

void SourceElement::add_source_handlers() {
    add_data_handler("count", _count);
    add_write_handler<&SourceElement::reset_count>("reset", 0, Handler::kButton);
    add_read_handler<&SourceElement::read_data>("data", 0, Handler::kRaw);
    add_write_handler<&SourceElement::write_data>("data");
    add_setting_handler<&SourceElement::resume>("active", _settings.active);
    add_setting_handler<&SourceElement::resume>("limit", _settings.limit);
    add_setting_handler("headroom", _settings.data.headroom_argument());
    for (const char* name : {"length", "datasize"}) {
        add_read_handler<&SourceElement::read_length>(name);
        add_write_handler<&SourceElement::write_length>(name);
    }
}

}  // namespace click
