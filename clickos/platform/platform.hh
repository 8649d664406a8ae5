// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/batch.hh>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/etheraddress.hh"
#include "net/ipaddress.hh"

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
/// Reads a whole file of at most so many bytes. False, with the reason in `cause`, when that cannot be.
bool read_file(const std::string& path, size_t most, std::string& text, std::string& cause);
/// The number of a signal by its name (`INT`, `SIGINT`) or in digits; 0 where there is none.
int signal_number(std::string_view name);
/// Has `hook` called, by `wait`, whenever the signal arrives, in place of what the program does with it by itself. False
/// where there are no signals.
bool watch_signal(int number, void (*hook)(int number, void* user), void* user);
void unwatch_signal(int number, void* user);
/// Sends a signal. False, with the reason in `cause`, when that cannot be.
bool send_signal(int number, int64_t process, std::string& cause);
/// Says why and ends the program.
[[noreturn]] void panic(const char* reason);
/// Memory for packet buffers, page aligned, for good; null when there is none to spare.
void* packet_memory(size_t size);
/// Memory for as much as a configuration or a packet asks for, all zero unless it is for `undefined` contents; null when
/// there is none to spare. What control needs to go on (to answer, to take another configuration) is never given away,
/// neither here nor by `packet_memory`.
void* take_memory(size_t size, bool undefined = false);
/// What `take_memory` gave; null is nothing.
void give_back_memory(void* memory);
/// How many bytes `take_memory` could give at once.
size_t spare_memory();
/// 64 bits to seed random numbers with.
uint64_t entropy();
/// Waits for an event until the monotonic time `deadline` (0: do not wait, negative: for ever) and lets its receiver
/// (a device's task, a socket) know. Simulated time is never waited for.
void wait(int64_t deadline);

/// What a device has been given by whoever set it up; zero where nothing was.
struct DeviceAddresses {
    EtherAddress ether;
    IPPrefix ip;        ///< its address, and the mask of the network that it is in
    IPAddress gateway;  ///< of the default route over it
};
/// False when there is no device of that name.
bool device_addresses(std::string_view name, DeviceAddresses& addresses);

/// A network interface, opened to receive from or to send to.
class Device {
public:
    enum class Role : uint8_t { Receive, Transmit };
    enum class Method : uint8_t { Usual, Xdp };

    struct Options {
        Role role = Role::Receive;
        bool promiscuous = false;
        bool outbound = false;       ///< also receive what this machine sends
        bool sniffer = true;         ///< false: the machine's own network stack does not see what we receive
        bool sniffer_given = false;  ///< whether the configuration says which
        Method method = Method::Usual;
        uint32_t queue = 0;           ///< of the interface, for methods that take one
        uint16_t protocol = 0;        ///< receive frames of this EtherType only; 0: all
        uint32_t snap_length = 2046;  ///< longer frames are cut off, and say so in their extra length annotation
        uint32_t headroom = Packet::kDefaultHeadroom;
        friend bool operator==(const Options&, const Options&) = default;
    };

    /// Takes a METHOD argument (empty: there was none). False where it is not known.
    static bool find_method(std::string_view text, Options& options);
    /// What a device element without a name means: a guest's first interface; empty where a name has to be given.
    static std::string_view default_name();
    /// Finds an interface by name or Ethernet address; null after a report, for which `exists` says whether there is
    /// none of that name. It receives nothing before `start`.
    static std::unique_ptr<Device> open(std::string_view name, const Options& options, bool& exists,
                                        ErrorHandler& errh);
    virtual ~Device() = default;

    /// Frames that come from now on are received. False after a report.
    virtual bool start(ErrorHandler& errh) = 0;
    /// Appends received packets, at most `most`: whole frames with right checksums, no longer than the sender's
    /// network allows, whatever the other side left to its hardware.
    virtual void receive(PacketBatch& batch, unsigned most) = 0;
    /// Takes packets from the front of the batch to send them, and gives back those that it is done with: what went out at
    /// the end of `sent`, now or in a later call, what will never go out (too long) at the end of `refused`. What there was
    /// no room for stays.
    virtual void transmit(PacketBatch& batch, PacketBatch& sent, PacketBatch& refused) = 0;
    /// Whether there are packets that `transmit` has taken and not given back.
    virtual bool holds() const { return false; }
    /// Whether there is something to receive.
    virtual bool waiting() const = 0;
    /// `task` is rescheduled whenever there is something to receive; null: no more.
    virtual void on_receive(Task* task) = 0;
    /// `task` is rescheduled once when transmit can go on. False if the device cannot tell when.
    virtual bool on_transmit_room(Task* task) = 0;
    /// Frames that were lost before they could be received.
    virtual uint64_t drops() = 0;
    /// Whether frames can pass: the interface is up and has a carrier.
    virtual bool link_up() = 0;
    /// Whether the interface has ceased to be, which one of the same name may follow.
    virtual bool gone() const { return false; }
    /// Queues that its frames go through, 0 while it is not connected.
    virtual unsigned queues() = 0;
    /// How frames get from it and to it, as a handler says it.
    virtual const char* method() const = 0;
    virtual const std::string& name() const = 0;
};

}  // namespace click::platform
