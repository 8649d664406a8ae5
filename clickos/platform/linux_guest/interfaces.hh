// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The interfaces of the domain, as configurations name them: `eth0` and `0` are number 0 of the toolstack.
namespace click::interfaces {

/// Keeps the kernel's own network stack from saying anything on an interface that comes; called before any is there.
void start();
/// Waits until those are there that XenStore lists, half a minute at most. Later ones are named and brought up as they
/// come.
void await();

}  // namespace click::interfaces
