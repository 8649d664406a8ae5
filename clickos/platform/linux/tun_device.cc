// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/tun_device.hh"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <click/clock.hh>
#include <click/errorhandler.hh>
#include <click/task.hh>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace click {

namespace {

constexpr uint32_t kDefaultMtu = 1500;
constexpr uint32_t kEtherHeader = 14;

/// Those that are open; few, so that they are searched one by one.
std::vector<TunDevice*>& devices() {
    static std::vector<TunDevice*> all;
    return all;
}

void set_address(sockaddr& place, IPAddress address) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = address.network_order();
    std::memcpy(&place, &in, sizeof in);
}

ifreq request_for(const std::string& name) {
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
    return request;
}

}  // namespace

TunDevice::TunDevice(int fd, std::string name, Kind kind, const Setup& setup)
    : _fd(fd),
      _name(std::move(name)),
      _kind(kind),
      _headroom(setup.headroom),
      _most((setup.mtu != 0 ? setup.mtu : kDefaultMtu) + (kind == Kind::Ethernet ? kEtherHeader : 0)) {
    devices().push_back(this);
}

TunDevice::~TunDevice() {
    std::erase(devices(), this);
    poller::unwatch(_fd);
    close(_fd);
}

std::shared_ptr<TunDevice> TunDevice::find(const std::string& name) {
    for (TunDevice* device : devices()) {
        if (device->_name == name) {
            return device->_shared.lock();
        }
    }
    return nullptr;
}

std::shared_ptr<TunDevice> TunDevice::open(const std::string& name, Kind kind, const Setup& setup, ErrorHandler& errh) {
    if (auto device = name.empty() ? nullptr : find(name)) {
        return device;
    }
    if (name.size() >= IFNAMSIZ) {
        errh.error("interface name '%s' too long; at most %d characters", name.c_str(), IFNAMSIZ - 1);
        return nullptr;
    }
    int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        errh.error("/dev/net/tun: %s", std::strerror(errno));
        return nullptr;
    }
    ifreq request = request_for(name);
    request.ifr_flags = static_cast<short>((kind == Kind::Ethernet ? IFF_TAP : IFF_TUN) | IFF_NO_PI);
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        errh.error("%s: cannot make the interface: %s", name.c_str(), std::strerror(errno));
        close(fd);
        return nullptr;
    }
    std::shared_ptr<TunDevice> device(new TunDevice(fd, request.ifr_name, kind, setup));
    device->_shared = device;
    return device->configure(setup, errh) < 0 ? nullptr : device;
}

int TunDevice::configure(const Setup& setup, ErrorHandler& errh) const {
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const char* failed = control < 0 ? "socket" : nullptr;
    auto ask = [&](unsigned long what, void* request, const char* doing) {
        if (!failed && ioctl(control, what, request) < 0) {
            failed = doing;
        }
    };
    if (setup.ether) {
        ifreq request = request_for(_name);
        request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
        setup.ether.write(reinterpret_cast<uint8_t*>(request.ifr_hwaddr.sa_data));
        ask(SIOCSIFHWADDR, &request, "cannot set its Ethernet address");
    }
    if (setup.mtu != 0) {
        ifreq request = request_for(_name);
        request.ifr_mtu = static_cast<int>(setup.mtu);
        ask(SIOCSIFMTU, &request, "cannot set its MTU");
    }
    if (setup.address.mask) {
        ifreq request = request_for(_name);
        set_address(request.ifr_addr, setup.address.address);
        ask(SIOCSIFADDR, &request, "cannot set its address");
        set_address(request.ifr_netmask, setup.address.mask);
        ask(SIOCSIFNETMASK, &request, "cannot set its mask");
    }
    ifreq flags = request_for(_name);
    ask(SIOCGIFFLAGS, &flags, "cannot look at it");
    flags.ifr_flags |= IFF_UP | IFF_RUNNING;
    ask(SIOCSIFFLAGS, &flags, "cannot bring it up");
    if (setup.gateway) {
        rtentry route{};
        set_address(route.rt_dst, IPAddress());
        set_address(route.rt_genmask, IPAddress());
        set_address(route.rt_gateway, setup.gateway);
        route.rt_flags = RTF_UP | RTF_GATEWAY;
        ask(SIOCADDRT, &route, "cannot add a default route");
    }
    int result = failed ? errh.error("%s: %s: %s", _name.c_str(), failed, std::strerror(errno)) : 0;
    if (control >= 0) {
        close(control);
    }
    return result;
}

void TunDevice::receive(PacketBatch& batch, unsigned most) {
    for (; most > 0; --most) {
        PacketPtr packet = Packet::make(_headroom, nullptr, _most, Packet::kMinTailroom);
        ssize_t length = packet ? read(_fd, packet->mutable_data(), packet->length()) : -1;
        if (length <= 0) {
            return;
        }
        packet->take(packet->length() - static_cast<uint32_t>(length));
        packet->set_timestamp(clock::now());
        batch.append(std::move(packet));
    }
}

bool TunDevice::send(const Packet& packet) {
    return write(_fd, packet.data(), packet.length()) == static_cast<ssize_t>(packet.length());
}

void TunDevice::on_receive(Task* task) {
    _task = task;
    if (task) {
        poller::watch(_fd, poller::kReadable, *this);
    } else {
        poller::unwatch(_fd);
    }
}

void TunDevice::ready(int, uint32_t) { _task->reschedule(); }

}  // namespace click
