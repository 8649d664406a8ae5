// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/options.hh"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "lang/confparse.hh"

namespace click {

const char kUsage[] =
    "'click' runs a Click router configuration at user level.\n"
    "\n"
    "Usage: click [OPTION]... [NAME=VALUE]... [ROUTERFILE]\n"
    "\n"
    "  -f, --file FILE               Read the router configuration from FILE ('-': stdin).\n"
    "  -e, --expression EXPR         Use EXPR as the router configuration.\n"
    "  -V NAME=VALUE                 Set parameter NAME; so does NAME=VALUE alone.\n"
    "  -C, --clickpath PATH          Look for libraries in PATH (or CLICKPATH).\n"
    "  -p, --port PORT               Listen for control connections on TCP PORT.\n"
    "  -u, --unix-socket FILE        Listen for control connections on Unix socket FILE.\n"
    "      --socket FD               Speak to a control connection that is open as FD.\n"
    "  -R, --allow-reconfigure       Provide a writable 'hotconfig' handler.\n"
    "  -j, --threads N               Run with at most N threads (64); StaticThreadSched says\n"
    "                                which of them runs what. In simulation time there is one.\n"
    "  -a, --affinity                Keep each thread on a processor of its own.\n"
    "      --simtime                 Run in simulation time.\n"
    "  -h, --handler ELEMENT.H       Call ELEMENT's read handler H after running the\n"
    "                                driver and print the result. ELEMENT may be a\n"
    "                                pattern or a class.\n"
    "  -x, --exit-handler ELEMENT.H  Use handler ELEMENT.H as the exit status.\n"
    "  -o, --output FILE             Write the flat configuration to FILE.\n"
    "      --graph FILE              Write its elements and connections to FILE as JSON.\n"
    "  -q, --quit                    Do not run the driver.\n"
    "  -t, --time                    Print how long the driver ran.\n"
    "  -w, --no-warnings             Do not print warnings.\n"
    "      --check                   Parse and configure only; nothing is opened or run.\n"
    "      --elements-from FILE      Refuse element classes that FILE does not list.\n"
    "      --elements                List the element classes of this program.\n"
    "      --doc ELEMENT             Print the documentation of an element class.\n"
    "      --help                    Print this message and exit.\n"
    "  -v, --version                 Print the version number and exit.\n";

namespace {

enum LongOption { kSimulatedTime = 256, kSocket, kCpu, kHelp, kCheck, kGraph, kElementsFrom, kElements, kDoc };

const option kLongOptions[] = {
    {"file", required_argument, nullptr, 'f'},
    {"expression", required_argument, nullptr, 'e'},
    {"clickpath", required_argument, nullptr, 'C'},
    {"port", required_argument, nullptr, 'p'},
    {"unix-socket", required_argument, nullptr, 'u'},
    {"allow-reconfigure", no_argument, nullptr, 'R'},
    {"threads", required_argument, nullptr, 'j'},
    {"affinity", no_argument, nullptr, 'a'},
    {"cpu", required_argument, nullptr, kCpu},
    {"socket", required_argument, nullptr, kSocket},
    {"simtime", no_argument, nullptr, kSimulatedTime},
    {"simulation-time", no_argument, nullptr, kSimulatedTime},
    {"handler", required_argument, nullptr, 'h'},
    {"exit-handler", required_argument, nullptr, 'x'},
    {"output", required_argument, nullptr, 'o'},
    {"quit", no_argument, nullptr, 'q'},
    {"time", no_argument, nullptr, 't'},
    {"no-warnings", no_argument, nullptr, 'w'},
    {"check", no_argument, nullptr, kCheck},
    {"graph", required_argument, nullptr, kGraph},
    {"elements-from", required_argument, nullptr, kElementsFrom},
    {"elements", no_argument, nullptr, kElements},
    {"doc", required_argument, nullptr, kDoc},
    {"help", no_argument, nullptr, kHelp},
    {"version", no_argument, nullptr, 'v'},
    {},
};

/// The length of NAME in NAME=VALUE, or 0.
size_t assigned_name(std::string_view text) {
    size_t length = 0;
    while (length < text.size() &&
           ((text[length] >= 'a' && text[length] <= 'z') || (text[length] >= 'A' && text[length] <= 'Z') ||
            (text[length] >= '0' && text[length] <= '9') || text[length] == '_')) {
        ++length;
    }
    return length < text.size() && text[length] == '=' ? length : 0;
}

bool complain(const char* text, const char* subject = "") {
    std::fprintf(stderr,
                 "click: %s%s\n"
                 "Usage: click [OPTION]... [ROUTERFILE]\n"
                 "Try 'click --help' for more information.\n",
                 text, subject);
    return false;
}

/// The option that `getopt_long` could not read, as it was written.
std::string written_option(char** argv) {
    std::string_view last = argv[optind - 1];
    std::string name = last.starts_with("--") ? std::string(last.substr(0, last.find('=')))
                                              : std::string("-") + static_cast<char>(optopt);
    return "'" + name + "'";
}

class CommandLine {
public:
    explicit CommandLine(Options& options) : _options(options) {}

