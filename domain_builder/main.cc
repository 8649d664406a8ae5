// SPDX-License-Identifier: Apache-2.0
// Makes and destroys many Xen domains over one connection to everything that it takes: see README.md for the protocol.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "builder.hh"
#include "failure.hh"

namespace {

constexpr int kLookMilliseconds = 1000;

/// Handles requests from standard input until that ends and everything is done.
void serve(Builder& builder) {
    std::string text;
    bool open = true;
    while (open || builder.busy()) {
        std::array<pollfd, 2> sources{{{.fd = open ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
                                       {.fd = builder.changes(), .events = POLLIN, .revents = 0}}};
        poll(sources.data(), sources.size(), builder.busy() ? kLookMilliseconds : -1);
        builder.settle();
        if (sources[0].revents == 0) {
            continue;
        }
        std::array<char, 65536> part;
        ssize_t size = read(STDIN_FILENO, part.data(), part.size());
        open = size > 0;
        text.append(part.data(), size > 0 ? static_cast<size_t>(size) : 0);
        size_t start = 0;
        for (size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
            builder.handle(std::string_view(text).substr(start, end - start));
        }
        text.erase(0, start);
    }
}

}  // namespace

int main() {
    try {
        Builder builder;
        serve(builder);
    } catch (const std::exception& failure) {
        fprintf(stderr, "domain-builder: cannot %s\n", failure.what());
        return 1;
    }
    return 0;
}
