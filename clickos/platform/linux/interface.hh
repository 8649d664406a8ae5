// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>

namespace click {
class ErrorHandler;
}

/// What devices ask of a network interface of this machine.
namespace click::platform {

/// A file descriptor that is closed with its owner.
class Descriptor {
public:
    explicit Descriptor(int fd) : _fd(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (_fd >= 0) {
            close(_fd);
        }
    }
    int get() const { return _fd; }

private:
    int _fd;
};

/// The index of the interface of that name or Ethernet address, which `name` becomes the name of; 0 if there is none.
unsigned find_interface(std::string& name);
/// Whether there is still an interface of that index.
bool interface_exists(unsigned index);
/// Whether whoever administers the interface has it up.
bool interface_up(const std::string& name);
/// Whether the kernel sees the interface up and with a carrier. `socket` is any socket.
bool running(int socket, const std::string& name);
/// The longest packet that the interface takes behind its link-level header; 0 if it cannot be told.
uint32_t interface_mtu(int socket, const std::string& name);
/// Into how many queues the interface deals what it receives; 1 where its driver does not say.
unsigned receive_queues(int socket, const std::string& name);

/// Reports what cannot be done with an interface, and errno.
int refuse(ErrorHandler& errh, const std::string& name, const char* what);

/// A packet socket that is not bound yet and receives nothing; negative after a report.
int packet_socket(const std::string& name, ErrorHandler& errh);
/// Ties a packet socket to an interface; protocol 0 receives nothing.
bool bind_to(int fd, unsigned index, uint16_t protocol);
/// Has the interface receive what is for others, for as long as the packet socket lives.
bool make_promiscuous(int fd, unsigned index);
/// Asks for the largest buffer that may be had: more than the system's limit with CAP_NET_ADMIN, else up to it.
void grow_buffer(int fd, int option, int forced_option, int size);

template <typename T>
bool set_packet_option(int fd, int option, const T& value) {
    return setsockopt(fd, SOL_PACKET, option, &value, sizeof value) == 0;
}

}  // namespace click::platform
