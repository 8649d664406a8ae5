// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What the parser makes of a configuration and the expansion flattens: scopes with elements and connections in them.
namespace click::lang {

struct Scope;

/// Bounds on what a configuration may ask for, so that hostile text ends in an error.
inline constexpr int kMaxNesting = 128;          ///< of compounds and groups in each other, in text or by expansion
inline constexpr int kMaxPort = 65535;           ///< the highest port number
inline constexpr size_t kMaxElements = 1 << 20;  ///< of the flat configuration
inline constexpr size_t kMaxConnections = 1 << 20;
inline constexpr size_t kMaxText = 1 << 26;  ///< bytes of all names and configuration strings together

/// What memory must be free for each element and connection of a flat configuration, with its name and its object, and
/// for each byte of text (which is read, kept, and read again by the element), and how often for the longest value of a
/// variable: others are made of it, each in a buffer that grows.
inline constexpr size_t kElementBytes = 2048;
inline constexpr size_t kConnectionBytes = 256;
inline constexpr size_t kTextCopies = 4;
inline constexpr size_t kValueCopies = 16;

/// What a class name means at one place: an element class of the program, or compound elements to choose from.
struct Class {
    std::string name = {};
    bool primitive = false;
    bool unknown = false;                   ///< was reported; stands in so that reading can go on
    std::vector<Scope*> alternatives = {};  ///< the first that fits a use is taken
    const Class* rest = nullptr;            ///< what `...` stands for: tried when no alternative fits
};

struct Formal {
    std::string keyword;  ///< empty: positional
    std::string variable;
};

struct SyntaxElement {
    std::string name = {};
    const Class* element_class = nullptr;  ///< null for an end of a tunnel
    std::string config = {};
    Landmark landmark = {};
    /// The element from whose outputs the connections into this tunnel's inputs go on, or -1.
    int exit = -1;
    /// How many ports connections mention, once the scope is closed.
    int inputs = 0;
    int outputs = 0;
};

struct SyntaxConnection {
    int from;
    int from_port;
    int to;
    int to_port;
    Landmark landmark;
};

/// One lexical scope: a file, or one alternative of a compound element.
struct Scope {
    const Scope* parent = nullptr;
    Landmark landmark;
    std::vector<Formal> formals;
    std::map<std::string, std::string, std::less<>> definitions;  ///< variable -> text, yet to be expanded
    std::vector<SyntaxElement> elements;
    std::vector<SyntaxConnection> connections;
    std::map<std::string, int, std::less<>> element_index;
    std::map<int, Landmark>
        undeclared;  ///< elements that stand in for a missing declaration, and where that was said last
    std::map<std::string, const Class*, std::less<>> classes;
    /// The pseudo elements of a compound, or -1.
    int input = -1;
    int output = -1;
    /// Elements that do not count in the number of an anonymous element's name: pseudo elements and groups.
    int uncounted = 0;
};

/// A whole configuration and the owner of all that its scopes refer to.
struct Syntax {
    std::vector<std::unique_ptr<Scope>> scopes;  ///< the first is the top level
    std::vector<std::unique_ptr<Class>> classes;
    std::vector<std::string> requirements;
    std::vector<std::unique_ptr<std::string>> library_texts;

    Scope& top() const { return *scopes.front(); }
};

}  // namespace click::lang
