// SPDX-License-Identifier: Apache-2.0
#include "platform/xen_control/xenstore.hh"

#include <xen/io/xs_wire.h>

#include <algorithm>

#include "lang/confparse.hh"
#include "platform/platform.hh"
#include "platform/xen_control/xenstore_channel.hh"

namespace click::xen::xenstore {

namespace {

constexpr int64_t kLastWords = 1'000'000'000;  ///< nanoseconds that a dying guest waits

constinit bool connected = false;
constinit std::string* last_error = nullptr;
/// Events in the order in which they came, taken from `first_event` on.
constinit std::vector<Event>* waiting = nullptr;
constinit size_t first_event = 0;
constinit uint32_t last_request = 0;
constinit bool busy = false;
constinit int64_t deadline = -1;

/// Takes one message. False when the deadline passed.
bool receive_message(xsd_sockmsg& header, std::string& payload) {
    if (!channel::receive(&header, sizeof header, deadline)) {
        return false;
    }
    if (header.len > kMostBytes) {
        platform::panic("XenStore sends a message that is too long");
    }
    payload.resize(header.len);
    return channel::receive(payload.data(), header.len, deadline);
}

void keep_event(const std::string& payload) {
    // Path, NUL, token, NUL.
    size_t end = payload.find('\0');
    if (end == std::string::npos) {
        return;
    }
    std::string token = payload.substr(end + 1);
    waiting->push_back({payload.substr(0, end), token.substr(0, token.find('\0'))});
}

/// Asks one question and waits for its answer. False with the error's name set.
bool ask(uint32_t type, uint32_t transaction, std::string_view payload, std::string& answer) {
    if (!connected || payload.size() > kMostBytes) {
        *last_error = connected ? "E2BIG" : "ENODEV";
        return false;
    }
    busy = true;
    xsd_sockmsg header{type, ++last_request, transaction, static_cast<uint32_t>(payload.size())};
    bool answered =
        channel::send(&header, sizeof header, deadline) && channel::send(payload.data(), payload.size(), deadline);
    while (answered) {
        answered = receive_message(header, answer);
        if (header.type == XS_WATCH_EVENT) {
            keep_event(answer);
        } else if (header.req_id == last_request) {
            break;
        }
    }
    busy = false;
    if (!answered || header.type == XS_ERROR) {
        *last_error = answered ? answer.substr(0, answer.find('\0')) : "ETIMEDOUT";
        return false;
    }
    return true;
}

bool ask(uint32_t type, uint32_t transaction, std::string_view payload) {
    std::string answer;
    return ask(type, transaction, payload, answer);
}

/// Strings, each ended by NUL.
std::string joined(const std::string& first, const std::string& second) { return first + '\0' + second + '\0'; }

}  // namespace

const std::string& error() { return *last_error; }

void start() {
    if (!waiting) {
        last_error = new std::string;
        waiting = new std::vector<Event>;
    }
    waiting->clear();
    first_event = 0;
    connected = channel::open();
}

bool read(const std::string& path, std::string& value, uint32_t transaction) {
    return ask(XS_READ, transaction, path + '\0', value);
}

bool write(const std::string& path, std::string_view value, uint32_t transaction) {
    return ask(XS_WRITE, transaction, (path + '\0').append(value));
}

bool list(const std::string& path, std::vector<std::string>& names, uint32_t transaction) {
    std::string answer;
    if (!ask(XS_DIRECTORY, transaction, path + '\0', answer)) {
        return false;
    }
    names.clear();
    for (size_t start = 0; start < answer.size();) {
        size_t end = std::min(answer.find('\0', start), answer.size());
        names.push_back(answer.substr(start, end - start));
        start = end + 1;
    }
    return true;
}

bool watch(const std::string& path, const std::string& token) { return ask(XS_WATCH, 0, joined(path, token)); }

bool unwatch(const std::string& path, const std::string& token) { return ask(XS_UNWATCH, 0, joined(path, token)); }

bool begin(uint32_t& transaction) {
    std::string answer;
    uint64_t number;
    if (!ask(XS_TRANSACTION_START, 0, std::string_view("\0", 1), answer)) {
        return false;
    }
    if (!parse_unsigned(std::string_view(answer).substr(0, answer.find('\0')), number)) {
        *last_error = "EIO";
        return false;
    }
    transaction = static_cast<uint32_t>(number);
    return true;
}

bool end(uint32_t transaction, bool commit) {
    return ask(XS_TRANSACTION_END, transaction, std::string_view(commit ? "T" : "F", 2));
}

bool next_event(Event& event) {
    if (first_event == waiting->size()) {
        waiting->clear();
        first_event = 0;
        return false;
    }
    event = std::move((*waiting)[first_event++]);
    return true;
}

bool events_left() { return first_event < waiting->size() || (connected && channel::something_there()); }

void receive_events() {
    std::string payload;
    while (connected && channel::something_there()) {
        xsd_sockmsg header;
        if (receive_message(header, payload) && header.type == XS_WATCH_EVENT) {
            keep_event(payload);
        }
    }
}

void write_last_words(const std::string& path, std::string_view value) {
    // In the middle of a question there is no way to ask another one.
    if (connected && !busy) {
        deadline = platform::monotonic_clock() + kLastWords;
        write(path, value);
    }
}

}  // namespace click::xen::xenstore
