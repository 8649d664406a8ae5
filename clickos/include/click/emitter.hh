// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

namespace click {

/// Collects the packets that an element makes, and pushes them out as batches: each full one at once, the last one when
/// the emitter goes out of scope. The output may be missing; then the packets are dropped.
class PacketEmitter {
public:
    PacketEmitter(const Element& element, int port) : _element(element), _port(port) {}
    PacketEmitter(const PacketEmitter&) = delete;
    PacketEmitter& operator=(const PacketEmitter&) = delete;
    ~PacketEmitter() { flush(); }

    void add(PacketPtr packet) {
        if (_batch.full()) {
            flush();
        }
        _batch.append(std::move(packet));
    }
    void flush() {
        if (!_batch.empty()) {
            _element.checked_push(_port, _batch);
        }
    }

private:
    const Element& _element;
    int _port;
    PacketBatch _batch;
};

}  // namespace click
