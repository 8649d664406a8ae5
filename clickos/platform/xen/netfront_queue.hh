// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "platform/xen/receive_ring.hh"
#include "platform/xen/send_ring.hh"

namespace click {
class Task;
}  // namespace click

namespace click::xen {

/// The tasks that wait for what happens at an interface's queues.
struct Waiters {
    Task* receiver = nullptr;
    std::vector<Task*> senders;  ///< each is woken once

    void wake_receiver();
    void wake_senders();
};

/// One of an interface's queues: a ring each way, and one event channel for both or one for each.
class Queue {
public:
    struct Options {
        domid_t backend;
        size_t pages;  ///< of memory that it may take
        size_t rest;   ///< and those that it must leave
        bool split;    ///< an event channel for each ring
        bool gather;   ///< the backend takes frames of several slots
    };

    Queue() = default;
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue();

    /// Events wake `waiters`. False when memory, grants or event channels do not suffice.
    bool open(const Options& options, Waiters& waiters);
    /// Tells the backend where everything is, below `folder`.
    bool publish(const std::string& folder, uint32_t transaction) const;
    /// The domain went on in a new one, where all that was granted is not.
    void abandon();

    ReceiveRing receiving;
    SendRing sending;

private:
    bool _split = false;
    evtchn_port_t _receive_port = 0;
    evtchn_port_t _send_port = 0;  ///< the same one without split
};

}  // namespace click::xen
