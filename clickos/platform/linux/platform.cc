// SPDX-License-Identifier: Apache-2.0
#include "platform/platform.hh"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <click/worker.hh>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace click::platform {

namespace {

constexpr size_t kPage = 4096;
/// Packet memory comes in pieces of the size of a huge page, so that few TLB entries map all packets.
constexpr size_t kArena = size_t{2} << 20;

constinit uint8_t* arena_next = nullptr;
constinit size_t arena_left = 0;
constinit SpinLock arena_lock;

int64_t read_clock(clockid_t id) {
    timespec now;
    clock_gettime(id, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Maps `size` bytes that begin at a multiple of kArena; null when there is no memory.
uint8_t* map_arena(size_t size) {
    void* memory = mmap(nullptr, size + kArena, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return nullptr;
    }
    auto* start = static_cast<uint8_t*>(memory);
    size_t before = (kArena - reinterpret_cast<uintptr_t>(start) % kArena) % kArena;
    if (before != 0) {
        munmap(start, before);
    }
    munmap(start + before + size, kArena - before);
    // Only advice: without huge pages the same memory is mapped in small ones.
    madvise(start + before, size, MADV_HUGEPAGE);
    return start + before;
}

/// Writes all of `text`, however long the other side takes. False, with errno set, when that cannot be.
bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno == EAGAIN) {
            pollfd room{fd, POLLOUT, 0};
            poll(&room, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
    }
    return true;
}

}  // namespace

void give_way() { sched_yield(); }

int64_t wall_clock() { return read_clock(CLOCK_REALTIME); }

int64_t monotonic_clock() { return read_clock(CLOCK_MONOTONIC); }

void log(std::string_view text) {
    // Nobody can be told that there is no log.
    [[maybe_unused]] bool written = write_all(STDERR_FILENO, text);
}

void print(std::string_view text) {
    // What elements have written there by stdio comes first.
    if (std::fflush(stdout) != 0 || !write_all(STDOUT_FILENO, text)) {
        log(std::string("click: cannot write to standard output: ") + strerror(errno) + "\n");
    }
}

bool write_file(const std::string& path, std::string_view text, bool append, std::string& cause) {
    if (path == "-") {
        print(text);
        return true;
    }
    int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666);
    bool written = fd >= 0 && write_all(fd, text);
    int error = errno;
    if (fd >= 0 && close(fd) < 0 && written) {
        written = false;
        error = errno;
    }
    if (!written) {
        cause = strerror(error);
    }
    return written;
}

bool read_file(const std::string& path, size_t most, std::string& text, std::string& cause) {
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    char chunk[16384];
    ssize_t length = fd;
    while (length >= 0 && (length = read(fd, chunk, sizeof chunk)) > 0) {
        if (text.size() + static_cast<size_t>(length) > most) {
            errno = EFBIG;
            length = -1;
            break;
        }
        text.append(chunk, static_cast<size_t>(length));
    }
    if (length < 0) {
        cause = strerror(errno);
    }
    if (fd >= 0) {
        close(fd);
    }
    return length == 0;
}

void* packet_memory(size_t size) {
    size = (size + kPage - 1) / kPage * kPage;
    SpinLock::Hold hold(&arena_lock);
    if (size > arena_left) {
        size_t arena = (size + kArena - 1) / kArena * kArena;
        uint8_t* memory = map_arena(arena);
        if (!memory) {
            return nullptr;
        }
        arena_next = memory;
        arena_left = arena;
    }
    uint8_t* memory = arena_next;
    arena_next += size;
    arena_left -= size;
    return memory;
}

void* take_memory(size_t size, bool undefined) {
    // The kernel promises more than it has, and ends who takes it at its word.
    if (size / kPage > static_cast<size_t>(sysconf(_SC_PHYS_PAGES))) {
        return nullptr;
    }
    return undefined ? malloc(size) : calloc(1, size);
}

void give_back_memory(void* memory) { free(memory); }

size_t spare_memory() {
    // What is free would leave out what the kernel has in its caches.
    unsigned long kibibytes = 0;
    if (FILE* file = std::fopen("/proc/meminfo", "re")) {
        char line[128];
        while (std::fgets(line, sizeof line, file) && std::sscanf(line, "MemAvailable: %lu", &kibibytes) != 1) {
        }
        std::fclose(file);
    }
    return kibibytes > 0 ? kibibytes * 1024 : static_cast<size_t>(sysconf(_SC_AVPHYS_PAGES)) * kPage;
}

uint64_t entropy() {
    uint64_t bits;
    if (getrandom(&bits, sizeof bits, 0) != ssize_t{sizeof bits}) {
        panic("no random numbers from the kernel");
    }
    return bits;
}

}  // namespace click::platform