    bool option(int code, char** argv);
    bool operand(const char* text);

private:
    bool source() {
        if (_has_source) {
            return complain("router specified twice");
        }
        return _has_source = true;
    }
    static bool number(std::string_view text, uint64_t least, int& value) {
        constexpr uint64_t kMost = 1024;
        uint64_t parsed;
        if (!parse_unsigned(text, parsed) || parsed < least || parsed > kMost) {
            return false;
        }
        value = static_cast<int>(parsed);
        return true;
    }
    bool define(std::string_view text) {
        size_t name = assigned_name(text);
        _options.defines.emplace_back(text.substr(0, name), text.substr(name + 1));
        return true;
    }

    Options& _options;
    bool _has_source = false;
};

bool CommandLine::option(int code, char** argv) {
    switch (code) {
        case 'f':
            _options.file = optarg;
            return source();
        case 'e':
            _options.expression = optarg;
            _options.has_expression = true;
            return source();
        case 'C':
            _options.class_path = optarg;
            return true;
        case 'p':
            _options.control_sockets.push_back("TCP, " + quote(optarg));
            return true;
        case 'u':
            _options.control_sockets.push_back("UNIX, " + quote(optarg));
            return true;
        case 'R':
            _options.allow_reconfigure = true;
            return true;
        case 'j':
            return number(optarg, 1, _options.threads) || complain("--threads expects a positive number, not ", optarg);
        case 'a':
            _options.affinity = 0;
            return true;
        case kCpu:
            return number(optarg, 0, _options.affinity) || complain("--cpu expects a processor's number, not ", optarg);
        case kSocket:
            _options.control_sockets.push_back("SOCKET, " + quote(optarg));
            return true;
        case 'h':
            _options.handlers.emplace_back(optarg);
            return true;
        case 'x':
            if (!_options.exit_handler.empty()) {
                return complain("--exit-handler specified twice");
            }
            _options.exit_handler = optarg;
            return true;
        case 'o':
            if (!_options.output.empty()) {
                return complain("--output specified twice");
            }
            _options.output = optarg;
            return true;
        case 'q':
            _options.quit = true;
            return true;
        case 't':
            _options.print_time = true;
            return true;
        case 'w':
            _options.no_warnings = true;
            return true;
        case 'V':
            if (optarg) {
                return assigned_name(optarg) ? define(optarg) : complain("-V expects NAME=VALUE, not ", optarg);
            }
            // `-V NAME=VALUE` leaves the assignment to be read as an operand; `-V` alone asks for the version.
            if (!argv[optind] || assigned_name(argv[optind]) == 0) {
                _options.action = Options::Action::Version;
            }
            return true;
        case 'v':
            _options.action = Options::Action::Version;
            return true;
        case kSimulatedTime:
            _options.simulated_time = true;
            return true;
        case kCheck:
            _options.check_only = true;
            return true;
        case kGraph:
            _options.graph = optarg;
            return true;
        case kElementsFrom:
            _options.allowed_elements = optarg;
            return true;
        case kElements:
            _options.action = Options::Action::ListElements;
            return true;
        case kDoc:
            _options.action = Options::Action::DocumentElement;
            _options.documented_element = optarg;
            return true;
        case kHelp:
            _options.action = Options::Action::Help;
            return true;
        case ':':
            return complain((written_option(argv) + " requires an argument").c_str());
        default:
            return optopt != 0 && std::string_view(argv[optind - 1]).starts_with("--")
                       ? complain((written_option(argv) + " can't take an argument").c_str())
                       : complain("unrecognized option ", written_option(argv).c_str());
    }
}

bool CommandLine::operand(const char* text) {
    if (assigned_name(text)) {
        return define(text);
    }
    _options.file = text;
    return source();
}

}  // namespace

bool parse_options(int argc, char** argv, Options& options) {
    if (const char* path = std::getenv("CLICKPATH")) {
        options.class_path = path;
    }
    CommandLine command_line(options);
    opterr = 0;
    for (int code; (code = getopt_long(argc, argv, ":f:e:C:p:u:Rj:ah:x:o:qtwV::v", kLongOptions, nullptr)) != -1;) {
        if (!command_line.option(code, argv)) {
            return false;
        }
    }
    for (int i = optind; i < argc; ++i) {
        if (!command_line.operand(argv[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace click
