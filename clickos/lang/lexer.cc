// SPDX-License-Identifier: Apache-2.0
#include "lang/lexer.hh"

#include <algorithm>

#include "lib/format.hh"

namespace click::lang {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// A line directive's file name is part of every error; longer ones are cut.
constexpr size_t kMaxFileName = 256;

struct Keyword {
    std::string_view text;
    Token::Kind kind;
};

constexpr Keyword kKeywords[] = {
    {"elementclass", Token::Kind::ElementClass},
    {"connectiontunnel", Token::Kind::ConnectionTunnel},
    {"define", Token::Kind::Define},
    {"provide", Token::Kind::Provide},
    {"require", Token::Kind::Require},
};

constexpr Keyword kSymbols[] = {
    {"->", Token::Kind::Arrow},     {"=>", Token::Kind::ManyArrow}, {"::", Token::Kind::DoubleColon},
    {"||", Token::Kind::DoubleBar}, {"...", Token::Kind::Ellipsis},
};

}  // namespace

Landmark Token::landmark() const { return *file + ":" + std::to_string(line); }

std::string Token::shown() const {
    if (kind == Kind::End) {
        return "end of file";
    }
    std::string shown = kind == Kind::Variable ? "'$" : "'";
    for (char c : text) {
        if (c >= ' ' && c <= '~') {
            shown += c;
        } else {
            shown += format("\\%03o", static_cast<unsigned char>(c));
        }
    }
    return shown + "'";
}

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

Lexer::Lexer(std::string_view text, std::string_view file_name, ErrorHandler& errh) : _text(text), _errh(errh) {
    _files.push_back(std::make_unique<std::string>(file_name));
    _at.file = _files.back().get();
}

const Token& Lexer::peek() {
    if (!_has_ahead) {
        _ahead = scan();
        _has_ahead = true;
    }
    return _ahead;
}

Token Lexer::next() {
    peek();
    _has_ahead = false;
    return _ahead;
}

void Lexer::advance() {
    _at.line += _text[_at.offset] == '\n';
    ++_at.offset;
}

void Lexer::skip_line_comment() {
    size_t end = _text.find('\n', _at.offset);
    _at.offset = end == std::string_view::npos ? _text.size() : end;
}

void Lexer::skip_block_comment() {
    Landmark start = landmark();
    _at.offset += 2;
    while (_at.offset < _text.size() && !starts_with("*/")) {
        advance();
    }
    if (_at.offset < _text.size()) {
        _at.offset += 2;
    } else if (!_unterminated_reported) {
        _unterminated_reported = true;
        _errh.error_at(start, "unterminated comment");
    }
}

/// `# 12 "file"` or `#line 12 "file"`: the next line is line 12 of that file.
void Lexer::line_directive() {
    size_t end = _text.find('\n', _at.offset);
    std::string_view rest = _text.substr(_at.offset + 1, end == std::string_view::npos ? end : end - _at.offset - 1);
    auto skip = [&rest] {
        while (!rest.empty() && is_blank(rest[0])) {
            rest.remove_prefix(1);
        }
    };
    skip();
    if (rest.starts_with("line")) {
        rest.remove_prefix(4);
        skip();
    }
    unsigned line = 0;
    bool numbered = false;
    while (!rest.empty() && is_digit(rest[0])) {
        line = line * 10 + static_cast<unsigned>(rest[0] - '0');
        rest.remove_prefix(1);
        numbered = true;
    }
    if (!numbered) {
        _errh.error_at(landmark(), "syntax error near '#'");
    } else {
        skip();
        size_t close = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
        if (close != std::string_view::npos) {
            _files.push_back(std::make_unique<std::string>(rest.substr(1, std::min(close - 1, kMaxFileName))));
            _at.file = _files.back().get();
        }
    }
    skip_line_comment();
    if (_at.offset < _text.size()) {
        advance();
    }
    if (numbered) {
        _at.line = line;
    }
}

void Lexer::skip_blanks() {
    while (_at.offset < _text.size()) {
        if (is_blank(_text[_at.offset])) {
            advance();
        } else if (starts_with("//")) {
            skip_line_comment();
        } else if (starts_with("/*")) {
            skip_block_comment();
        } else if (_text[_at.offset] == '#' && at_line_start()) {
            line_directive();
        } else {
            return;
        }
    }
}

