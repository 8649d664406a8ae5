// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "platform/xen/netfront.hh"

namespace click::xen {

/// The other side of an interface's rings, and the toolstack that attached it as number 0.
class Backend {
public:
    static constexpr const char* kPath = "/local/domain/0/backend/vif/5/0";
    static constexpr const char* kFront = "device/vif/0/";

    /// Offers one queue and no more; `nodes` are added to XenStore before the frontend looks.
    explicit Backend(const std::map<std::string, std::string>& nodes = {});
    Backend(const Backend&) = delete;
    ~Backend() { front.vanish(); }

    /// Says its state, of which the frontend hears.
    void enter(const char* state);
    /// Finds the rings of all queues.
    void map_rings();
    /// Folder of the queue's nodes, with the slash behind it.
    std::string folder(size_t queue) const;
    static std::string node(const std::string& path) { return domain_node(kFront + path); }
    uint8_t* ring(const std::string& path) const;

    /// Hands a frame to the guest in parts of at most `part` bytes, with so many slots of extra information.
    void deliver(const std::string& frame, uint16_t flags = 0, size_t queue = 0, size_t part = 4096,
                 unsigned extra = 0);
    /// Takes a frame that the guest sends; empty when there is none.
    std::string take(size_t queue = 0);
    /// Frames that the guest receives now.
    std::vector<std::string> received();
    /// Sends a frame of the guest's. What became of it: "sent", "refused" or "waits".
    std::string send(const std::string& frame);

    struct Rings {
        netif_tx_back_ring tx{};
        netif_rx_back_ring rx{};
    };
    Interface front{0};
    std::vector<Rings> queues;

private:
    static std::string domain_node(const std::string& path);
};

/// A frame for the interface, its payload filled.
std::string frame_of(size_t length, char fill);

}  // namespace click::xen
