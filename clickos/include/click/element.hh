// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>
#include <click/batch.hh>
#include <click/errorhandler.hh>
#include <click/handler.hh>
#include <click/value.hh>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace click {

class Element;
class Router;
class Scheduler;
class Notifier;
class Task;

/// One end of a connection, as the element at the other end sees it.
class Port {
public:
    bool connected() const { return _peer != nullptr; }
    Element* peer() const { return _peer; }
    int peer_port() const { return _peer_port; }

    /// Hands a batch downstream; it comes back empty.
    inline void push(PacketBatch& batch) const;
    inline void push(PacketPtr packet) const;
    /// Appends at most `most` packets from upstream (and at most what the batch has room for).
    inline void pull(PacketBatch& batch, unsigned most) const;
    /// One packet from upstream, or null.
    inline PacketPtr pull() const;

private:
    friend class Router;
    Element* _peer = nullptr;
    int _peer_port = 0;
};

/// A node of the packet graph.
///
/// An element says what it is (`class_name`, `port_count`, `processing`), takes its configuration (`configure`), gets
/// ready when its neighbours are known (`initialize`), and from then on moves batches: `push` for those that are handed
/// in, `pull` for those that are asked for, or just `transform` for what does the same to every packet either way.
class Element {
public:
    static constexpr const char* kPush = "h/h";
    static constexpr const char* kPull = "l/l";
    static constexpr const char* kAgnostic = "a/a";
    static constexpr const char* kPushToPull = "h/l";
    static constexpr const char* kPullToPush = "l/h";

    /// When an element is configured and initialized relative to the others (low first).
    enum ConfigurePhase { kPhaseFirst = 0, kPhaseInfo = 20, kPhaseDefault = 100, kPhaseLast = 2000 };

    Element();
    Element(const Element&) = delete;
    Element& operator=(const Element&) = delete;
    virtual ~Element();

    virtual const char* class_name() const = 0;
    /// Click's port count code: "1/1", "1/-", "1-/=", "1/1-2", "-/-"; "=" means as many outputs as inputs.
    virtual const char* port_count() const { return "0/0"; }
    /// Click's processing code: "a/a", "h/l", "a/ah", "h/lh"...: per port, the last one repeats.
    virtual const char* processing() const { return kAgnostic; }
    /// Click's flow code: which outputs a packet of an input may leave by; "x/x" all to all, "x/y" none.
    virtual const char* flow_code() const { return "x/x"; }
    /// `stateless` where any number of workers may push and pull at once.
    virtual const char* flags() const { return ""; }

    /// Non-null when the element is what a name in a configuration or of a handler stands for ("Storage", a class).
    virtual void* cast(std::string_view name);
    /// Whether anybody outside can tell in which order packets pass here: they are printed, written to a file, or call
    /// handlers. Then batches are made no larger than the configuration says (see Turns).
    virtual bool shows_order() const { return false; }
    /// This element as a T, where it is one and says so by `role`; else null.
    template <typename T>
    T* as() {
        return static_cast<T*>(role(kRoleOf<T>));
    }

    virtual int configure_phase() const { return kPhaseDefault; }
    /// Takes the comma-separated arguments. Reports every error; negative when there was one.
    virtual int configure(std::vector<std::string>& conf, ErrorHandler& errh);
    virtual void add_handlers() {}
    /// The handler of a name that `add_handlers` did not give, if the element answers to any; it must stay.
    virtual const Handler* unknown_handler(std::string_view) { return nullptr; }
    /// Called once all elements are configured and connected. Negative, with a report, stops the router.
    virtual int initialize(ErrorHandler& errh);
    /// Hot-swap: takes over the state of the element of the same name in the router that this one replaces.
    virtual void take_state(Element& old, ErrorHandler& errh);
    virtual bool can_live_reconfigure() const { return false; }
    /// Takes new arguments while running; all or nothing.
    virtual int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh);
    /// What the `config` handler shows; by default what was configured.
    virtual std::string unparse_configuration() const { return _config; }
    /// Runs before destruction, also for elements that were never initialized.
    virtual void cleanup() {}

    virtual void push(int port, PacketBatch& batch);
    virtual void pull(int port, PacketBatch& batch, unsigned most);
    /// What an agnostic element of one input and one main output does to packets; those that it takes out are gone.
    virtual void transform(PacketBatch& batch);
    /// One turn of a Task of this element; true if it did useful work.
    virtual bool run_task();
    virtual void run_timer() {}

    /// The Notifier that output `port` offers its pullers, if this element stores packets.
    virtual Notifier* empty_notifier(int port);
    /// The Notifier by which a push input tells that there is room again.
    virtual Notifier* full_notifier(int port);

    const std::string& name() const { return _name; }
    const std::string& config() const { return _config; }
    const Landmark& landmark() const { return _landmark; }
    /// "name :: Class", as errors name an element.
    std::string declaration() const { return _name + " :: " + class_name(); }
    Router& router() const { return *_router; }
    bool initialized() const { return _initialized; }
    int index() const { return _index; }
    /// Of the worker that runs the tasks and timers of this element, and whoever else comes by it.
    Scheduler& home() const { return *_home; }

    int ninputs() const { return static_cast<int>(_inputs.size()); }
    int noutputs() const { return static_cast<int>(_outputs.size()); }
    const Port& input(int port) const { return _inputs[static_cast<size_t>(port)]; }
    const Port& output(int port) const { return _outputs[static_cast<size_t>(port)]; }
    bool input_is_push(int port) const { return _input_push[static_cast<size_t>(port)]; }
    bool input_is_pull(int port) const { return !input_is_push(port); }
    bool output_is_push(int port) const { return _output_push[static_cast<size_t>(port)]; }
    bool output_is_pull(int port) const { return !output_is_push(port); }

    /// Pushes to an output that may not exist: then the packets are dropped.
    void checked_push(int port, PacketPtr packet) const {
        if (static_cast<size_t>(port) < _outputs.size()) {
            output(port).push(std::move(packet));
        }
    }
    void checked_push(int port, PacketBatch& batch) const {
        if (static_cast<size_t>(port) < _outputs.size()) {
            output(port).push(batch);
        } else {
            batch.clear();
        }
    }

    const Handler* find_handler(std::string_view name) const;
    const std::vector<Handler>& handlers() const { return _handlers; }

