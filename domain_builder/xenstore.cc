// SPDX-License-Identifier: Apache-2.0
#include "xenstore.hh"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "failure.hh"

// Has errno's names if they are known by then.
#include <xen/io/xs_wire.h>

namespace {

constexpr int kMostAttempts = 100;

std::string socket_path() {
    const char* path = getenv("XENSTORED_PATH");
    return path != nullptr ? path : "/run/xenstored/socket";
}

std::string words(std::initializer_list<std::string_view> list) {
    std::string body;
    for (std::string_view word : list) {
        body.append(word).push_back('\0');
    }
    return body;
}

int error_number(std::string_view name) {
    for (const auto& known : xsd_errors) {
        if (name == known.errstring) {
            return known.errnum;
        }
    }
    return name == "EQUOTA" ? EDQUOT : EIO;  // oxenstored's own
}

const char* verb(uint32_t type) {
    switch (type) {
        case XS_WRITE:
            return "write";
        case XS_MKDIR:
            return "make";
        case XS_RM:
            return "remove";
        case XS_SET_PERMS:
            return "set the permissions of";
        case XS_DIRECTORY:
            return "list";
        case XS_INTRODUCE:
            return "introduce domain";
        case XS_RELEASE:
            return "release domain";
        default:
            return "read";
    }
}

std::string described(const XenStore::Request& request) {
    return std::string("XenStore, ") + verb(request.type) + " " + request.path();
}

void require_short(const XenStore::Request& request) {
    if (request.body.size() > XENSTORE_PAYLOAD_MAX) {
        throw Failure(described(request), E2BIG);
    }
}

}  // namespace

XenStore::Request XenStore::write(std::string_view path, std::string_view value) {
    return {XS_WRITE, words({path}).append(value)};
}

XenStore::Request XenStore::make(std::string_view path) { return {XS_MKDIR, words({path})}; }

XenStore::Request XenStore::remove(std::string_view path) { return {XS_RM, words({path})}; }

XenStore::Request XenStore::permit(std::string_view path, std::initializer_list<std::string> permissions) {
    Request request{XS_SET_PERMS, words({path})};
    for (const std::string& permission : permissions) {
        request.body += words({permission});
    }
    return request;
}

XenStore::XenStore() : _socket(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::string path = socket_path();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (_socket < 0 || connect(_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw Failure("connect to XenStore at " + path);
    }
}

XenStore::~XenStore() { close(_socket); }

void XenStore::send(const std::vector<Request>& requests, uint32_t transaction) {
    std::string bytes;
    for (const Request& request : requests) {
        xsd_sockmsg head{request.type, 0, transaction, static_cast<uint32_t>(request.body.size())};
        require_short(request);
        bytes.append(reinterpret_cast<const char*>(&head), sizeof head).append(request.body);
    }
    for (size_t sent = 0; sent < bytes.size();) {
        ssize_t count = ::send(_socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) {
            throw Failure("send to XenStore");
        }
        sent += count > 0 ? static_cast<size_t>(count) : 0;
    }
}

XenStore::Answer XenStore::receive() {
    auto fill = [this](void* place, size_t size) {
        if (size > 0 && recv(_socket, place, size, MSG_WAITALL) != static_cast<ssize_t>(size)) {
            throw Failure("receive from XenStore", ECONNRESET);
        }
    };
    xsd_sockmsg head{};
    fill(&head, sizeof head);
    Answer answer{0, std::string(head.len, '\0')};
    fill(answer.body.data(), answer.body.size());
    if (head.type == XS_ERROR) {
        answer.error = error_number(answer.body.c_str());
    }
    return answer;
}

XenStore::Answer XenStore::ask(const Request& request) {
    send({request}, 0);
    return receive();
}

void XenStore::must(const Request& request) {
    if (Answer answer = ask(request); answer.error != 0) {
        throw Failure(described(request), answer.error);
    }
}

void XenStore::transact(const std::vector<Request>& requests) {
    // Once it has begun it must end, or the daemon keeps it for as long as we live.
    std::ranges::for_each(requests, require_short);
    for (int attempt = 0; attempt < kMostAttempts; attempt++) {
        Answer begun = ask({XS_TRANSACTION_START, words({""})});
        if (begun.error != 0) {
            throw Failure("XenStore, begin a transaction", begun.error);
        }
        auto transaction = static_cast<uint32_t>(strtoul(begun.body.c_str(), nullptr, 10));
        std::vector<Request> whole = requests;
        whole.push_back({XS_TRANSACTION_END, words({"T"})});
        send(whole, transaction);
        const Request* refused = nullptr;
        int cause = 0;
        for (const Request& request : whole) {
            Answer answer = receive();
            if (answer.error != 0 && refused == nullptr) {
                refused = &request;
                cause = answer.error;
            }
        }
        if (refused == nullptr) {
            return;
        }
        if (refused != &whole.back()) {
            throw Failure(described(*refused), cause);
        }
        if (cause != EAGAIN) {
            throw Failure("XenStore, end a transaction", cause);
        }
    }
    throw Failure("XenStore, end a transaction in " + std::to_string(kMostAttempts) + " attempts", EAGAIN);
}

void XenStore::remove_all(const std::vector<std::string>& paths) {
    std::vector<Request> requests(paths.size());
    std::ranges::transform(paths, requests.begin(), remove);
    send(requests, 0);
    std::vector<Answer> answers(requests.size());
    std::ranges::generate(answers, [this] { return receive(); });
    for (size_t at = 0; at < requests.size(); at++) {
        if (answers[at].error != 0 && answers[at].error != ENOENT) {
            throw Failure(described(requests[at]), answers[at].error);
        }
    }
}

void XenStore::write_all(const std::vector<Request>& requests) {
    for (const Request& request : requests) {
        must(request);
    }
}

std::vector<std::string> XenStore::children(std::string_view path) {
    Request request{XS_DIRECTORY, words({path})};
    Answer answer = ask(request);
    std::vector<std::string> names;
    if (answer.error == ENOENT) {
        return names;
    }
    if (answer.error != 0) {
        throw Failure(described(request), answer.error);
    }
    for (size_t at = 0; at < answer.body.size(); at += names.back().size() + 1) {
        names.emplace_back(answer.body.c_str() + at);
    }
    return names;
}

std::string XenStore::read(std::string_view path) {
    Request request{XS_READ, words({path})};
    Answer answer = ask(request);
    if (answer.error != 0 && answer.error != ENOENT) {
        throw Failure(described(request), answer.error);
    }
    return answer.error == 0 ? answer.body : "";
}

void XenStore::introduce(uint32_t domain, uint64_t frame, uint32_t port) {
    must({XS_INTRODUCE, words({std::to_string(domain), std::to_string(frame), std::to_string(port)})});
}

void XenStore::release(uint32_t domain) {
    // A daemon that has noticed the end by itself knows the domain no more.
    Request request{XS_RELEASE, words({std::to_string(domain)})};
    Answer answer = ask(request);
    if (answer.error != 0 && answer.error != ENOENT && answer.error != EINVAL) {
        throw Failure(described(request), answer.error);
    }
}
