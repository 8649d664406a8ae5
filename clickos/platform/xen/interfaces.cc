// SPDX-License-Identifier: Apache-2.0
//
// The interfaces that the domain has, as XenStore lists them.
#include <algorithm>

#include "lang/confparse.hh"
#include "platform/xen/netfront.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen::interfaces {

namespace {

constexpr std::string_view kFolder = "device/vif";
constexpr const char* kFolderToken = "vif";

/// Never gets shorter: elements hold pointers.
constinit std::vector<std::unique_ptr<Interface>>* all = nullptr;

Interface* at_seat(uint64_t number) {
    for (const auto& one : *all) {
        if (one->seat() == number) {
            return one.get();
        }
    }
    return nullptr;
}

/// The interface that was detached and has the Ethernet address of the one attached as `number`, now under that number;
/// null when there is none.
Interface* absent_with_address(uint64_t number) {
    std::string text;
    EtherAddress address;
    if (!xenstore::read(std::string(kFolder) + "/" + std::to_string(number) + "/mac", text) ||
        !parse_ether_address(text, address)) {
        return nullptr;
    }
    for (const auto& one : *all) {
        if (!one->present() && one->address() == address) {
            one->come_back_as(static_cast<unsigned>(number));
            return one.get();
        }
    }
    return nullptr;
}

/// The numbers of the toolstack's list, in order.
std::vector<uint64_t> listed() {
    std::vector<std::string> names;
    if (!xenstore::list(std::string(kFolder), names)) {
        names.clear();
    }
    std::vector<uint64_t> numbers;
    for (const std::string& name : names) {
        uint64_t number;
        if (parse_unsigned(name, number)) {
            numbers.push_back(number);
        }
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

/// Compares the toolstack's list of interfaces with ours.
void look() {
    std::vector<uint64_t> numbers = listed();
    for (const auto& one : *all) {
        if (one->present() && (!std::binary_search(numbers.begin(), numbers.end(), one->seat()) || one->moved())) {
            one->vanish();
        }
    }
    for (uint64_t number : numbers) {
        Interface* one = at_seat(number);
        if (!one) {
            one = absent_with_address(number);
        }
        if (!one) {
            all->push_back(std::make_unique<Interface>(static_cast<unsigned>(number)));
            one = all->back().get();
        }
        if (!one->present()) {
            one->follow_backend();
        }
    }
}

/// Whether a change at `path` is the toolstack's: the watch also sees what we write ourselves.
bool from_toolstack(std::string_view path) {
    size_t leaf = path.find('/', kFolder.size() + 1);
    std::string_view node = leaf < path.size() ? path.substr(leaf + 1) : std::string_view();
    return node.empty() || node == "backend" || node == "backend-id" || node == "mac";
}

}  // namespace

void start() {
    delete all;  // a played domain starts more than once
    all = new std::vector<std::unique_ptr<Interface>>;
    look();
    xenstore::watch(std::string(kFolder), kFolderToken);
}

bool follow(const std::string& path, const std::string& token) {
    if (token == kFolderToken) {
        if (from_toolstack(path)) {
            look();
        }
        return true;
    }
    constexpr std::string_view kPrefix = "vif/";
    uint64_t number;
    if (!token.starts_with(kPrefix) || !parse_unsigned(std::string_view(token).substr(kPrefix.size()), number)) {
        return false;
    }
    if (Interface* one = at_seat(number)) {
        one->follow_backend();
    }
    return true;
}

Interface* find(std::string_view name) {
    EtherAddress wanted;
    bool by_address = parse_ether_address(name, wanted);
    for (const auto& one : *all) {
        if (one->present() &&
            (by_address ? one->address() == wanted : name == one->name() || name == std::to_string(one->number()))) {
            return one.get();
        }
    }
    return nullptr;
}

void resume() {
    for (const auto& one : *all) {
        one->start_anew();
    }
    look();
    xenstore::watch(std::string(kFolder), kFolderToken);
}

}  // namespace click::xen::interfaces
