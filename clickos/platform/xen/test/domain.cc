// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/test/domain.hh"

#include <cstdlib>

#include "platform/platform.hh"
#include "platform/xen/counters.hh"
#include "platform/xen/events.hh"
#include "platform/xen/grants.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"
#include "platform/xen/suspend.hh"
#include "platform/xen_control/log.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

Machine machine;
Counters counters;

void shut_down(unsigned) { platform::panic("the guest shuts down"); }

namespace domain {

std::map<std::string, std::string> nodes;
unsigned conflicts = 0;
unsigned writes = 0;
std::map<grant_ref_t, uint8_t*> granted;
std::string write_error;
size_t longest_value = 4096;
std::string console;
bool moves = true;
std::set<void*> allocated;
size_t pages = 4096;
std::map<evtchn_port_t, std::function<void()>> ports;
unsigned ports_left = 1000;
unsigned notifications = 0;

}  // namespace domain

namespace {

std::map<std::string, std::string> watches;  ///< path to token
std::vector<xenstore::Event> events_to_come;
grant_ref_t last_grant = 8;
evtchn_port_t last_port = 2;
std::string last_error;

bool fail(const char* error) {
    last_error = error;
    return false;
}

void tell(const std::string& path) {
    for (const auto& [watched, token] : watches) {
        if (path == watched || path.starts_with(watched + "/")) {
            events_to_come.push_back({path, token});
        }
    }
}

}  // namespace

namespace domain {

void reset() {
    nodes.clear();
    watches.clear();
    events_to_come.clear();
    conflicts = writes = 0;
    write_error.clear();
    longest_value = 4096;
    console.clear();
    moves = true;
    pages = 4096;
}

void host_writes(const std::string& path, const std::string& value) {
    nodes[path] = value;
    tell(path);
}

}  // namespace domain

void log(LogLevel, std::string_view text) { domain::console += text; }

bool suspend() {
    if (domain::moves) {
        domain::nodes.clear();
        watches.clear();
        events_to_come.clear();
    }
    return domain::moves;
}

namespace xenstore {

const std::string& error() { return last_error; }

bool read(const std::string& path, std::string& value, uint32_t) {
    auto found = domain::nodes.find(path);
    if (found == domain::nodes.end()) {
        return fail("ENOENT");
    }
    value = found->second;
    return true;
}

bool write(const std::string& path, std::string_view value, uint32_t) {
    if (!domain::write_error.empty() || value.size() > domain::longest_value) {
        return fail(domain::write_error.empty() ? "E2BIG" : domain::write_error.c_str());
    }
    domain::nodes[path] = value;
    ++domain::writes;
    tell(path);
    return true;
}

bool list(const std::string& path, std::vector<std::string>& names, uint32_t) {
    std::set<std::string> found;
    std::string prefix = path + "/";
    for (const auto& [node, value] : domain::nodes) {
        if (node.starts_with(prefix)) {
            found.insert(node.substr(prefix.size(), node.find('/', prefix.size()) - prefix.size()));
        }
    }
    names.assign(found.begin(), found.end());
    return !names.empty() || fail("ENOENT");
}

bool watch(const std::string& path, const std::string& token) {
    watches[path] = token;
    events_to_come.push_back({path, token});
    return true;
}

bool unwatch(const std::string& path, const std::string&) { return watches.erase(path) == 1; }

bool begin(uint32_t& transaction) {
    transaction = 1;
    return true;
}

bool end(uint32_t, bool commit) {
    if (commit && domain::conflicts > 0) {
        --domain::conflicts;
        return fail("EAGAIN");
    }
    return true;
}

bool next_event(Event& event) {
    if (events_to_come.empty()) {
        return false;
    }
    event = events_to_come.front();
    events_to_come.erase(events_to_come.begin());
    return true;
}

bool events_left() { return !events_to_come.empty(); }

void receive_events() {}

}  // namespace xenstore

namespace grants {

grant_ref_t allow(domid_t, const void* page) {
    domain::granted[++last_grant] = const_cast<uint8_t*>(static_cast<const uint8_t*>(page));
    return last_grant;
}

bool revoke(grant_ref_t reference) { return domain::granted.erase(reference) == 1; }

}  // namespace grants

namespace events {

evtchn_port_t allocate(domid_t) { return domain::ports_left > 0 ? (--domain::ports_left, ++last_port) : 0; }
bool listen(evtchn_port_t port, Receiver receiver, void* user) {
    domain::ports[port] = [receiver, user] { receiver(user); };
    return true;
}
void close(evtchn_port_t port) { domain::ports_left += static_cast<unsigned>(domain::ports.erase(port)); }
void notify(evtchn_port_t) { ++domain::notifications; }

}  // namespace events

namespace memory {

void* allocate_pages(size_t count) {
    void* pages = std::aligned_alloc(kPage, count * kPage);
    domain::allocated.insert(pages);
    return pages;
}

void free_pages(void* pages) {
    if (domain::allocated.erase(pages) != 1) {
        platform::panic("pages freed that were not taken");
    }
    std::free(pages);
}

size_t free_page_count() { return domain::pages - domain::allocated.size(); }

}  // namespace memory

}  // namespace click::xen
