// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/input_file.hh"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace click {

int InputFile::open_input(const std::string& name, ErrorHandler& errh) {
    close();
    _name = name == "-" ? "<stdin>" : name;
    _fd = name == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (_fd < 0) {
        return errh.error("%s: %s", _name.c_str(), std::strerror(errno));
    }
    struct stat status;
    _size = fstat(_fd, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
    _buffer.resize(kBufferSize);
    constexpr size_t kMagic = 4;
    if (!fill(kMagic, errh)) {
        return 0;
    }
    std::string_view start(_buffer.data(), kMagic);
    const char* program = start.starts_with("\x1f\x8b") ? "gzip" : start.starts_with("BZh") ? "bzip2" : nullptr;
    return program && (open_compressed(program, errh) < 0 || !fill(kMagic, errh)) ? -1 : 0;
}

int InputFile::open_compressed(const char* program, ErrorHandler& errh) {
    int ends[2];
    if (_size < 0 || lseek(_fd, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        return errh.error("%s: cannot decompress %s", _name.c_str(), _size < 0 ? "a pipe" : std::strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, _fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string argument = program;
    std::string option = "-dc";
    char* arguments[] = {argument.data(), option.data(), nullptr};
    int error = posix_spawnp(&_child, program, &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    ::close(_fd);
    _fd = ends[0];
    _size = -1;
    _next = _filled = 0;
    if (error != 0) {
        _child = -1;
        return errh.error("%s: cannot run %s: %s", _name.c_str(), program, std::strerror(error));
    }
    return 0;
}

void InputFile::close() {
    if (_fd >= 0) {
        ::close(_fd);
        _fd = -1;
    }
    if (_child > 0) {
        waitpid(_child, nullptr, 0);
        _child = -1;
    }
    _next = _filled = 0;
    _buffer_position = 0;
}

bool InputFile::fill(size_t count, ErrorHandler& errh) {
    if (_filled - _next >= count) {
        return true;
    }
    std::memmove(_buffer.data(), _buffer.data() + _next, _filled - _next);
    _buffer_position += _next;
    _filled -= _next;
    _next = 0;
    if (_buffer.size() < count) {
        _buffer.resize(count);
    }
    while (_filled < count) {
        ssize_t got = read(_fd, _buffer.data() + _filled, _buffer.size() - _filled);
        if (got > 0) {
            _filled += static_cast<size_t>(got);
        } else if (got == 0) {
            return false;
        } else if (errno != EINTR) {
            errh.error("%s: %s", _name.c_str(), std::strerror(errno));
            return false;
        }
    }
    return true;
}

int InputFile::seek(uint64_t position, ErrorHandler& errh) {
    if (_size < 0 || lseek(_fd, static_cast<off_t>(position), SEEK_SET) < 0) {
        return errh.error("%s: cannot seek in %s", _name.c_str(), _size < 0 ? "a pipe" : "this file");
    }
    _buffer_position = position;
    _next = _filled = 0;
    return 0;
}

int LineFile::open(const std::string& name, ErrorHandler& errh) {
    _line = 0;
    return open_input(name, errh);
}

bool LineFile::next(std::string_view& line, ErrorHandler& errh) {
    size_t end = std::string_view::npos;
    for (size_t seen = 0; end == std::string_view::npos;) {
        std::string_view there(_buffer.data() + _next, _filled - _next);
        end = there.find('\n', seen);
        seen = there.size();
        if (end == std::string_view::npos && (seen >= kLongest || !is_open() || !fill(seen + 1, errh))) {
            end = _filled - _next;
        }
    }
    line = std::string_view(_buffer.data() + _next, end);
    bool any = _next < _filled;
    _next += end;
    _next += _next < _filled && _buffer[_next] == '\n' ? 1 : 0;
    ++_line;
    return any;
}

bool LineFile::take(size_t count, std::string_view& bytes, ErrorHandler& errh) {
    if (!is_open() || !fill(count, errh)) {
        return false;
    }
    bytes = std::string_view(_buffer.data() + _next, count);
    _next += count;
    return true;
}

}  // namespace click
