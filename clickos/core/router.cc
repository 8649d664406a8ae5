// SPDX-License-Identifier: Apache-2.0
#include <click/router.hh>

#include <algorithm>
#include <utility>

#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

Router::Router(RouterDefinition definition, Environment environment)
    : _definition(std::move(definition)), _environment(environment) {
    if constexpr (kSeveralWorkers) {
        _several.reset(new Several);
        for (unsigned worker = 1; worker < workers(); ++worker) {
            _several->turns.push_back(std::make_unique<Turns>(*this));
        }
    }
}

Router::~Router() {
    for (auto element = _elements.rbegin(); element != _elements.rend(); ++element) {
        (*element)->cleanup();
    }
}

int Router::make_elements(ErrorHandler& errh) {
    int failures = 0;
    for (const RouterDefinition::Element& definition : _definition.elements) {
        const ElementClass* element_class = find_element_class(definition.class_name);
        if (!element_class) {
            failures = errh.error_at(definition.landmark, "unknown element class '%s'", definition.class_name.c_str());
            continue;
        }
        std::unique_ptr<Element> element(element_class->make());
        element->_router = this;
        element->_home = &_environment.scheduler;
        element->_name = definition.name;
        element->_config = definition.config;
        element->_landmark = definition.landmark;
        element->_index = static_cast<int>(_elements.size());
        _by_name.emplace(element->_name, element.get());
        _elements.push_back(std::move(element));
    }
    return failures;
}

std::vector<Element*> Router::in_configure_order() const {
    std::vector<Element*> order;
    order.reserve(_elements.size());
    for (const auto& element : _elements) {
        order.push_back(element.get());
    }
    // By the element's number where phases are equal: a stable sort would be 2 KB of code.
    std::sort(order.begin(), order.end(), [](const Element* a, const Element* b) {
        return std::pair(a->configure_phase(), a->index()) < std::pair(b->configure_phase(), b->index());
    });
    return order;
}

int Router::configure(ErrorHandler& errh) {
    int before = errh.error_count();
    if (make_elements(errh) < 0) {
        return -1;
    }
    int connected = connect(errh);
    for (Element* element : in_configure_order()) {
        ContextErrorHandler context(errh, "While configuring '" + element->declaration() + "':", element->landmark());
        std::vector<std::string> conf = split_arguments(element->config());
        if (element->configure(conf, context) < 0 && context.error_count() == 0) {
            context.error("unspecified error");
        }
    }
    if (connected >= 0) {
        connected = resolve_processing(errh);
    }
    if (connected < 0 || errh.error_count() > before) {
        return -1;
    }
    if constexpr (kSeveralWorkers) {
        return workers() > 1 ? assign_homes(errh) : 0;
    } else {
        return 0;
    }
}

int Router::initialize(Router* replaced, ErrorHandler& errh) {
    _replaced = replaced;
    add_default_handlers();
    int before = errh.error_count();
    for (Element* element : in_configure_order()) {
        ContextErrorHandler context(errh, "While initializing '" + element->declaration() + "':", element->landmark());
        worker::As at_home(element->home().worker());
        if (element->initialize(context) < 0) {
            if (context.error_count() == 0) {
                context.error("unspecified error");
            }
        } else {
            element->_initialized = true;
        }
    }
    if (errh.error_count() > before) {
        return -1;
    }
    _running = true;
    return 0;
}

void Router::take_over(ErrorHandler& errh) {
    for (const auto& element : _elements) {
        Element* predecessor = _replaced->find(element->name());
        if (predecessor && std::string_view(predecessor->class_name()) == element->class_name()) {
            ContextErrorHandler context(
                errh, "While hot-swapping state into '" + element->declaration() + "':", element->landmark());
            worker::As at_home(element->home().worker());
            element->take_state(*predecessor, context);
        }
    }
    _replaced = nullptr;
}

void Router::start() {
    for (const StartHook& hook : std::exchange(_start_hooks, {})) {
        worker::As at_home(hook.element->home().worker());
        hook.call(hook.element);
    }
}

Element* Router::find(std::string_view name) const {
    auto found = _by_name.find(name);
    return found == _by_name.end() ? nullptr : found->second;
}

Element* Router::find(std::string_view name, const Element* context) const {
    Element* element = find_to_call(name, context);
    if (element && context) {
        acquaint(*context, *element);
    }
    return element;
}

Element* Router::find_to_call(std::string_view name, const Element* context) const {
    std::string_view scope = context ? std::string_view(context->name()) : std::string_view{};
    for (;;) {
        size_t slash = scope.rfind('/');
        scope = slash == std::string_view::npos ? std::string_view{} : scope.substr(0, slash);
        Element* element = find(scope.empty() ? std::string(name) : std::string(scope) + "/" + std::string(name));
        if (element || scope.empty()) {
            return element;
        }
    }
}

void Router::please_stop() {
    Standstill standstill;
    if (!_stop_hook || !_stop_hook(_stop_element)) {
        scheduler().stop();
    }
}

void Router::set_stop_hook(bool (*hook)(Element* element), Element* element) {
    _stop_hook = hook;
    _stop_element = element;
}

}  // namespace click
