// SPDX-License-Identifier: Apache-2.0
/*
=c
ProgressBar(POSHANDLER [, SIZEHANDLER, I<keywords>])
=s control
shows on standard error how far the work is
=d
POSHANDLER and SIZEHANDLER are read handlers that return real numbers, or several of them, separated by white space, whose
values are added. The work is done when the position is the size. The size is read once, when the bar is shown first; without
one, only the position and the time are shown. A size that is not known yet (zero, or no number) is asked for again.

Keyword arguments are:
=over 8
=item FIXED_SIZE
Real number. The size, where there is no SIZEHANDLER. Default is none.
=item BANNER
String. What is written in front of the bar. Default is nothing.
=item UPDATE
Time. How often the bar is drawn anew. Default is 0.25 seconds.
=item ACTIVE
Boolean. Whether the bar is shown from the beginning. Default is true.
=item DELAY
Time. How long after the beginning it is shown first. Default is 0.
=item CHECK_STDOUT
Boolean. Whether it is not shown when standard output is a terminal too. Default is false.
=item CHECK_TTY
Boolean. Whether it is shown only when standard error is a terminal. Default is true.
=back
=h active read/write
Whether the bar is shown.
=h banner read/write
The BANNER argument.
=h fixed_size read/write
The FIXED_SIZE argument; 0 for none.
=h poshandler read/write
The POSHANDLER argument.
=h sizehandler read/write
The SIZEHANDLER argument.
=h mark_stopped write
Ends the bar where it is and says that the work stopped.
=h mark_done write
Ends the bar as if the work were done.
=h reset write
Begins anew.
=e
  s :: RatedSource(LIMIT 100) -> c :: Counter -> Discard;
  ProgressBar(c.count, s.limit, BANNER packets);
=a FromDump, DriverManager
*/
#include <sys/ioctl.h>
#include <unistd.h>

#include <click/clock.hh>
#include <click/element.hh>
#include <click/router.hh>
#include <click/task.hh>

#include <algorithm>

#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

namespace {

/// At most five characters: `99999`, `1234K`.
std::string short_number(double value) {
    constexpr double kStep = 1024;
    constexpr double kMostShown = 99999;
    std::string_view units = " KMGTPE";
    while (value > kMostShown && units.size() > 1) {
        value /= kStep;
        units.remove_prefix(1);
    }
    return units[0] == ' ' ? format("%.0f", value) : format("%.0f%c", value, units[0]);
}

std::string minutes(int64_t nanoseconds) {
    constexpr int64_t kMinute = 60;
    auto seconds = static_cast<long long>(nanoseconds / clock::kSecond);
    return format("%02lld:%02lld", seconds / kMinute, seconds % kMinute);
}

class ProgressBar final : public Element {
public:
    const char* class_name() const override { return "ProgressBar"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("POSHANDLER", _position_handlers)
            .optional("SIZEHANDLER", _size_handlers, {})
            .keyword("FIXED_SIZE", bounded(_fixed_size, 0, kMostSize), 0)
            .keyword("BANNER", _banner, {})
            .keyword("UPDATE", bounded(_update, kLeastUpdate, Duration{kMostTime}), Duration{clock::kSecond / 4})
            .keyword("ACTIVE", _active, true)
            .keyword("DELAY", bounded(_delay, Duration{}, Duration{kMostTime}), Duration{})
            .keyword("CHECK_STDOUT", _check_stdout, false)
            .keyword("CHECK_TTY", _check_tty, true)
            .complete();
    }
    int initialize(ErrorHandler& errh) override {
        if (!are_handlers(_position_handlers, errh) || !are_handlers(_size_handlers, errh)) {
            return -1;
        }
        _timer.initialize(this);
        reset();
        return 0;
    }
    void add_handlers() override {
        add_setting_handler<&ProgressBar::show_again>("active", _active);
        add_setting_handler("banner", _banner);
        add_setting_handler<&ProgressBar::ask_size>("fixed_size", bounded(_fixed_size, 0, kMostSize));
        add_setting_handler("poshandler", _position_handlers);
        add_setting_handler<&ProgressBar::ask_size>("sizehandler", _size_handlers);
        add_write_handler<&ProgressBar::stop>("mark_stopped", 0, Handler::kButton);
        add_write_handler<&ProgressBar::finish>("mark_done", 0, Handler::kButton);
        add_write_handler<&ProgressBar::reset>("reset", 0, Handler::kButton);
    }
    void run_timer() override {
        if (!_active || _ended) {
            return;
        }
        double position = sum(_position_handlers);
        if (_size <= 0) {
            _size = _size_handlers.empty() ? _fixed_size : sum(_size_handlers);
        }
        if (_size > 0 && position >= _size) {
            finish();
            return;
        }
        draw(position, State::Going);
        _timer.reschedule_after(_update.nanoseconds);
    }
    void cleanup() override {
        if (_shown && !_ended) {
            write_out("\n");
        }
    }

private:
    enum class State : uint8_t { Going, Stopped, Done };
    static constexpr double kMostSize = 1e18;
    static constexpr Duration kLeastUpdate{1'000'000};
    static constexpr int64_t kMostTime = 86400 * clock::kSecond;

