// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdarg>
#include <string>
#include <string_view>

namespace click {

/// Where a piece of configuration was written: `router.click:12`. Empty when it was not written anywhere.
using Landmark = std::string;

/// Collects errors, warnings and messages. Nothing in the engine prints by itself.
class ErrorHandler {
public:
    enum class Level : uint8_t { Message, Warning, Error, Fatal };

    ErrorHandler() = default;
    ErrorHandler(const ErrorHandler&) = delete;
    ErrorHandler& operator=(const ErrorHandler&) = delete;
    virtual ~ErrorHandler() = default;

    /// Reports an error; always returns -1 so that `return errh.error(...)` reads well.
    [[gnu::format(printf, 2, 3)]] int error(const char* format, ...);
    [[gnu::format(printf, 2, 3)]] void warning(const char* format, ...);
    [[gnu::format(printf, 2, 3)]] void message(const char* format, ...);
    /// The same with the place in the configuration that is to blame.
    [[gnu::format(printf, 3, 4)]] int error_at(const Landmark& landmark, const char* format, ...);
    [[gnu::format(printf, 3, 4)]] void warning_at(const Landmark& landmark, const char* format, ...);
    [[gnu::format(printf, 3, 4)]] void message_at(const Landmark& landmark, const char* format, ...);

    /// False for what nobody will see (warnings under `--no-warnings`), so that no context is announced for it.
    virtual bool shows(Level) const { return true; }

    int error_count() const { return _errors; }
    int warning_count() const { return _warnings; }
    void clear() { _errors = _warnings = 0; }

    /// Counts and emits one report; `text` may have several lines.
    void report(Level level, const Landmark& landmark, std::string_view text);

protected:
    virtual void emit(Level level, const Landmark& landmark, std::string_view text) = 0;

private:
    void vreport(Level level, const Landmark& landmark, const char* format, va_list args);

    int _errors = 0;
    int _warnings = 0;
};

/// Counts, says nothing.
class SilentErrorHandler final : public ErrorHandler {
    void emit(Level, const Landmark&, std::string_view) override {}
};

/// Writes each report as `landmark: text` lines to the platform's log.
class LogErrorHandler final : public ErrorHandler {
    void emit(Level level, const Landmark& landmark, std::string_view text) override;
};

/// Keeps each report as `landmark: text` lines of one text (a status node, a control reply).
class TextErrorHandler final : public ErrorHandler {
public:
    const std::string& text() const { return _text; }

private:
    void emit(Level level, const Landmark& landmark, std::string_view text) override;
    std::string _text;
};

/// Prints `context` with its landmark once before the first report, and indents what follows:
///     router.click:3: While configuring 'q :: Queue':
///       too many arguments
class ContextErrorHandler final : public ErrorHandler {
public:
    ContextErrorHandler(ErrorHandler& base, std::string context, Landmark landmark = {})
        : _base(base), _context(std::move(context)), _landmark(std::move(landmark)) {}
    bool shows(Level level) const override { return _base.shows(level); }

private:
    void emit(Level level, const Landmark& landmark, std::string_view text) override;

    ErrorHandler& _base;
    std::string _context;
    Landmark _landmark;
    bool _announced = false;
};

/// Puts `prefix` before each report.
class PrefixErrorHandler final : public ErrorHandler {
public:
    PrefixErrorHandler(ErrorHandler& base, std::string prefix) : _base(base), _prefix(std::move(prefix)) {}
    bool shows(Level level) const override { return _base.shows(level); }

private:
    void emit(Level level, const Landmark& landmark, std::string_view text) override;

    ErrorHandler& _base;
    std::string _prefix;
};

/// The lines of one report as they are shown: each with its landmark and, for warnings, the word "warning".
std::string render_report(ErrorHandler::Level level, const Landmark& landmark, std::string_view text);

}  // namespace click
