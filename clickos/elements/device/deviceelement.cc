// SPDX-License-Identifier: Apache-2.0
#include "elements/device/deviceelement.hh"

namespace click {

bool DeviceElement::open(ErrorHandler& errh) {
    bool exists = true;
    TextErrorHandler failure;
    if (_allow_nonexistent) {
        _timer.schedule_after(kLookAgain);
    }
    _device = platform::Device::open(_name, _options, exists, failure);
    if (_device && _options.role == platform::Device::Role::Transmit && !_device->start(failure)) {
        _device.reset();
    }
    if (!_device && !exists && _allow_nonexistent) {
        if (!initialized()) {
            errh.warning("device '%s' does not exist", _name.c_str());
        }
        return true;
    }
    std::string_view text = failure.text();
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    if (!_device) {
        errh.report(ErrorHandler::Level::Error, {}, text);
    }
    return _device != nullptr;
}

bool DeviceElement::look_again() {
    LogErrorHandler errh;
    if (!_device || (_allow_nonexistent && _device->gone())) {
        return open(errh) && _device;
    }
    if (_allow_nonexistent) {
        _timer.schedule_after(kLookAgain);
    }
    return false;
}

void DeviceElement::add_device_handlers() {
    add_read_handler<&DeviceElement::link>("link");
    add_read_handler<&DeviceElement::queues>("queues");
    add_read_handler<&DeviceElement::method>("method");
}

}  // namespace click
