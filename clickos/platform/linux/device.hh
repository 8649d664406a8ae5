// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "platform/platform.hh"

/// The devices behind `Device::open`, by METHOD and direction. Null after a report.
namespace click::platform {

std::unique_ptr<Device> open_packet_receiver(std::string name, unsigned index, const Device::Options& options,
                                             ErrorHandler& errh);
std::unique_ptr<Device> open_packet_sender(std::string name, unsigned index, ErrorHandler& errh);
std::unique_ptr<Device> open_xdp_receiver(std::string name, unsigned index, const Device::Options& options,
                                          ErrorHandler& errh);
std::unique_ptr<Device> open_xdp_sender(std::string name, unsigned index, const Device::Options& options,
                                        ErrorHandler& errh);

}  // namespace click::platform