protected:
    /// Stands for a type, where there is no RTTI.
    using Role = const void*;
    template <typename T>
    static constexpr char kRoleMark = 0;
    template <typename T>
    static constexpr Role kRoleOf = &kRoleMark<T>;
    /// For `as`: the `T*` of this element when it is asked for `kRoleOf<T>`.
    virtual void* role(Role) { return nullptr; }

    template <auto Method>
    void add_read_handler(std::string name, int index = 0, uint32_t flags = 0) {
        Handler& handler = handler_named(std::move(name));
        handler.read = read_thunk<Method>;
        handler.read_index = index;
        handler.flags |= flags | (takes_parameter<Method> ? Handler::kReadParam : 0U);
    }
    template <auto Method>
    void add_write_handler(std::string name, int index = 0, uint32_t flags = 0) {
        Handler& handler = handler_named(std::move(name));
        handler.write = write_thunk<Method>;
        handler.write_index = index;
        handler.flags |= flags;
    }
    /// A read handler that shows a variable: a number, a Tally, an address, a text...
    template <typename T>
    void add_data_handler(const std::string& name, const T& value, uint32_t flags = 0) {
        show_in_handler(name, std::make_unique<ShownValue<T>>(value), flags);
    }
    /// A handler that shows a variable and sets it, read as an argument would be and within the bounds of `bounded(...)`;
    /// the member function `Changed` is called after each write.
    template <auto Changed = nullptr, typename T>
    void add_setting_handler(const std::string& name, T&& place, uint32_t flags = 0) {
        using Value = ValueOf<T>;
        if constexpr (std::same_as<Value, bool>) {
            flags |= Handler::kCheckbox;
        }
        set_by_handler(name, std::make_unique<SettingValue<Value>>(place, changed_hook<Changed>()), flags);
    }
    /// The `scheduled` and `tickets` handlers of the element's task.
    void add_task_handlers(Task& task);

private:
    friend class Router;
    void pull_behind(PacketBatch& batch, unsigned most);
    std::string read_scheduled() const;
    std::string read_tickets() const;
    int write_tickets(std::string_view value, ErrorHandler& errh);
    Handler& handler_named(std::string name);
    void show_in_handler(const std::string& name, std::unique_ptr<HandlerValue> value, uint32_t flags);
    void set_by_handler(const std::string& name, std::unique_ptr<HandlerValue> value, uint32_t flags);
    template <auto Changed>
    static constexpr auto changed_hook() -> void (*)(Element*) {
        if constexpr (std::same_as<decltype(Changed), std::nullptr_t>) {
            return nullptr;
        } else {
            return [](Element* element) {
                (static_cast<typename detail::Member<decltype(Changed)>::Class*>(element)->*Changed)();
            };
        }
    }

    Router* _router = nullptr;
    Scheduler* _home = nullptr;
    std::string _name;
    std::string _config;
    Landmark _landmark;
    int _index = -1;
    bool _initialized = false;
    std::vector<Port> _inputs;
    std::vector<Port> _outputs;
    std::vector<bool> _input_push;
    std::vector<bool> _output_push;
    std::vector<Handler> _handlers;
    std::vector<std::unique_ptr<HandlerValue>> _handler_values;
    Task* _shown_task = nullptr;
};

