// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace click::lang {

struct Token {
    enum class Kind : uint8_t {
        End,
        Identifier,
        Variable,  ///< `$name`; the text is without the dollar sign
        Symbol,    ///< any other single character
        Arrow,
        ManyArrow,
        DoubleColon,
        DoubleBar,
        Ellipsis,
        ElementClass,
        ConnectionTunnel,
        Define,
        Provide,
        Require,
    };

    Kind kind = Kind::End;
    std::string_view text;
    const std::string* file = nullptr;
    unsigned line = 0;

    bool is(Kind wanted) const { return kind == wanted; }
    bool is(char symbol) const { return kind == Kind::Symbol && text[0] == symbol; }
    /// Whether it closes a compound element, an alternative of one, a group or the file.
    bool ends_body() const { return is(Kind::End) || is('}') || is(')') || is(Kind::DoubleBar); }
    Landmark landmark() const;
    /// How an error speaks of it: `'->'`, or `end of file`.
    std::string shown() const;
};

bool all_digits(std::string_view text);

/// Splits Click text into tokens. White space, comments and line directives (`# 12 "file"`) lie between tokens;
/// configuration strings have rules of their own and are read by `configuration`.
class Lexer {
public:
    /// `text` must outlive the tokens.
    Lexer(std::string_view text, std::string_view file_name, ErrorHandler& errh);

    const Token& peek();
    Token next();

    /// The text up to the parenthesis that closes the one that was the last token; quotes, comments and balanced
    /// parentheses are skipped, line directives obeyed and left out. `open` is that token, for the error when nothing
    /// closes it.
    std::string configuration(const Token& open);

    /// Whether a compound element's body begins with formals: `$a, KEYWORD $b |`, or only the bar. Consumes nothing.
    bool at_formals();

private:
    struct Position {
        size_t offset = 0;
        unsigned line = 1;
        const std::string* file = nullptr;
    };

    Token scan();
    void skip_blanks();
    void skip_line_comment();
    void skip_block_comment();
    void line_directive();
    void skip_quoted(char quote);
    void skip_bytes();
    bool at_line_directive() const;
    size_t identifier_end() const;
    bool at_line_start() const { return _at.offset == 0 || _text[_at.offset - 1] == '\n'; }
    bool starts_with(std::string_view prefix) const { return _text.substr(_at.offset).starts_with(prefix); }
    void advance();
    Landmark landmark() const { return Token{Token::Kind::End, {}, _at.file, _at.line}.landmark(); }

    std::string_view _text;
    ErrorHandler& _errh;
    Position _at;
    std::vector<std::unique_ptr<std::string>> _files;
    Token _ahead;
    bool _has_ahead = false;
    bool _unterminated_reported = false;
};

}  // namespace click::lang
