// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/configuration_file.hh"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lang/confparse.hh"

namespace click {

namespace {

constinit std::string_view library_path;

bool read_stream(FILE* stream, std::string& text) {
    char chunk[16384];
    size_t length;
    while ((length = std::fread(chunk, 1, sizeof chunk, stream)) > 0) {
        text.append(chunk, length);
    }
    return !std::ferror(stream);
}

}  // namespace

bool read_file(const std::string& path, std::string& text, ErrorHandler& errh) {
    bool standard = path == "-";
    FILE* stream = standard ? stdin : std::fopen(path.c_str(), "re");
    bool good = stream && read_stream(stream, text);
    if (!good) {
        errh.error("%s: %s", standard ? "<stdin>" : path.c_str(), std::strerror(errno));
    }
    if (stream && !standard) {
        std::fclose(stream);
    }
    return good;
}

bool write_file(const std::string& path, std::string_view text, ErrorHandler& errh) {
    bool standard = path == "-";
    FILE* stream = standard ? stdout : std::fopen(path.c_str(), "we");
    bool good = stream && std::fwrite(text.data(), 1, text.size(), stream) == text.size();
    int error = errno;
    if (stream && (standard ? std::fflush(stream) : std::fclose(stream)) != 0) {
        error = good ? errno : error;
        good = false;
    }
    if (!good) {
        errh.error("%s: %s", standard ? "<stdout>" : path.c_str(), std::strerror(error));
    }
    return good;
}

void set_library_path(std::string_view path) { library_path = path; }

bool read_library(std::string_view name, std::string_view requiring, std::string& text, std::string& file_name) {
    SilentErrorHandler silent;
    auto read = [&](const std::string& path) {
        for (const char* ending : {"", ".click"}) {
            text.clear();
            file_name = path + ending;
            if (read_file(file_name, text, silent)) {
                return true;
            }
        }
        return false;
    };
    if (name.starts_with('/')) {
        return read(std::string(name));
    }
    size_t slash = requiring.rfind('/');
    if (read(std::string(requiring.substr(0, slash + 1)).append(name))) {
        return true;
    }
    std::string_view rest = library_path;
    while (!rest.empty()) {
        size_t colon = rest.find(':');
        std::string directory(rest.substr(0, colon));
        rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
        for (const char* below : {"/", "/share/click/"}) {
            if (!directory.empty() && read((directory + below).append(name))) {
                return true;
            }
        }
    }
    return false;
}

std::string_view configuration_in(std::string_view text) {
    // The common ar format (ar(5)): a line, then for each member a header of 60 bytes and its data at an even offset.
    constexpr std::string_view kMagic = "!<arch>\n";
    constexpr size_t kHeader = 60;
    constexpr size_t kSizeOffset = 48;
    constexpr size_t kSizeLength = 10;
    if (!text.starts_with(kMagic)) {
        return text;
    }
    std::string_view rest = text.substr(kMagic.size());
    while (rest.size() >= kHeader) {
        std::string_view name = trim(rest.substr(0, 16));
        uint64_t size = 0;
        if (!parse_unsigned(trim(rest.substr(kSizeOffset, kSizeLength)), size) || size > rest.size() - kHeader) {
            break;
        }
        if (name == "config" || name == "config/") {
            return rest.substr(kHeader, size);
        }
        rest.remove_prefix(std::min(rest.size(), kHeader + size + (size & 1)));
    }
    return {};
}

}  // namespace click