/// Base of elements that do one thing to one packet: `PacketPtr E::simple_action(PacketPtr)`, null when it is gone.
/// The call is resolved at compile time, so that a batch costs one virtual call.
template <typename E>
class PacketAction : public Element {
public:
    const char* port_count() const override { return "1/1"; }
    /// As in Element, but each class has its own: the call of the action is resolved, and the processor learns for each
    /// class, not for all of them together, where its packets go next.
    void push(int, PacketBatch& batch) override {
        PacketAction::transform(batch);
        output(0).push(batch);
    }
    void transform(PacketBatch& batch) final {
        batch.map([self = static_cast<E*>(this)](PacketPtr packet) { return self->simple_action(std::move(packet)); });
    }
};

/// Base of elements that sort packets: `int E::classify(Packet&)` says the output, negative or too large drops.
/// Packets of one output stay in order; a batch that all goes one way is passed on whole.
/// `Base` lets elements with a common base class (the route tables) be sorters too.
template <typename E, typename Base = Element>
class PacketSorter : public Base {
public:
    const char* port_count() const override { return "1/-"; }
    const char* processing() const override { return Element::kPush; }
    void push(int, PacketBatch& batch) final {
        unsigned count = batch.size();
        uint16_t way = count != 0 ? way_of(batch[0]) : kDrop;
        for (unsigned i = 1; i < count; ++i) {
            if (uint16_t other = way_of(batch[i]); other != way) [[unlikely]] {
                split(batch, i, way, other);
                return;
            }
        }
        send(way, batch);
    }

private:
    static constexpr uint16_t kDrop = 0xffff;

    uint16_t way_of(Packet& packet) {
        auto way = static_cast<unsigned>(static_cast<E*>(this)->classify(packet));
        return way < static_cast<unsigned>(this->noutputs()) ? static_cast<uint16_t>(way) : kDrop;
    }
    /// Sends a batch whose first `same` packets go by `way` and the next one by `other`. Not inlined: what it needs of the
    /// stack would be needed by every sorter of a chain, while no batch can be split more often than it has packets.
    [[gnu::noinline]] void split(PacketBatch& batch, unsigned same, uint16_t way, uint16_t other) {
        uint16_t ways[PacketBatch::kCapacity];
        unsigned count = batch.size();
        for (unsigned i = 0; i < count; ++i) {
            ways[i] = i < same ? way : i == same ? other : way_of(batch[i]);
        }
        Packet* packets[PacketBatch::kCapacity];
        unsigned next = 0;
        batch.drain([&](PacketPtr packet) { packets[next++] = packet.release(); });
        for (unsigned first = 0; first < count; ++first) {
            if (!packets[first]) {
                continue;
            }
            PacketBatch part;
            way = ways[first];
            for (unsigned i = first; i < count; ++i) {
                if (packets[i] && ways[i] == way) {
                    part.append(PacketPtr(packets[i]));
                    packets[i] = nullptr;
                }
            }
            send(way, part);
        }
    }
    void send(uint16_t way, PacketBatch& batch) {
        if (way == kDrop) {
            batch.clear();
        } else {
            this->output(way).push(batch);
        }
    }
};

inline void Port::push(PacketBatch& batch) const {
    if (!batch.empty()) {
        _peer->push(_peer_port, batch);
        batch.clear();
    }
}

inline void Port::push(PacketPtr packet) const {
    PacketBatch batch(std::move(packet));
    push(batch);
}

inline void Port::pull(PacketBatch& batch, unsigned most) const {
    unsigned room = batch.room();
    _peer->pull(_peer_port, batch, most < room ? most : room);
}

inline PacketPtr Port::pull() const {
    PacketBatch batch;
    pull(batch, 1);
    PacketPtr packet;
    batch.drain([&](PacketPtr only) { packet = std::move(only); });
    return packet;
}

/// What a class of elements is called and how one is made; linked into the section `click_elements`.
struct ElementClass {
    const char* name;
    Element* (*make)();
};

/// The class of that name in this program, or null.
const ElementClass* find_element_class(std::string_view name);
/// All classes of this program, sorted by name.
std::vector<const ElementClass*> element_classes();

}  // namespace click

/// Registers an element class; the last line of its file. A pointer per class lies in the linker section (structs would
/// be laid out with gaps), and `used` keeps it through --gc-sections.
#define CLICK_ELEMENT(class_)                                                                                      \
    namespace {                                                                                                    \
    constinit const ::click::ElementClass class_##_registration{#class_,                                           \
                                                                []() -> ::click::Element* { return new class_; }}; \
    [[gnu::section("click_elements"), gnu::used,                                                                   \
      gnu::retain]] constinit const ::click::ElementClass* const class_##_entry = &class_##_registration;          \
    }
