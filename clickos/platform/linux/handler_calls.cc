// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/handler_calls.hh"

#include <fnmatch.h>

#include <cstdio>

#include "lang/confparse.hh"

namespace click {

namespace {

/// What the program ends with when `-x` names nothing that can be a status: -1, as its parent sees it.
constexpr int kNoExitStatus = 255;

/// `element.handler parameter`, taken apart.
struct Path {
    std::string element;  ///< empty: a handler of the router
    std::string handler;
    std::string parameter;

    explicit Path(std::string_view text) {
        std::string_view name = take_word(text);
        parameter = text;
        size_t dot = name.find('.');  // names of handlers may have dots, names of elements have none
        if (dot != std::string_view::npos) {
            element = name.substr(0, dot);
            name.remove_prefix(dot + 1);
        }
        handler = name;
    }
    std::string named(const std::string& element_name) const {
        return element_name.empty() ? handler : element_name + "." + handler;
    }
};

/// Reads `element_name.handler`. False after a report.
bool read(const Router& router, const std::string& element_name, const Path& path, std::string& value, bool& raw,
          ErrorHandler& errh) {
    std::string full_name = path.named(element_name);
    Router::HandlerRef ref = router.find_handler(full_name);
    if (!ref) {
        errh.error("no '%s' handler", full_name.c_str());
        return false;
    }
    if (!ref.handler->read) {
        errh.error("'%s' is a write handler", full_name.c_str());
        return false;
    }
    ContextErrorHandler context(errh, "While calling '" + full_name + "':");
    value = router.read(ref, path.parameter, context);
    raw = ref.handler->flags & Handler::kRaw;
    return context.error_count() == 0;
}

/// The elements that `pattern` means; `several` is set when it is not just a name.
std::vector<std::string> matching(const Router& router, const Path& path, bool& several) {
    std::vector<std::string> names;
    if (path.element.empty() || router.find(path.element)) {
        names.push_back(path.element);
        return names;
    }
    several = true;
    bool pattern = path.element.find_first_of("*?[") != std::string::npos;
    for (const auto& element : router.elements()) {
        bool matches = pattern ? fnmatch(path.element.c_str(), element->name().c_str(), 0) == 0
                               : path.element == element->class_name() || element->cast(path.element) != nullptr;
        if (matches && (!pattern || router.find_handler(path.named(element->name())))) {
            names.push_back(element->name());
        }
    }
    return names;
}

}  // namespace

bool print_handlers(const Router& router, const std::vector<std::string>& paths, ErrorHandler& errh) {
    bool print_names = paths.size() > 1;
    bool good = true;
    for (const std::string& text : paths) {
        Path path(text);
        std::vector<std::string> names = matching(router, path, print_names);
        if (names.empty()) {
            errh.error("no element matching '%s'", path.element.c_str());
            good = false;
        }
        for (const std::string& name : names) {
            std::string value;
            bool raw = false;
            if (!read(router, name, path, value, raw, errh)) {
                good = false;
                continue;
            }
            if (print_names) {
                std::printf("%s:\n", path.named(name).c_str());
            }
            if (!raw && !value.empty() && value.back() != '\n') {
                value += '\n';
            }
            std::fwrite(value.data(), 1, value.size(), stdout);
            if (print_names) {
                std::fputs("\n", stdout);
            }
        }
    }
    return good;
}

int exit_status(const Router& router, const std::string& path_text, ErrorHandler& errh) {
    Path path(path_text);
    std::string value;
    bool raw;
    if (!read(router, path.element, path, value, raw, errh)) {
        return kNoExitStatus;
    }
    std::string_view text = trim(value);
    bool negative = text.starts_with('-');
    uint64_t number;
    if (parse_unsigned(text.substr(negative ? 1 : 0), number)) {
        return static_cast<int>((negative ? ~number + 1 : number) & 0xff);
    }
    bool truth;
    if (parse_bool(text, truth)) {
        return truth ? 0 : 1;
    }
    errh.error("exit handler value should be integer");
    return kNoExitStatus;
}

}  // namespace click
