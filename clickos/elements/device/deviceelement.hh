// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/handlercall.hh>

#include <memory>
#include <string>

#include "platform/platform.hh"

namespace click {

/// An element with a network interface, which with ALLOW_NONEXISTENT may come later, and go and come again.
class DeviceElement : public Element {
public:
    void cleanup() override { _device.reset(); }

protected:
    static constexpr int64_t kLookAgain =
        1'000'000'000;  ///< nanoseconds between two looks whether the interface is there

    /// Opens the device and, to transmit, starts it. Without it when it may come later: then, and as long as it may go, the
    /// timer is set. False after an error.
    bool open(ErrorHandler& errh);
    /// When the timer runs: whether the device has been opened now.
    bool look_again();
    /// `link`, `queues` and `method`.
    void add_device_handlers();

    std::string _name;
    platform::Device::Options _options;
    bool _allow_nonexistent = false;
    std::unique_ptr<platform::Device> _device;
    Timer _timer{this};

private:
    const char* link() { return _device && _device->link_up() ? "up" : "down"; }
    const char* method() const { return _device ? _device->method() : ""; }
    std::string queues() { return std::to_string(_device ? _device->queues() : 0); }
};

}  // namespace click
