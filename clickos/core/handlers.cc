// SPDX-License-Identifier: Apache-2.0
//
// The handlers that every element and every router has, and the way to any handler by its path.
#include <click/clock.hh>
#include <click/router.hh>
#include <click/secrets.hh>

#include <algorithm>

#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

namespace {

std::string flags_of(const Handler& handler) {
    std::string flags;
    if (handler.read) {
        flags += 'r';
    }
    if (handler.write) {
        flags += 'w';
    }
    if (handler.flags & Handler::kReadParam) {
        flags += '+';
    }
    if (handler.flags & Handler::kRaw) {
        flags += '%';
    }
    if (handler.flags & Handler::kCalm) {
        flags += '.';
    }
    if (handler.flags & Handler::kExpensive) {
        flags += '$';
    }
    if (handler.flags & Handler::kButton) {
        flags += 'b';
    }
    if (handler.flags & Handler::kCheckbox) {
        flags += 'c';
    }
    if (handler.flags & Handler::kUncommon) {
        flags += 'U';
    }
    return flags;
}

std::string list_handlers(const Router& router, const Element* element) {
    std::string text;
    for (const Handler* handler : router.handlers(element)) {
        text += handler->name + '\t' + flags_of(*handler) + '\n';
    }
    return text;
}

/// "2 inputs" and then a line a port: how it moves packets (with a tilde where its neighbours decide that) and who is at
/// the other end.
std::string list_ports(const Element& element, bool outputs) {
    int count = outputs ? element.noutputs() : element.ninputs();
    std::string text = format("%d %s%s\n", count, outputs ? "output" : "input", count == 1 ? "" : "s");
    std::vector<std::string> peers(static_cast<size_t>(count));
    const RouterDefinition& definition = element.router().definition();
    for (const RouterDefinition::Connection& one : definition.connections) {
        if ((outputs ? one.from : one.to) != element.index()) {
            continue;
        }
        std::string& peer = peers[static_cast<size_t>(outputs ? one.from_port : one.to_port)];
        int other = outputs ? one.to : one.from;
        int other_port = outputs ? one.to_port : one.from_port;
        const std::string& name = definition.elements[static_cast<size_t>(other)].name;
        peer += peer.empty() ? "" : ", ";
        peer += outputs ? format("[%d] %s", other_port, name.c_str()) : format("%s [%d]", name.c_str(), other_port);
    }
    for (int port = 0; port < count; ++port) {
        bool push = outputs ? element.output_is_push(port) : element.input_is_push(port);
        const char* mark = Router::is_agnostic(element, outputs, port) ? "~" : "";
        text += format("%s%s\t-\t%s\n", push ? "push" : "pull", mark, peers[static_cast<size_t>(port)].c_str());
    }
    return text;
}

/// The text of a configuration as anybody may see it.
std::string without_secrets(const Router& router, std::string text) {
    for (const auto& element : router.elements()) {
        if (const auto* secrets = element->as<Secrets>()) {
            secrets->conceal(text);
        }
    }
    return text;
}

std::string read_class(Element* element, std::string_view, const Handler&, ErrorHandler&) {
    return element->class_name();
}
std::string read_name(Element* element, std::string_view, const Handler&, ErrorHandler&) { return element->name(); }
std::string read_config(Element* element, std::string_view, const Handler&, ErrorHandler&) {
    return without_secrets(element->router(), element->unparse_configuration());
}
std::string read_ports(Element* element, std::string_view, const Handler&, ErrorHandler&) {
    return list_ports(*element, false) + list_ports(*element, true);
}
std::string read_handlers(Element* element, std::string_view, const Handler&, ErrorHandler&) {
    return list_handlers(element->router(), element);
}
int write_config(Element* element, std::string_view value, const Handler&, ErrorHandler& errh) {
    std::vector<std::string> conf = split_arguments(value);
    return element->live_reconfigure(conf, errh);
}

enum Global {
    kVersion,
    kList,
    kClasses,
    kSource,
    kFlatConfig,
    kRequirements,
    kAllHandlers,
    kDriver,
    kPackages,
    kTimeWarp,
    kStop,
    kHotConfig,
};

/// Router handlers are dispatched by `Router::read_global` and `write_global`; a non-null hook only says what exists.
std::string readable(Element*, std::string_view, const Handler&, ErrorHandler&) { return {}; }
int writable(Element*, std::string_view, const Handler&, ErrorHandler&) { return 0; }

/// How fast the router's time passes: as time does, or from one timer to the next at once.
std::string time_warp() { return clock::simulated() ? "simulation" : "1"; }

std::vector<Handler> global_handlers(bool can_hot_swap) {
    std::vector<Handler> all{
        {.name = "classes", .read = readable, .read_index = kClasses, .flags = Handler::kCalm},
        {.name = "config", .read = readable, .read_index = kSource, .flags = Handler::kCalm},
        {.name = "driver", .read = readable, .read_index = kDriver, .flags = Handler::kCalm},
        {.name = "flatconfig", .read = readable, .read_index = kFlatConfig, .flags = Handler::kCalm},
        {.name = "handlers", .read = readable, .read_index = kAllHandlers, .flags = Handler::kCalm},
        {.name = "list", .read = readable, .read_index = kList, .flags = Handler::kCalm},
        {.name = "packages", .read = readable, .read_index = kPackages, .flags = Handler::kCalm},
        {.name = "requirements", .read = readable, .read_index = kRequirements, .flags = Handler::kCalm},
        {.name = "stop", .write = writable, .write_index = kStop, .flags = Handler::kButton},
        {.name = "timewarp",
         .read = readable,
         .write = writable,
         .read_index = kTimeWarp,
         .write_index = kTimeWarp,
         .flags = Handler::kCalm},
        {.name = "version", .read = readable, .read_index = kVersion, .flags = Handler::kCalm},
    };
    if (can_hot_swap) {
        all.push_back({.name = "hotconfig", .write = writable, .write_index = kHotConfig, .flags = Handler::kRaw});
    }
    return all;
}

}  // namespace

