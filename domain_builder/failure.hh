// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

/// A call that did not do what it was to: which one, errno, and what the library under it says, if that says more.
class Failure : public std::exception {
public:
    explicit Failure(std::string call, int number = errno, const std::string& more = {})
        : _call(std::move(call)), _number(number), _cause(strerror(number)) {
        if (!more.empty()) {
            _cause += ": " + more;
        }
        _what = _call + ": " + _cause;
    }

    const char* what() const noexcept override { return _what.c_str(); }
    const std::string& call() const { return _call; }
    int number() const { return _number; }
    const std::string& cause() const { return _cause; }

private:
    std::string _call;
    int _number;
    std::string _cause;
    std::string _what;
};
