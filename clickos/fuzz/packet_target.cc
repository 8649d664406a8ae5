// SPDX-License-Identifier: Apache-2.0
//
// The target of `make fuzz` (libFuzzer) for packets, handlers and time: two bytes choose the class, events follow. Bytes are
// changed as libFuzzer does it, and now and then a packet that is nearly right is put among them: checksums and lengths are
// not found by chance.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "fuzz/class_bench.hh"
#include "fuzz/hostile_packets.hh"
#include "fuzz/packet_fuzz.hh"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

constexpr size_t kClass = 2;

std::vector<const click::ElementClass*> benched_classes() {
    std::vector<const click::ElementClass*> all;
    for (const click::ElementClass* one : click::element_classes()) {
        if (click::has_class_bench(*one)) {
            all.push_back(one);
        }
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const std::vector<const click::ElementClass*> classes = benched_classes();
    if (size > kClass) {
        click::fuzz_packets(*classes[(data[0] << 8 | data[1]) % classes.size()], {data + kClass, size - kClass});
    }
    return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
    if (seed % 4 != 0 || size < kClass) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    click::HostilePackets packets(seed);
    click::PacketPtr packet = seed % 8 == 0 ? packets.next() : packets.next_flow();
    std::vector<uint8_t> event = click::packet_event(*packet, static_cast<uint8_t>(seed >> 8));
    size_t kept = std::max(kClass, seed >> 16 & 1 ? size : (seed >> 17) % size);
    if (kept + event.size() > max_size) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    std::memcpy(data + kept, event.data(), event.size());
    return kept + event.size();
}