/// Letters, digits, `_`, `@`, and slashes between them; two slashes, or a slash and a star, begin a comment instead.
size_t Lexer::identifier_end() const {
    size_t end = _at.offset;
    while (end < _text.size()) {
        char c = _text[end];
        char following = end + 1 < _text.size() ? _text[end + 1] : '\0';
        if (!is_word(c) && c != '@' && (c != '/' || end == _at.offset || !(is_word(following) || following == '@'))) {
            break;
        }
        ++end;
    }
    return end;
}

Token Lexer::scan() {
    skip_blanks();
    Token token{Token::Kind::End, {}, _at.file, _at.line};
    if (_at.offset == _text.size()) {
        return token;
    }
    auto take = [&](Token::Kind kind, size_t length, size_t prefix = 0) {
        token.kind = kind;
        token.text = _text.substr(_at.offset + prefix, length - prefix);
        _at.offset += length;
        return token;
    };
    if (size_t end = identifier_end(); end > _at.offset) {
        take(Token::Kind::Identifier, end - _at.offset);
        for (const Keyword& keyword : kKeywords) {
            if (token.text == keyword.text) {
                token.kind = keyword.kind;
            }
        }
        return token;
    }
    if (_text[_at.offset] == '$') {
        size_t end = _at.offset + 1;
        while (end < _text.size() && is_word(_text[end])) {
            ++end;
        }
        if (end > _at.offset + 1) {
            return take(Token::Kind::Variable, end - _at.offset, 1);
        }
    }
    for (const Keyword& symbol : kSymbols) {
        if (starts_with(symbol.text)) {
            return take(symbol.kind, symbol.text.size());
        }
    }
    return take(Token::Kind::Symbol, 1);
}

void Lexer::skip_quoted(char quote) {
    Landmark start = landmark();
    ++_at.offset;
    while (_at.offset < _text.size() && _text[_at.offset] != quote) {
        if (_text[_at.offset] == '\\' && quote == '"' && _at.offset + 1 < _text.size()) {
            ++_at.offset;
        }
        advance();
    }
    if (_at.offset < _text.size()) {
        ++_at.offset;
    } else if (!_unterminated_reported) {
        _unterminated_reported = true;
        _errh.error_at(start, "unterminated string");
    }
}

/// Skips `\<68 65 78>`, in which nothing else has a meaning.
void Lexer::skip_bytes() {
    while (_at.offset < _text.size() && _text[_at.offset] != '>') {
        advance();
    }
}

/// Whether the `#` here is followed by a line's number: a configuration string may have others.
bool Lexer::at_line_directive() const {
    std::string_view rest = _text.substr(_at.offset + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (rest.starts_with("line")) {
        rest.remove_prefix(4);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    }
    return !rest.empty() && is_digit(rest[0]);
}

std::string Lexer::configuration(const Token& open) {
    std::string text;
    size_t start = _at.offset;
    size_t depth = 1;
    while (_at.offset < _text.size()) {
        char c = _text[_at.offset];
        if (c == '#' && at_line_start() && at_line_directive()) {
            text += _text.substr(start, _at.offset - start);
            line_directive();
            start = _at.offset;
            continue;
        }
        if (starts_with("\\<")) {
            skip_bytes();
            continue;
        }
        if (starts_with("//")) {
            skip_line_comment();
            continue;
        }
        if (starts_with("/*")) {
            skip_block_comment();
            continue;
        }
        if (c == '"' || c == '\'') {
            skip_quoted(c);
            continue;
        }
        if (c == ')' && --depth == 0) {
            ++_at.offset;
            return text.append(_text.substr(start, _at.offset - 1 - start));
        }
        depth += c == '(';
        advance();
    }
    if (!_unterminated_reported) {
        _unterminated_reported = true;
        _errh.error_at(open.landmark(), "missing ')': the configuration string that starts here does not end");
    }
    return text.append(_text.substr(start));
}

bool Lexer::at_formals() {
    const Token first = peek();
    if (first.is(Token::Kind::Variable) || first.is('|')) {
        return true;
    }
    if (!first.is(Token::Kind::Identifier)) {
        return false;
    }
    Position before = _at;
    bool formals = scan().is(Token::Kind::Variable);
    _at = before;
    return formals;
}

}  // namespace click::lang
