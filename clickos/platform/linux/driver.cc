// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/driver.hh"

#include <algorithm>
#include <csignal>

#include "lang/confparse.hh"
#include "platform/linux/configuration_file.hh"
#include "platform/linux/signals.hh"

namespace click {

namespace {

/// Where the elements of the command line were "written".
constexpr const char* kCommandLine = "click";

/// The driver that `hotconfig` reaches: a program runs one.
constinit Driver* current = nullptr;

}  // namespace

bool Driver::check_elements(const RouterDefinition& definition, ErrorHandler& errh) const {
    if (_options.allowed_elements.empty()) {
        return true;
    }
    std::string text;
    if (!read_file(_options.allowed_elements, text, errh)) {
        return false;
    }
    std::vector<std::string> allowed = split_words(text);
    std::sort(allowed.begin(), allowed.end());
    bool good = true;
    for (const RouterDefinition::Element& element : definition.elements) {
        if (!std::binary_search(allowed.begin(), allowed.end(), element.class_name)) {
            errh.error_at(element.landmark, "element class '%s' is not in %s", element.class_name.c_str(),
                          _options.allowed_elements.c_str());
            good = false;
        }
    }
    return good;
}

/// As in Click, the sockets of the command line are elements with names that no configuration uses.
void Driver::add_control_sockets(RouterDefinition& definition) const {
    for (size_t i = 0; i < _options.control_sockets.size(); ++i) {
        std::string name = "click_driver@@ControlSocket";
        if (i > 0) {
            name += "@" + std::to_string(i);
        }
        auto same = [&](const RouterDefinition::Element& element) { return element.name == name; };
        if (std::none_of(definition.elements.begin(), definition.elements.end(), same)) {
            definition.elements.push_back({name, "ControlSocket", _options.control_sockets[i], kCommandLine});
        }
    }
}

std::unique_ptr<Router> Driver::read_router(std::string_view text, std::string_view file_name, ErrorHandler& errh) {
    RouterDefinition definition;
    if (!parse_router(text, file_name, _options.defines, definition, errh, read_library) ||
        !check_elements(definition, errh)) {
        return nullptr;
    }
    add_control_sockets(definition);
    return std::make_unique<Router>(
        std::move(definition),
        Router::Environment{_workers.first(), _options.allow_reconfigure ? hot_swap : nullptr, _workers.others()});
}

bool Driver::load(std::string_view text, std::string_view file_name) {
    _router = read_router(text, file_name, _errh);
    return _router != nullptr;
}

RouterDefinition Driver::flat_configuration() const {
    RouterDefinition definition = _router->definition();
    std::erase_if(definition.elements,
                  [](const RouterDefinition::Element& element) { return element.landmark == kCommandLine; });
    return definition;
}

bool Driver::initialize() {
    current = this;
    // Whoever sees that elements are at work (a file, a socket) may end the program from then on.
    for (int signal : {SIGINT, SIGTERM}) {
        signals::watch_otherwise(signal, interrupted, this);
    }
    return _router->initialize(nullptr, _errh) >= 0;
}

int Driver::hot_swap(std::string_view text, ErrorHandler& errh) { return current->prepare_successor(text, errh); }

/// Runs inside a write handler of the router that is to go: makes the new one ready, and has `run` do the rest.
int Driver::prepare_successor(std::string_view text, ErrorHandler& errh) {
    int errors = errh.error_count();
    std::unique_ptr<Router> router = read_router(configuration_in(text), "config", errh);
    if (!router || router->configure(errh) < 0 || router->initialize(_router.get(), errh) < 0) {
        return errh.error_count() > errors ? -1 : errh.error("the new router could not be initialized");
    }
    _successor = std::move(router);
    _workers.first().stop();
    return 0;
}

void Driver::interrupted(int signal, void* driver) {
    auto* self = static_cast<Driver*>(driver);
    signals::unwatch(signal, driver);
    // A driver's script may have things to do before the end.
    self->_router->please_stop();
    self->_interrupted = self->_workers.first().stopped();
}

void Driver::run() {
    _router->start();
    _workers.start();
    for (;;) {
        _workers.first().run();
        Standstill standstill;
        if (!_successor || _interrupted) {
            break;
        }
        _successor->take_over(_errh);
        _router = std::move(_successor);
        _workers.first().clear_stop();
        _router->start();
    }
    _workers.end();
    for (int signal : {SIGINT, SIGTERM}) {
        signals::unwatch(signal, this);
    }
}

}  // namespace click
