// SPDX-License-Identifier: Apache-2.0
//
// Routers of published ClickOS configurations: devices without a name, and ToDevice that is pushed to.
#include <doctest/doctest.h>

#include "platform/xen/machine.hh"
#include "platform/xen/test/backend.hh"
#include "platform/xen/test/domain.hh"
#include "platform/xen_control/control.hh"

namespace click::xen {

namespace {

/// A guest that was started with a configuration, and the rings of its interface.
class Guest {
public:
    explicit Guest(const char* configuration) {
        domain::reset();
        domain::nodes = {{"device/vif/0/backend", Backend::kPath},
                         {"device/vif/0/backend-id", "0"},
                         {"device/vif/0/mac", "00:16:3e:00:00:01"},
                         {std::string(Backend::kPath) + "/state", "2"}};
        machine.ramdisk = configuration;
        interfaces::start();
        _control.start();
        _control.follow_events();
        BACK_RING_INIT(&_rx, ring<netif_rx_sring>("rx-ring-ref"), kPage);
        BACK_RING_INIT(&_tx, ring<netif_tx_sring>("tx-ring-ref"), kPage);
        run();
    }
    ~Guest() {
        machine.ramdisk = {};
        interfaces::find("eth0")->vanish();
    }

    void deliver(const std::string& frame) {
        netif_rx_request request = *RING_GET_REQUEST(&_rx, _rx.req_cons++);
        std::copy(frame.begin(), frame.end(), domain::granted.at(request.gref));
        *RING_GET_RESPONSE(&_rx, _rx.rsp_prod_pvt++) = {request.id, 0, 0, static_cast<int16_t>(frame.size())};
        RING_PUSH_RESPONSES(&_rx);
        domain::ports.begin()->second();
        run();
    }

    /// The next frame that the guest has sent, or nothing.
    std::string take() {
        if (_tx.req_cons == _tx.sring->req_prod) {
            return "";
        }
        netif_tx_request request = *RING_GET_REQUEST(&_tx, _tx.req_cons++);
        std::string frame(reinterpret_cast<char*>(domain::granted.at(request.gref)) + request.offset, request.size);
        *RING_GET_RESPONSE(&_tx, _tx.rsp_prod_pvt++) = {request.id, NETIF_RSP_OKAY};
        RING_PUSH_RESPONSES(&_tx);
        return frame;
    }

private:
    template <typename Shared>
    static Shared* ring(const char* node) {
        auto reference = std::stoul(domain::nodes.at(std::string("device/vif/0/") + node));
        return reinterpret_cast<Shared*>(domain::granted.at(static_cast<grant_ref_t>(reference)));
    }
    void run() {
        while (_control.run_routers()) {
        }
    }

    Control _control;
    netif_rx_back_ring _rx{};
    netif_tx_back_ring _tx{};
};

}  // namespace

TEST_CASE("devices without a name are the first interface, and ToDevice takes pushes into a queue of its own") {
    std::string frame = frame_of(60, 'x');
    std::string mirrored = frame.substr(6, 6) + frame.substr(0, 6) + frame.substr(12);
    for (const char* configuration : {"FromDevice -> EtherMirror -> ToDevice;",
                                      "source :: FromDevice; sink :: ToDevice; c :: Classifier(12/0806, -); source -> "
                                      "c; c[0] -> sink; c[1] -> EtherMirror -> sink;",
                                      "FromDevice(0) -> EtherMirror -> Queue -> ToDevice;"}) {
        CAPTURE(configuration);
        Guest guest(configuration);
        for (int i = 0; i < 100; ++i) {
            guest.deliver(frame);
            REQUIRE(guest.take() == mirrored);
        }
        CHECK(guest.take().empty());
    }
}

}  // namespace click::xen
