// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router_definition.hh>

#include <utility>

#include "lang/lexer.hh"
#include "lang/syntax.hh"

namespace click::lang {

/// Reads Click text into scopes. Every error is reported; after a syntax error reading goes on with the next statement.
class Parser {
public:
    Parser(Syntax& syntax, ErrorHandler& errh, LibraryReader read_library);

    /// Reads the configuration into the top-level scope. False when the text did not follow the grammar, so that what
    /// was read is not worth more checks.
    bool parse(std::string_view text, std::string_view file_name);

private:
    /// The ports that one side of an element in a connection names.
    struct Ports {
        std::vector<int> numbers;
        Token where;
        bool given() const { return !numbers.empty(); }
    };
    /// One element of a connection's list.
    struct Reference {
        enum class Kind : uint8_t { Existing, Undeclared, Declaration, Anonymous, Missing };

        Kind kind = Kind::Existing;
        Token token;
        int element = -1;
        const Class* element_class = nullptr;
        std::string config;
        Ports in;
        Ports out;
        bool is_group = false;
        int group_inputs = 0;
        int group_outputs = 0;
    };
    using References = std::vector<Reference>;
    struct Group {
        int input;
        int output;
    };
    /// An element and one of its ports.
    using Endpoint = std::pair<int, int>;
    struct Requirement {
        std::string text;
        Landmark landmark;
    };

    void statements();
    bool statement();
    void skip_statement();
    /// Reports a syntax error at `token`; false.
    bool fail(const Token& token);
    bool expect(char symbol);
    bool enter(const Token& where);

    bool element_class_statement();
    bool tunnel_statement();
    bool define_statement();
    bool package_statement();
    void require_library(std::string_view name, const Token& where);
    void check_requirements();
    bool optional_configuration(std::string& config);
    bool configuration_arguments(std::vector<std::string>& arguments);

    bool connection();
    bool references(References& list);
    bool reference(Reference& one);
    void named_reference(Reference& one);
    void report_undeclared(const Token& name, int element);
    bool group(Reference& one);
    bool resolve(References& list, bool first, bool chained);
    bool ports(Ports& ports);
    bool port_number(int& number);
    void connect(const References& left, const References& right, const Token& arrow);
    static std::vector<Endpoint> endpoints(const References& list, bool outputs, bool& elastic);

    const Class* class_reference();
    const Class* compound(std::string_view name);
    bool formals(Scope& scope);
    const Class* find_class(std::string_view name);
    const Class* add_class(Class element_class);
    int find_element(std::string_view name) const;
    int declare(const Token& name, const Class* element_class, std::string config);
    int add_anonymous(const Reference& one);
    int add_element(SyntaxElement element);
    int tunnel_end(const Token& name);
    void check_name(const Token& name);

    int check_pseudo_element(const std::string& name, int element, bool is_input, size_t first_connection);
    static void count_ports(Scope& scope);

    Syntax& _syntax;
    ErrorHandler& _errh;
    LibraryReader _read_library;
    Lexer* _lexer = nullptr;
    std::string_view _file_name;  ///< of the text that the lexer reads
    Scope* _scope = nullptr;
    std::vector<Group> _groups;  ///< that the statement stands in, within its scope
    std::map<std::string, const Class*, std::less<>> _primitives;
    std::vector<Requirement> _requirements;
    std::vector<std::string> _provided;
    std::vector<std::string> _libraries;
    size_t _connections = 0;
    int _depth = 0;
    const char* _failed_at = nullptr;  ///< of the last syntax error, so that it is reported once
    bool _grammatical = true;
    bool _abandoned = false;
};

}  // namespace click::lang