    bool are_handlers(const std::string& names, ErrorHandler& errh) const {
        bool all = true;
        for (const std::string& name : split_words(names)) {
            Router::HandlerRef found = router().find_handler(name, this);
            if (!found || !found.handler->read) {
                errh.error("no read handler '%s'", name.c_str());
                all = false;
            }
        }
        return all;
    }
    /// What the handlers' values are together; what is no number counts for nothing.
    double sum(const std::string& names) const {
        double total = 0;
        SilentErrorHandler silent;
        for (const std::string& name : split_words(names)) {
            Router::HandlerRef found = router().find_handler(name, this);
            double value;
            if (found && found.handler->read && parse_real(trim(router().read(found, {}, silent)), value)) {
                total += value;
            }
        }
        return total;
    }

    void reset() {
        _begin = clock::steady();
        _size = 0;
        _ended = _shown = false;
        if (_active) {
            _timer.schedule_after(_delay.nanoseconds);
        }
    }
    void show_again() {
        if (_active && initialized()) {
            _timer.schedule_after(0);
        }
    }
    void ask_size() { _size = 0; }
    void stop() { end(sum(_position_handlers), State::Stopped); }
    void finish() { end(_size > 0 ? _size : sum(_position_handlers), State::Done); }
    void end(double position, State state) {
        if (!_ended) {
            draw(position, state);
            if (_shown) {
                write_out("\n");
            }
            _ended = true;
        }
    }

    void draw(double position, State state) {
        if ((_check_tty && !isatty(STDERR_FILENO)) || (_check_stdout && isatty(STDOUT_FILENO))) {
            return;
        }
        const int64_t passed = clock::steady() - _begin;
        std::string end = ' ' + short_number(position) + ' ';
        if (state == State::Stopped) {
            end += "-- stopped --";
        } else if (state == State::Going && _size > 0) {
            // What would be longer than anybody waits is not known yet.
            const double left = position > 0 ? static_cast<double>(passed) * (_size / position - 1) : kMostTime;
            end += left < kMostTime ? minutes(static_cast<int64_t>(left)) : "--:--";
            end += " ETA";
        } else {
            end += minutes(passed);
        }
        std::string line = '\r' + _banner + (_banner.empty() ? "" : " ");
        if (_size > 0) {
            constexpr size_t kLeastWidth = 10;
            const double part = std::clamp(position / _size, 0.0, 1.0);
            line += format("%3d%% |", static_cast<int>(part * 100));
            const size_t used = line.size() + 1 + end.size();
            const size_t width = columns() > used + kLeastWidth ? columns() - used : kLeastWidth;
            const auto stars = static_cast<size_t>(part * static_cast<double>(width));
            line += std::string(stars, '*') + std::string(width - stars, ' ') + '|';
        }
        write_out(line + end);
        _shown = true;
    }
    static size_t columns() {
        constexpr size_t kUsual = 80;
        winsize size{};
        return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : kUsual;
    }
    static void write_out(std::string_view text) {
        while (!text.empty()) {
            ssize_t written = write(STDERR_FILENO, text.data(), text.size());
            if (written <= 0) {
                return;
            }
            text.remove_prefix(static_cast<size_t>(written));
        }
    }

    std::string _position_handlers;
    std::string _size_handlers;
    std::string _banner;
    double _fixed_size = 0;
    Duration _update;
    Duration _delay;
    bool _active = true;
    bool _check_stdout = false;
    bool _check_tty = true;
    bool _shown = false;
    bool _ended = false;
    double _size = 0;  ///< 0: not known
    int64_t _begin = 0;
    Timer _timer{this};
};

}  // namespace

CLICK_ELEMENT(ProgressBar)

}  // namespace click
