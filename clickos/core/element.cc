// SPDX-License-Identifier: Apache-2.0
#include <click/element.hh>
#include <click/router.hh>
#include <click/task.hh>

#include <algorithm>

#include "lang/confparse.hh"

extern "C" {
extern const click::ElementClass* const __start_click_elements[];
extern const click::ElementClass* const __stop_click_elements[];
}

namespace click {

Element::Element() = default;
Element::~Element() = default;

void* Element::cast(std::string_view name) { return name == class_name() ? this : nullptr; }

int Element::configure(std::vector<std::string>& conf, ErrorHandler& errh) { return Args(conf, this, errh).complete(); }

int Element::initialize(ErrorHandler&) { return 0; }

void Element::take_state(Element&, ErrorHandler&) {}

int Element::live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) {
    if (!can_live_reconfigure()) {
        return errh.error("cannot reconfigure %s live", declaration().c_str());
    }
    int result = configure(conf, errh);
    if (result >= 0) {
        _config = join_arguments(conf);
    }
    return result;
}

void Element::push(int, PacketBatch& batch) {
    transform(batch);
    output(0).push(batch);
}

void Element::pull(int, PacketBatch& batch, unsigned most) {
    if (batch.empty()) [[likely]] {
        input(0).pull(batch, most);
        transform(batch);
    } else {
        pull_behind(batch, most);
    }
}

/// Pulls into a batch that holds packets already. Its own frame: where every batch begins empty, a long chain of elements
/// does not need the stack for so many batches.
[[gnu::noinline]] void Element::pull_behind(PacketBatch& batch, unsigned most) {
    PacketBatch fresh;
    input(0).pull(fresh, std::min(most, batch.room()));
    transform(fresh);
    fresh.move_to(batch, fresh.size());
}

void Element::transform(PacketBatch&) {}

bool Element::run_task() { return false; }

Notifier* Element::empty_notifier(int) { return nullptr; }

Notifier* Element::full_notifier(int) { return nullptr; }

const Handler* Element::find_handler(std::string_view name) const {
    auto found = std::find_if(_handlers.begin(), _handlers.end(), [&](const Handler& h) { return h.name == name; });
    return found == _handlers.end() ? nullptr : &*found;
}

Handler& Element::handler_named(std::string name) {
    auto found = std::find_if(_handlers.begin(), _handlers.end(), [&](const Handler& h) { return h.name == name; });
    if (found != _handlers.end()) {
        return *found;
    }
    _handlers.emplace_back();
    _handlers.back().name = std::move(name);
    return _handlers.back();
}

void Element::show_in_handler(const std::string& name, std::unique_ptr<HandlerValue> value, uint32_t flags) {
    Handler& handler = handler_named(name);
    handler.value = value.get();
    _handler_values.push_back(std::move(value));
    handler.read = [](Element*, std::string_view, const Handler& shown, ErrorHandler&) { return shown.value->show(); };
    handler.flags |= flags;
}

void Element::set_by_handler(const std::string& name, std::unique_ptr<HandlerValue> value, uint32_t flags) {
    show_in_handler(name, std::move(value), flags);
    handler_named(name).write = [](Element* element, std::string_view text, const Handler& set, ErrorHandler& errh) {
        return set.value->set(trim(text), element, set.name, errh);
    };
}

void Element::add_task_handlers(Task& task) {
    _shown_task = &task;
    add_read_handler<&Element::read_scheduled>("scheduled");
    add_read_handler<&Element::read_tickets>("tickets");
    add_write_handler<&Element::write_tickets>("tickets");
    Handler& home = handler_named("home_thread");
    home.read = [](Element* element, std::string_view, const Handler&, ErrorHandler&) -> std::string {
        return std::to_string(element->home().worker());
    };
    home.write = [](Element* element, std::string_view value, const Handler&, ErrorHandler& errh) {
        uint64_t thread;
        if (!parse_unsigned(trim(value), thread) || thread >= element->router().workers()) {
            return element->router().workers() > 1
                       ? errh.error("there are threads 0 to %u", element->router().workers() - 1)
                       : errh.error("there is thread 0 alone");
        }
        return thread == element->home().worker()
                   ? 0
                   : errh.error("a running element stays on its thread; use StaticThreadSched in a new configuration");
    };
}

std::string Element::read_scheduled() const { return _shown_task->scheduled() ? "true" : "false"; }

std::string Element::read_tickets() const { return std::to_string(_shown_task->tickets()); }

int Element::write_tickets(std::string_view value, ErrorHandler& errh) {
    uint64_t tickets;
    if (!parse_unsigned(trim(value), tickets) || tickets < 1 || tickets > 32768) {
        return errh.error("tickets must be a number between 1 and 32768");
    }
    _shown_task->set_tickets(static_cast<int>(tickets));
    return 0;
}

namespace {

const ElementClass* const* classes_begin() { return __start_click_elements; }
const ElementClass* const* classes_end() { return __stop_click_elements; }

}  // namespace

const ElementClass* find_element_class(std::string_view name) {
    auto found =
        std::find_if(classes_begin(), classes_end(), [&](const ElementClass* one) { return one->name == name; });
    return found == classes_end() ? nullptr : *found;
}

std::vector<const ElementClass*> element_classes() {
    std::vector<const ElementClass*> classes(classes_begin(), classes_end());
    std::sort(classes.begin(), classes.end(), [](const ElementClass* a, const ElementClass* b) {
        return std::string_view(a->name) < std::string_view(b->name);
    });
    return classes;
}

}  // namespace click
