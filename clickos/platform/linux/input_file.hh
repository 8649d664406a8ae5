// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <click/errorhandler.hh>

#include <cstdint>
#include <string>
#include <string_view>

namespace click {

/// A file that is read from its beginning, a pipe, or the standard input (`-`); gzip- and bzip2-compressed ones through
/// those programs.
class InputFile {
public:
    InputFile() = default;
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    ~InputFile() { close(); }

    bool is_open() const { return _fd >= 0; }
    void close();
    /// Bytes of the file, or -1 for a pipe.
    int64_t size() const { return _size; }
    /// Where what is read next lies.
    uint64_t position() const { return _buffer_position + _next; }
    /// Goes on at that place of the file; negative after a report.
    int seek(uint64_t position, ErrorHandler& errh);

protected:
    /// Negative after a report.
    int open_input(const std::string& name, ErrorHandler& errh);
    /// Makes `count` bytes available at `_next`; false when the file ends before.
    bool fill(size_t count, ErrorHandler& errh);

    std::string _name;
    std::string _buffer;
    size_t _next = 0;
    size_t _filled = 0;

private:
    static constexpr size_t kBufferSize = size_t{256} << 10;

    int open_compressed(const char* program, ErrorHandler& errh);

    int _fd = -1;
    pid_t _child = -1;
    int64_t _size = -1;
    uint64_t _buffer_position = 0;
};

/// Reads a file line by line.
class LineFile : public InputFile {
public:
    int open(const std::string& name, ErrorHandler& errh);
    /// The next line, without its end, until the next call; false at the end. Longer ones than `kLongest` come in
    /// pieces.
    bool next(std::string_view& line, ErrorHandler& errh);
    /// The next `count` bytes; false when there are fewer.
    bool take(size_t count, std::string_view& bytes, ErrorHandler& errh);
    /// `NAME:LINE`, for errors.
    std::string landmark() const { return _name + ":" + std::to_string(_line); }

private:
    static constexpr size_t kLongest = 65536;
    uint64_t _line = 0;
};

}  // namespace click
