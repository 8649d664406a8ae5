// SPDX-License-Identifier: Apache-2.0
#include "lang/variables.hh"

#include "lang/confparse.hh"

namespace click::lang {

namespace {

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// A mention of a variable: `$name`, `${name}`, `${name-default}`, or `$(name)`, which scripts use for handlers too.
struct Mention {
    std::string_view name;
    std::string_view fallback;
    bool has_fallback = false;
    size_t length = 0;  ///< 0: there is none here
};

Mention mention_at(std::string_view text, size_t at, size_t last_brace) {
    Mention mention;
    bool braced = at + 1 < text.size() && text[at + 1] == '{';
    bool parenthesized = at + 1 < text.size() && text[at + 1] == '(';
    size_t start = at + (braced || parenthesized ? 2 : 1);
    size_t end = start;
    while (end < text.size() && is_word(text[end])) {
        ++end;
    }
    if (end == start) {
        return mention;
    }
    mention.name = text.substr(start, end - start);
    if (braced) {
        if (end < text.size() && text[end] == '-') {
            if (last_brace == std::string_view::npos || last_brace < end) {
                return mention;
            }
            size_t close = text.find('}', end);
            mention.fallback = text.substr(end + 1, close - end - 1);
            mention.has_fallback = true;
            end = close;
        }
        if (end >= text.size() || text[end] != '}') {
            return mention;
        }
        ++end;
    }
    if (parenthesized && (end >= text.size() || text[end++] != ')')) {
        return mention;
    }
    mention.length = end - at;
    return mention;
}

/// The value as it stands between double quotes: its own quotes resolved, then escaped again.
void append_inside_quotes(std::string_view value, std::string& out) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    for (char c : unquote(value)) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\' || c == '$') {
            out += '\\';
            out += c;
        } else if (byte < ' ' && c != '\n' && c != '\t') {
            out += "\\<";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
            out += '>';
        } else {
            out += c;
        }
    }
}

/// The end of the comment that begins at `at`, or `at` when none does.
size_t comment_end(std::string_view text, size_t at) {
    std::string_view rest = text.substr(at);
    size_t length;
    if (rest.starts_with("//")) {
        length = rest.find('\n');
    } else if (rest.starts_with("/*")) {
        size_t close = rest.find("*/", 2);
        length = close == std::string_view::npos ? close : close + 2;
    } else {
        return at;
    }
    return length == std::string_view::npos ? text.size() : at + length;
}

}  // namespace

/// The value of `name`, or null where it is not set.
const std::string* Variables::find(std::string_view name, int depth) const {
    for (const Variables* scope = this; scope; scope = scope->_around) {
        if (auto value = scope->_values.find(name); value != scope->_values.end()) {
            return &value->second;
        }
        auto definition = scope->_definitions.find(name);
        if (definition == scope->_definitions.end()) {
            continue;
        }
        if (depth == kMaxDepth) {
            _bounds.exceeded = true;
            return nullptr;
        }
        // A definition that mentions itself means the variable of the scope around.
        if (scope->_being_expanded.emplace(name, true).second) {
            std::string value = scope->expand(definition->second, depth + 1);
            scope->_being_expanded.erase(scope->_being_expanded.find(name));
            return &scope->_values.insert_or_assign(std::string(name), std::move(value)).first->second;
        }
    }
    return nullptr;
}

std::string Variables::expand(std::string_view text, int depth) const {
    if (text.find('$') == std::string_view::npos) {
        return std::string(text);
    }
    std::string out;
    char quote = '\0';
    size_t at = 0;
    size_t last_brace = text.rfind('}');
    while (at < text.size()) {
        if (out.size() > _bounds.length) {
            _bounds.exceeded = true;
            break;
        }
        char c = text[at];
        if (quote == '\0') {
            if (size_t end = comment_end(text, at); end > at) {
                out.append(text.substr(at, end - at));
                at = end;
                continue;
            }
        }
        if (c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote == '"' && c == '\\' && at + 1 < text.size()) {
            out += c;
            c = text[++at];
        } else if (c == '$' && quote != '\'') {
            Mention mention = mention_at(text, at, last_brace);
            const std::string* value = mention.length ? find(mention.name, depth) : nullptr;
            std::string fallback;
            if (!value && mention.has_fallback) {
                fallback = expand(mention.fallback, depth);
                value = &fallback;
            }
            if (value) {
                if (quote == '"') {
                    append_inside_quotes(*value, out);
                } else {
                    out += *value;
                }
                at += mention.length;
                continue;
            }
        }
        out += c;
        ++at;
    }
    return out;
}

}  // namespace click::lang
