// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "platform/linux/interface.hh"

namespace click {

/// The XDP program of an interface, which hands each frame to the AF_XDP socket of the queue that it came in by; frames of
/// queues without one go on to the machine's own network stack. It is attached by a link (Linux 5.9): when nobody here holds
/// it any more, or the process has ended in whatever way, the kernel detaches it.
class XdpProgram {
public:
    /// That of interface `index`, attached unless it is already. Null after a report.
    static std::shared_ptr<XdpProgram> attach(const std::string& name, unsigned index, unsigned queues,
                                              ErrorHandler& errh);
    XdpProgram(int map, int link, bool native) : _map(map), _link(link), _native(native) {}

    /// From now on a queue's frames go to that socket. False, with errno set, if that cannot be.
    bool serve(unsigned queue, int socket) const;
    /// The queue's frames go to the machine again.
    void leave(unsigned queue) const;
    /// Whether the driver runs the program, before it makes a socket buffer of a frame; else the network stack does.
    bool native() const { return _native; }

private:
    platform::Descriptor _map;
    platform::Descriptor _link;
    bool _native;
};

}  // namespace click
