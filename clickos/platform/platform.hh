// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/batch.hh>

#include <cstdint>
#include <string>
#include <string_view>

namespace click {
class ErrorHandler;
class Task;
}  // namespace click

/// Everything that the engine asks of an operating system. platform/linux and platform/xen each define all of it; the
/// linker chooses.
namespace click::platform {

/// Wall clock, nanoseconds since the Unix epoch.
int64_t wall_clock();
/// Monotonic clock, nanoseconds.
int64_t monotonic_clock();
/// Writes text to the error log (stderr, the console) as it is.
void log(std::string_view text);
/// Writes text to the program's output (stdout, the console) as it is.
void print(std::string_view text);
/// Puts text into a file, behind what is there (`append`) or instead of it; `-` is the program's output.
/// False, with the reason in `cause`, when that cannot be.
bool write_file(const std::string& path, std::string_view text, bool append, std::string& cause);
/// Says why and ends the program.
[[noreturn]] void panic(const char* reason);
/// Memory for packet buffers, page aligned, for good; null when there is none.
void* packet_memory(size_t size);
/// 64 bits to seed random numbers with.
uint64_t entropy();
/// Waits for an event until the monotonic time `deadline` (0: do not wait, negative: for ever) and lets its receiver
/// (a device's task, a socket) know. Simulated time is never waited for.
void wait(int64_t deadline);

/// A network interface.
class Device {
public:
    struct Options {
        bool promiscuous = false;
        bool outbound = false;  ///< also receive what this machine sends
        bool sniffer = true;    ///< false: the machine's own network stack does not see what we receive
        uint32_t snap_length = 2046;
        uint32_t ring_packets = 1024;
    };
    /// Opens an interface by name, number or MAC; null after a report.
    static Device* open(std::string_view name, const Options& options, ErrorHandler& errh);
    virtual ~Device() = default;

    /// Appends received packets, at most `most`.
    virtual void receive(PacketBatch& batch, unsigned most) = 0;
    /// Sends from the front of the batch; what could not be sent stays in it.
    virtual void transmit(PacketBatch& batch) = 0;
    /// `task` is rescheduled when there is something to receive; null: no more.
    virtual void on_receive(Task* task) = 0;
    /// `task` is rescheduled once when transmit can go on.
    virtual void on_transmit_room(Task* task) = 0;
    virtual uint64_t drops() const = 0;
    virtual std::string name() const = 0;
};

}  // namespace click::platform
