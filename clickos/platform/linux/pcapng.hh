// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace click {

/// The blocks of a pcapng file (draft-ietf-opsawg-pcapng) of either byte order, one at a time: section headers and
/// interfaces are noted, packets given, all others passed over.
class PcapngBlocks {
public:
    static constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
    static constexpr size_t kHead = 12;  ///< what tells a block's length: type, length, and a section's byte order

    struct PacketBlock {
        std::string_view data;
        uint32_t length = 0;     ///< on the wire
        uint32_t link_type = 0;  ///< of its interface
        int64_t timestamp = 0;   ///< nanoseconds
    };
    enum class Kind : uint8_t { Broken, Other, Interface, Packet };

    /// The length of the block that begins with the kHead bytes at `head`; 0 if that cannot be one.
    uint32_t length(const char* head);
    /// Takes a whole block.
    Kind take(std::string_view block, PacketBlock& packet);
    /// The link type of the section's first interface, which there must be.
    uint32_t link_type() const { return _interfaces.front().link_type; }

private:
    struct Interface {
        uint32_t link_type = 0;
        uint32_t snap_length = 0;
        uint64_t ticks = 1'000'000;  ///< a second
        int64_t offset = 0;          ///< seconds
    };

    template <typename T>
    T read(std::string_view block, size_t at) const;
    Kind take_interface(std::string_view block);
    Kind take_packet(std::string_view block, size_t data, PacketBlock& packet) const;
    void take_option(Interface& interface, uint16_t code, std::string_view value) const;

    bool _swapped = false;
    std::vector<Interface> _interfaces;
};

}  // namespace click
