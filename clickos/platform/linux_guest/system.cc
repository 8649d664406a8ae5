// SPDX-License-Identifier: Apache-2.0
#include "platform/linux_guest/system.hh"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "platform/platform.hh"

namespace click::system {

namespace {

constexpr const char* kConsole = "/dev/hvc0";
constexpr const char* kModules = "/modules";

[[noreturn]] void fail(const std::string& what, const std::string& object) {
    platform::panic(("cannot " + what + " " + object + ": " + std::strerror(errno)).c_str());
}

void mount_at(const char* kind, const char* place) {
    mkdir(place, 0755);  // it may be there
    if (mount(kind, place, kind, MS_NOSUID | MS_NOEXEC, nullptr) < 0) {
        fail("mount", place);
    }
}

}  // namespace

void start() {
    mount_at("devtmpfs", "/dev");
    mount_at("proc", "/proc");
    mount_at("sysfs", "/sys");
    int console = open(kConsole, O_RDWR | O_NOCTTY);
    if (console < 0) {
        fail("open", kConsole);
    }
    for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(console, standard);
    }
    if (console > STDERR_FILENO) {
        close(console);
    }
}

void load_modules() {
    std::vector<std::string> names;
    if (DIR* folder = opendir(kModules)) {
        while (const dirent* entry = readdir(folder)) {
            if (entry->d_name[0] != '.') {
                names.emplace_back(entry->d_name);
            }
        }
        closedir(folder);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
        std::string path = std::string(kModules) + "/" + name;
        int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0 || syscall(SYS_finit_module, file, "", 0) < 0) {
            fail("load", path);
        }
        close(file);
    }
}

void set(const char* variable, std::string_view value) {
    std::string cause;
    if (!platform::write_file(std::string("/proc/sys/") + variable, value, false, cause)) {
        platform::panic((std::string("cannot set ") + variable + ": " + cause).c_str());
    }
}

std::string read(const char* path) {
    std::string text;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char part[4096];
    for (ssize_t count; file >= 0 && (count = ::read(file, part, sizeof part)) > 0;) {
        text.append(part, static_cast<size_t>(count));
    }
    if (file >= 0) {
        close(file);
    }
    return text;
}

void power_off() {
    reboot(RB_POWER_OFF);
    fail("power off", "the domain");
}

}  // namespace click::system
