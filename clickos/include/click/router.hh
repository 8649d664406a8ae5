// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/names.hh>
#include <click/router_definition.hh>
#include <click/scheduler.hh>
#include <click/turns.hh>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace click {

/// A running configuration: its elements, their connections and handlers.
class Router {
public:
    /// Who a router asks for what lies outside of it (its driver program).
    struct Environment {
        Scheduler& scheduler;
        /// Replaces the whole router by a new configuration (the `hotconfig` handler); null where that cannot be.
        int (*hot_swap)(std::string_view configuration, ErrorHandler& errh) = nullptr;
        /// Those of the other workers, 1 and following.
        std::span<Scheduler* const> more_schedulers{};
    };

    Router(RouterDefinition definition, Environment environment);
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;
    ~Router();

    /// Makes, checks and configures all elements; all errors are reported. Negative when there was one.
    int configure(ErrorHandler& errh);
    /// Gets the elements ready to run. `replaced` is the running router whose place this one is to take; it stays as it
    /// is until `take_over`.
    int initialize(Router* replaced, ErrorHandler& errh);
    /// The router whose place this one takes, from `initialize` to the end of `take_over`; else null.
    Router* replaced() const { return _replaced; }
    /// Moves the state of the replaced router's elements into those of the same name and class here. Called between
    /// rounds of the scheduler; afterwards the replaced router can be destroyed.
    void take_over(ErrorHandler& errh);
    bool running() const { return _running; }
    /// Calls what waits for the router to run, once; not before all of it is accepted and has taken over.
    void start();
    /// For an element that is being initialized.
    void call_at_start(void (*hook)(Element* element), Element* element) { _start_hooks.push_back({hook, element}); }

    /// Of worker 0.
    Scheduler& scheduler() const { return _environment.scheduler; }
    Scheduler& scheduler(unsigned worker) const {
        return !kSeveralWorkers || worker == 0 ? _environment.scheduler : *_environment.more_schedulers[worker - 1];
    }
    unsigned workers() const {
        return kSeveralWorkers ? 1 + static_cast<unsigned>(_environment.more_schedulers.size()) : 1;
    }
    /// Has the tasks of an element run by that worker; to be called while elements are configured.
    void set_home(const Element& element, unsigned worker) {
        if constexpr (kSeveralWorkers) {
            _several->wanted_homes.emplace_back(&element, worker);
        }
    }
    /// Has both elements run by one worker: to be called while `asking` is configured and gets hold of `asked`, of which it
    /// will call more than handlers.
    void acquaint(const Element& asking, const Element& asked) const {
        if (kSeveralWorkers && workers() > 1 && !_several->settled) {
            _several->acquaintances.emplace_back(&asking, &asked);
        }
    }
    Turns& turns(unsigned worker) { return !kSeveralWorkers || worker == 0 ? _turns : *_several->turns[worker - 1]; }
    /// What AddressInfo and its like define.
    NameTable& names() { return _names; }
    const RouterDefinition& definition() const { return _definition; }

    const std::vector<std::unique_ptr<Element>>& elements() const { return _elements; }
    Element* find(std::string_view name) const;
    /// `name` as seen from within `context`'s compound, then from the compounds around it.
    Element* find(std::string_view name, const Element* context) const;
    /// The same, for who calls no more of it than its handlers.
    Element* find_to_call(std::string_view name, const Element* context) const;

    /// A handler by `element.handler`, `element/inside.handler` or a router handler's bare name.
    struct HandlerRef {
        Element* element = nullptr;  ///< null for a router handler
        const Handler* handler = nullptr;
        explicit operator bool() const { return handler != nullptr; }
    };
    HandlerRef find_handler(std::string_view path, const Element* context = nullptr) const;
    /// All handlers of an element (null: of the router), defaults included, sorted by name.
    std::vector<const Handler*> handlers(const Element* element) const;
    std::string read(const HandlerRef& ref, std::string_view parameter, ErrorHandler& errh) const;
    int write(const HandlerRef& ref, std::string_view value, ErrorHandler& errh);

    /// Some element is done (a LIMIT with STOP, a `stop` handler): the program ends unless the hook decides otherwise.
    void please_stop();
    /// `hook` decides what a stop means (DriverManager): true when it dealt with it.
    void set_stop_hook(bool (*hook)(Element* element), Element* element);

    /// Whether the element leaves it to its neighbours if that port pushes or pulls.
    static bool is_agnostic(const Element& element, bool output, int port);

private:
    /// What the guest's one worker does without.
    struct Several {
        std::vector<std::unique_ptr<Turns>> turns;  ///< of workers 1 and following
        std::vector<std::pair<const Element*, unsigned>> wanted_homes;
        std::vector<std::pair<const Element*, const Element*>> acquaintances;  ///< who asked for whom
        bool settled = false;                                                  ///< all elements have their homes
    };
    struct DeleteSeveral {
        void operator()(Several* several) const {
            if constexpr (kSeveralWorkers) {
                delete several;
            }
        }
    };

    int make_elements(ErrorHandler& errh);
    int connect(ErrorHandler& errh);
    int resolve_processing(ErrorHandler& errh);
    /// Gives each element its home, and refuses what two workers could reach at once.
    int assign_homes(ErrorHandler& errh);
    std::vector<Element*> in_configure_order() const;
    void add_default_handlers();
    std::string read_global(int which) const;
    int write_global(int which, std::string_view value, ErrorHandler& errh);

    RouterDefinition _definition;
    Environment _environment;
    Turns _turns{*this};
    std::unique_ptr<Several, DeleteSeveral> _several;
    std::vector<std::unique_ptr<Element>> _elements;
    std::map<std::string, Element*, std::less<>> _by_name;
    std::vector<Handler> _handlers;
    NameTable _names;
    struct StartHook {
        void (*call)(Element*);
        Element* element;
    };
    std::vector<StartHook> _start_hooks;
    Router* _replaced = nullptr;
    bool _running = false;
    bool (*_stop_hook)(Element*) = nullptr;
    Element* _stop_element = nullptr;
};

}  // namespace click
