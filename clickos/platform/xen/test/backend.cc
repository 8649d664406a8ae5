// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/test/backend.hh"

#include <algorithm>

#include "platform/platform.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/test/domain.hh"

namespace click::xen {

Backend::Backend(const std::map<std::string, std::string>& nodes) {
    domain::reset();
    domain::nodes = {{"device/vif/0/backend", kPath},
                     {"device/vif/0/backend-id", "0"},
                     {"device/vif/0/mac", "00:16:3e:00:00:01"},
                     {std::string(kPath) + "/state", "2"},
                     {std::string(kPath) + "/online", "1"}};
    domain::nodes.insert(nodes.begin(), nodes.end());
    front.follow_backend();
    front.follow_backend();
    if (front.queues() > 0) {
        map_rings();
        enter("4");
    }
}

void Backend::enter(const char* state) {
    domain::nodes[std::string(kPath) + "/state"] = state;
    front.follow_backend();
}

std::string Backend::domain_node(const std::string& path) {
    auto found = domain::nodes.find(path);
    return found == domain::nodes.end() ? "" : found->second;
}

std::string Backend::folder(size_t queue) const {
    return front.queues() > 1 ? "queue-" + std::to_string(queue) + "/" : "";
}

uint8_t* Backend::ring(const std::string& path) const {
    return domain::granted.at(static_cast<grant_ref_t>(std::stoul(node(path))));
}

void Backend::map_rings() {
    queues.assign(front.queues(), {});
    for (size_t i = 0; i < queues.size(); ++i) {
        BACK_RING_INIT(&queues[i].tx, reinterpret_cast<netif_tx_sring*>(ring(folder(i) + "tx-ring-ref")), kPage);
        BACK_RING_INIT(&queues[i].rx, reinterpret_cast<netif_rx_sring*>(ring(folder(i) + "rx-ring-ref")), kPage);
    }
}

void Backend::deliver(const std::string& frame, uint16_t flags, size_t queue, size_t part, unsigned extra) {
    netif_rx_back_ring& rx = queues[queue].rx;
    for (size_t done = 0; done < frame.size(); done += part) {
        netif_rx_request request = *RING_GET_REQUEST(&rx, rx.req_cons++);
        std::string piece = frame.substr(done, part);
        std::copy(piece.begin(), piece.end(), domain::granted.at(request.gref));
        bool more = done + part < frame.size();
        auto kind = static_cast<uint16_t>((more ? NETRXF_more_data : 0) | (extra > 0 ? NETRXF_extra_info : 0));
        *RING_GET_RESPONSE(&rx, rx.rsp_prod_pvt++) = {request.id, 0, static_cast<uint16_t>(flags | kind),
                                                      static_cast<int16_t>(piece.size())};
        for (; extra > 0; --extra) {
            ++rx.req_cons;
            netif_extra_info info{XEN_NETIF_EXTRA_TYPE_HASH, 0, {}};
            info.flags = extra > 1 ? XEN_NETIF_EXTRA_FLAG_MORE : 0;
            std::memcpy(RING_GET_RESPONSE(&rx, rx.rsp_prod_pvt++), &info, sizeof(netif_rx_response));
        }
    }
    RING_PUSH_RESPONSES(&rx);
}

std::string Backend::take(size_t queue) {
    netif_tx_back_ring& tx = queues[queue].tx;
    std::string frame;
    size_t length = 0;
    bool more = RING_HAS_UNCONSUMED_REQUESTS(&tx);
    for (bool first = true; more; first = false) {
        netif_tx_request request = *RING_GET_REQUEST(&tx, tx.req_cons++);
        more = request.flags & NETTXF_more_data;
        if (first) {
            length = request.size;
        }
        // How much of a frame of several parts is in the first one follows from the others.
        size_t part = !first ? request.size : more ? std::min<size_t>(request.size, 2048) : request.size;
        frame.append(reinterpret_cast<char*>(domain::granted.at(request.gref)) + request.offset, part);
        *RING_GET_RESPONSE(&tx, tx.rsp_prod_pvt++) = {request.id, NETIF_RSP_OKAY};
    }
    if (frame.size() != length) {
        platform::panic("the parts of a frame do not make up its length");
    }
    RING_PUSH_RESPONSES(&tx);
    return frame;
}

std::vector<std::string> Backend::received() {
    std::vector<std::string> frames;
    for (;;) {
        PacketBatch batch;
        front.receive(batch, PacketBatch::kCapacity, Packet::kDefaultHeadroom);
        if (batch.empty()) {
            return frames;
        }
        for (const Packet* packet : batch) {
            frames.emplace_back(reinterpret_cast<const char*>(packet->data()), packet->length());
        }
    }
}

std::string Backend::send(const std::string& frame) {
    PacketBatch batch(Packet::make(frame.data(), static_cast<uint32_t>(frame.size())));
    PacketBatch sent;
    PacketBatch refused;
    front.transmit(batch, sent, refused);
    return !sent.empty() ? "sent" : !refused.empty() ? "refused" : "waits";
}

std::string frame_of(size_t length, char fill) {
    std::string frame("\x00\x16\x3e\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00", 14);
    return frame + std::string(length - frame.size(), fill);
}

}  // namespace click::xen
