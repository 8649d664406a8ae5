// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/device.hh"

#include <click/errorhandler.hh>

#include "platform/linux/interface.hh"

namespace click::platform {

// A machine has interfaces of its own, of which none is ours by default.
std::string_view Device::default_name() { return {}; }

bool Device::find_method(std::string_view text, Options& options) {
    options.method = text == "XDP" ? Method::Xdp : Method::Usual;
    return text.empty() || text == "LINUX" || text == "PCAP" || text == "XDP";
}

std::unique_ptr<Device> Device::open(std::string_view name, const Options& options, bool& exists, ErrorHandler& errh) {
    std::string device_name(name);
    unsigned index = find_interface(device_name);
    exists = index != 0;
    if (!exists) {
        errh.error("unknown device '%s'", device_name.c_str());
        return nullptr;
    }
    bool receives = options.role == Role::Receive;
    if (options.method == Method::Xdp) {
        if (!interface_up(device_name)) {
            exists = false;
            errh.error("%s: is down; METHOD XDP needs it up", device_name.c_str());
            return nullptr;
        }
        return receives ? open_xdp_receiver(std::move(device_name), index, options, errh)
                        : open_xdp_sender(std::move(device_name), index, options, errh);
    }
    if (options.queue != 0) {
        errh.error("%s: QUEUE %u: only METHOD XDP takes one queue of an interface", device_name.c_str(), options.queue);
        return nullptr;
    }
    return receives ? open_packet_receiver(std::move(device_name), index, options, errh)
                    : open_packet_sender(std::move(device_name), index, errh);
}

}  // namespace click::platform