void Router::add_default_handlers() {
    _handlers = global_handlers(_environment.hot_swap != nullptr);
    for (const auto& element : _elements) {
        element->add_handlers();
        auto offer = [&](const char* name, Handler::Read reader, Handler::Write writer = nullptr) {
            if (!element->find_handler(name)) {
                element->_handlers.push_back({.name = name, .read = reader, .write = writer, .flags = Handler::kCalm});
            }
        };
        offer("class", read_class);
        offer("name", read_name);
        offer("config", read_config, element->can_live_reconfigure() ? write_config : nullptr);
        offer("ports", read_ports);
        offer("handlers", read_handlers);
    }
}

std::vector<const Handler*> Router::handlers(const Element* element) const {
    std::vector<const Handler*> sorted;
    for (const Handler& handler : element ? element->handlers() : _handlers) {
        sorted.push_back(&handler);
    }
    std::sort(sorted.begin(), sorted.end(), [](const Handler* a, const Handler* b) { return a->name < b->name; });
    return sorted;
}

Router::HandlerRef Router::find_handler(std::string_view path, const Element* context) const {
    size_t dot = path.find('.');
    HandlerRef ref;
    if (dot != std::string_view::npos && dot != 0) {
        ref.element = find_to_call(path.substr(0, dot), context);
        if (!ref.element) {
            return {};
        }
    }
    std::string_view name = dot == std::string_view::npos ? path : path.substr(dot + 1);
    for (const Handler& handler : ref.element ? ref.element->handlers() : _handlers) {
        if (handler.name == name) {
            ref.handler = &handler;
            return ref;
        }
    }
    if (ref.element) {
        ref.handler = ref.element->unknown_handler(name);
    }
    return ref.handler ? ref : HandlerRef{};
}

std::string Router::read(const HandlerRef& ref, std::string_view parameter, ErrorHandler& errh) const {
    if (!parameter.empty() && !(ref.handler->flags & Handler::kReadParam)) {
        std::string name = (ref.element ? ref.element->name() + "." : std::string()) + ref.handler->name;
        errh.error("read handler '%s' does not take parameters", name.c_str());
        return {};
    }
    Standstill standstill(!(ref.handler->flags & Handler::kCalm));
    return ref.element ? ref.handler->read(ref.element, parameter, *ref.handler, errh)
                       : read_global(ref.handler->read_index);
}

int Router::write(const HandlerRef& ref, std::string_view value, ErrorHandler& errh) {
    Standstill standstill;
    for (unsigned worker = 0; worker < workers(); ++worker) {
        turns(worker).disturb();
    }
    worker::As at_home((ref.element ? ref.element->home() : scheduler()).worker());
    return ref.element ? ref.handler->write(ref.element, value, *ref.handler, errh)
                       : write_global(ref.handler->write_index, value, errh);
}

std::string Router::read_global(int which) const {
    std::string text;
    switch (which) {
        case kVersion:
            return CLICK_VERSION;
        case kList:
            text = std::to_string(_elements.size()) + "\n";
            for (const auto& element : _elements) {
                text += element->name() + "\n";
            }
            return text;
        case kClasses:
            for (const ElementClass* one : element_classes()) {
                text += std::string(one->name) + "\n";
            }
            return text;
        case kSource:
            return without_secrets(*this, _definition.source);
        case kFlatConfig:
            return without_secrets(*this, _definition.unparse());
        case kRequirements:
            for (const std::string& one : _definition.requirements) {
                text += one + "\n";
            }
            return text;
        case kAllHandlers:
            return list_handlers(*this, nullptr);
        case kDriver:
            return "userlevel";
        case kTimeWarp:
            return time_warp();
        default:
            return text;
    }
}

int Router::write_global(int which, std::string_view value, ErrorHandler& errh) {
    if (which == kStop) {
        please_stop();
        return 0;
    }
    if (which == kTimeWarp) {
        return unquote(value) == time_warp() ? 0 : errh.error("the pace of time is chosen when the program starts");
    }
    return _environment.hot_swap(value, errh);
}

}  // namespace click
