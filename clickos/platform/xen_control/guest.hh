// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

/// What the control plane asks of the guest that it is part of. platform/xen and platform/linux_guest each define all of
/// it; the linker chooses.
namespace click::xen::guest {

/// The configuration that the domain was started with, as (part of) its ramdisk; empty if there is none.
std::string_view own_configuration();
/// Nanoseconds since the domain was entered.
int64_t age();
/// Answers `platform.NAME`, a figure of the guest's own. False when there is no such name.
bool read_figure(std::string_view name, std::string& value);
/// XenStore has seen a change that the control plane itself has not asked to hear of.
void follow_device(const std::string& path, const std::string& token);
/// Does what the toolstack asks for in `control/shutdown`. True when the guest goes on in another domain now, where
/// XenStore watches nothing for it.
bool follow_shutdown(const std::string& request);
/// Ends the domain as crashed.
[[noreturn]] void crash();

}  // namespace click::xen::guest
