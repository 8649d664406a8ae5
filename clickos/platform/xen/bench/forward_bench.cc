// SPDX-License-Identifier: Apache-2.0
//
// Frames through a guest's router in the played domain: in by the receive ring, out by the send ring. valgrind counts what
// the router's turns cost (guest.mk, xen-bench-instructions); this prints how many frames passed, and events per frame.
//
//     forward_bench BATCHES LENGTH CONFIGURATION
#include <click/errorhandler.hh>

#include <cstdio>
#include <cstdlib>

#include "platform/xen/machine.hh"
#include "platform/xen/netfront.hh"
#include "platform/xen/test/domain.hh"
#include "platform/xen_control/control.hh"
#include "platform/xen_control/xenstore.hh"

namespace {

using namespace click::xen;

constexpr unsigned kBatch = 32;
const std::string kBackend = "/local/domain/0/backend/vif/5/0";

template <typename Shared>
Shared* ring(const char* node) {
    auto reference = std::stoul(domain::nodes.at(std::string("device/vif/0/") + node));
    return reinterpret_cast<Shared*>(domain::granted.at(static_cast<grant_ref_t>(reference)));
}

/// A backend that only moves indexes: what it costs is not the guest's.
struct Backend {
    netif_rx_back_ring rx;
    netif_tx_back_ring tx;

    Backend() {
        BACK_RING_INIT(&rx, ring<netif_rx_sring>("rx-ring-ref"), kPage);
        BACK_RING_INIT(&tx, ring<netif_tx_sring>("tx-ring-ref"), kPage);
    }

    void deliver(unsigned length) {
        for (unsigned i = 0; i < kBatch; ++i) {
            netif_rx_request request = *RING_GET_REQUEST(&rx, rx.req_cons++);
            uint8_t* frame = domain::granted.at(request.gref);
            std::memcpy(frame, "\x00\x16\x3e\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00", 14);
            *RING_GET_RESPONSE(&rx, rx.rsp_prod_pvt++) = {request.id, 0, 0, static_cast<int16_t>(length)};
        }
        int notify;
        RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&rx, notify);
        if (notify) {
            domain::ports.begin()->second();
        }
    }

    unsigned take() {
        unsigned count = 0;
        for (; tx.req_cons != tx.sring->req_prod; ++count) {
            uint16_t id = RING_GET_REQUEST(&tx, tx.req_cons++)->id;
            *RING_GET_RESPONSE(&tx, tx.rsp_prod_pvt++) = {id, NETIF_RSP_OKAY};
        }
        tx.sring->req_event = tx.req_cons + 1;  // it sleeps when there is no more
        RING_PUSH_RESPONSES(&tx);
        return count;
    }
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::fprintf(stderr, "usage: forward_bench BATCHES LENGTH CONFIGURATION\n");
        return 2;
    }
    domain::nodes = {{"device/vif/0/backend", kBackend},
                     {"device/vif/0/backend-id", "0"},
                     {"device/vif/0/mac", "00:16:3e:00:00:01"},
                     {kBackend + "/state", "2"}};
    machine.ramdisk = arguments[3];
    interfaces::start();
    Control control;
    control.start();
    control.follow_events();
    Backend backend;
    unsigned passed = 0;
    domain::notifications = 0;
    for (unsigned i = std::strtoul(arguments[1], nullptr, 10); i > 0; --i) {
        backend.deliver(static_cast<unsigned>(std::strtoul(arguments[2], nullptr, 10)));
        while (control.run_routers()) {
        }
        passed += backend.take();
    }
    std::printf("%u frames, %.3f events per frame\n", passed, passed ? double(domain::notifications) / passed : 0.0);
}
