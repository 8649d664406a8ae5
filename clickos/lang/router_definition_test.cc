// SPDX-License-Identifier: Apache-2.0
#include <click/router_definition.hh>

#include <doctest/doctest.h>

namespace click {

namespace {

struct Result {
    bool good;
    std::string flat;
    std::string errors;
};

bool no_library(std::string_view, std::string_view, std::string&, std::string&) { return false; }

Result flatten(std::string_view text, const Defines& defines = {}, LibraryReader read_library = no_library) {
    RouterDefinition definition;
    TextErrorHandler errh;
    bool good = parse_router(text, "f", defines, definition, errh, read_library);
    return {good, good ? definition.unparse() : std::string(), errh.text()};
}

/// The flat form, or the errors.
std::string shown(std::string_view text, const Defines& defines = {}) {
    Result result = flatten(text, defines);
    CHECK(result.good == result.errors.empty());
    return result.good ? result.flat : result.errors;
}

}  // namespace

TEST_CASE("declarations name one or several elements") {
    CHECK(shown("a :: Idle") == "a :: Idle;\n");
    CHECK(shown("a, b :: Queue(10)") == "a :: Queue(10);\nb :: Queue(10);\n");
    CHECK(shown("Idle; Idle(); ; Queue(a, (b), \")\" /* ) */)") ==
          "Idle@1 :: Idle;\nIdle@2 :: Idle;\nQueue@3 :: Queue(a, (b), \")\" /* ) */);\n");
}

TEST_CASE("a comment at the end of a configuration string survives a second reading") {
    std::string flat = shown("q :: Queue(5 // five )\n); Idle -> q -> Discard");
    CHECK(shown(flat) == flat);
}

TEST_CASE("configuration strings that parameters leave unbalanced are written so that they read back") {
    CHECK(shown("define($a x(y, $b 2)); Print($a)") == "Print@1 :: Print(x\"(\"y);\n");
    CHECK(shown("define($a x(y, $b 2)); Print(($a))") == "Print@1 :: Print(\"(\"x\"(\"y\")\");\n");
    CHECK(shown("Print(${a-'} ')", {{"a", "1"}}) == "Print@1 :: Print(1 '');\n");
    CHECK(shown("Print(${a-/*} */)", {{"a", "1"}}) == "Print@1 :: Print(1 */);\n");
    CHECK(shown("Print(a, /* ( */ \"(\\\")\" '(' (b) // (\n)") ==
          "Print@1 :: Print(a, /* ( */ \"(\\\")\" '(' (b) // (\n);\n");
}

TEST_CASE("anonymous elements are numbered by the elements of their scope") {
    CHECK(shown("q :: Queue; Idle -> q -> Discard") ==
          "q :: Queue;\nIdle@2 :: Idle;\nDiscard@3 :: Discard;\n\nq -> Discard@3;\nIdle@2 -> q;\n");
    CHECK(shown("Idle@1 :: Null; Null -> Null") ==
          "Idle@1 :: Null;\nNull@2 :: Null;\nNull@3 :: Null;\n\nNull@2 -> Null@3;\n");
    CHECK(shown("Null@2 :: Null; Null; ") == "Null@2 :: Null;\nNull@3 :: Null;\n");
}

TEST_CASE("connections chain, and name ports on either side") {
    CHECK(shown("a :: Null; b :: Null; c :: Null; a [1] -> [2] b [3] -> c") ==
          "a :: Null;\nb :: Null;\nc :: Null;\n\na [1] -> [2] b [3]\n    -> c;\n");
    CHECK(shown("a :: Null; b :: Null; a -> b; a -> b; a [0] -> [0] b") == "a :: Null;\nb :: Null;\n\na -> b;\n");
}

TEST_CASE("lists connect many to one and one to many") {
    const char* flat = "a :: Null;\nb :: Null;\nc :: Null;\n\na -> c;\nb [1] -> c;\n";
    CHECK(shown("a :: Null; b :: Null; c :: Null; a, b [1] -> c") == flat);
    CHECK(shown("a :: Null; b :: Null; a, b [1] -> c :: Null") == flat);
    CHECK(shown("a :: Null; a -> b :: Null, [1] c :: Null") ==
          "a :: Null;\nb :: Null;\nc :: Null;\n\na -> b;\na -> [1] c;\n");
    CHECK(shown("a :: Null; b :: Null; a [0,1] -> [0,1] b") == "f:1: '->' connects 2 outputs to 2 inputs; use '=>'\n");
}

TEST_CASE("=> pairs ports, and counts them where a side names none") {
    const char* flat =
        "c :: Null;\nx :: Null;\nPaint@3 :: Paint(0);\nPaint@4 :: Paint(1);\n\n"
        "c -> Paint@3\n    -> x;\nc [1] -> Paint@4\n    -> x;\n";
    for (const char* left : {"c [0], c [1]", "c [0,1]", "c [0-1]", "c"}) {
        CHECK(shown(std::string("c :: Null; x :: Null; ") + left + " => Paint(0), Paint(1) -> x") == flat);
    }
    CHECK(shown("a :: Null; b :: Null; a [2-0] => b; a [0-2] => [0,1] b") ==
          "f:1: port range 2-0 is empty\nf:1: '=>' connects 3 outputs to 2 inputs\n");
}

TEST_CASE("groups are detours without a scope of their own") {
    for (const char* text : {"x -> y", "x -> ( input -> output ) -> y", "x -> ( [0] -> [0] ) -> y", "x -> (->) -> y",
                             "x -> ( [0]->[0]; [1]->[1] ) => ( [0]->[0]; [1]->[1] ) -> y"}) {
        CHECK(shown(std::string("x :: Null; y :: Null; ") + text) == "x :: Null;\ny :: Null;\n\nx -> y;\n");
    }
    for (const char* text :
         {"x => ( [0]->[0]; [1]->[1] ) -> y", "x => [0,1] ( [0]->[0]; [1]->[1] ) [0,1] -> y", "x -> y; x [1] -> y"}) {
        CHECK(shown(std::string("x :: Null; y :: Null; ") + text) ==
              "x :: Null;\ny :: Null;\n\nx -> y;\nx [1] -> y;\n");
    }
    CHECK(shown("x :: Null -> c :: Null => ( input [0] -> output; input [1] -> Paint(1) -> output ) -> y :: Null; "
                "c [2] -> Paint@3") ==
          "x :: Null;\nc :: Null;\nPaint@3 :: Paint(1);\ny :: Null;\n\n"
          "x -> c\n    -> y;\nc [1] -> Paint@3\n    -> y;\nc [2] -> Paint@3;\n");
    CHECK(shown("x :: Null => ( [0] -> [0]; [2] -> Idle ) -> Null") == "f:1: '<anonymous group>' input 1 unused\n");
    CHECK(shown("Null -> ( input -> input; output -> output ) -> Null") ==
          "f:1: '<anonymous group>' pseudoelement 'input' may only be used as output\n"
          "f:1: '<anonymous group>' pseudoelement 'output' may only be used as input\n");
}

TEST_CASE("compound elements prefix the names inside") {
    CHECK(shown("elementclass Q { input -> q :: Queue -> Null -> output } Idle -> Q -> x :: Q -> Discard") ==
          "Idle@1 :: Idle;\nDiscard@4 :: Discard;\nQ@2/q :: Queue;\nQ@2/Null@2 :: Null;\nx/q :: Queue;\n"
          "x/Null@2 :: Null;\n\nIdle@1 -> Q@2/q\n    -> Q@2/Null@2\n    -> x/q\n    -> x/Null@2\n    -> Discard@4;\n");
    CHECK(shown("Idle -> { -> Null -> } -> Discard") ==
          "Idle@1 :: Idle;\nDiscard@3 :: Discard;\n@2/Null@1 :: Null;\n\nIdle@1 -> @2/Null@1\n    -> Discard@3;\n");
    CHECK(shown("gw :: { rt :: { x :: Idle } }") == "gw/rt/x :: Idle;\n");
}

TEST_CASE("compound elements without anything inside are wires") {
    CHECK(shown("Idle -> { input -> output } -> { -> } -> Discard") ==
          "Idle@1 :: Idle;\nDiscard@4 :: Discard;\n\nIdle@1 -> Discard@4;\n");
}

TEST_CASE("classes are lexically scoped and end before themselves") {
    CHECK(shown("elementclass Null { input -> Null -> output } Idle -> Null -> Discard") ==
          "Idle@1 :: Idle;\nDiscard@3 :: Discard;\nNull@2/Null@1 :: Null;\n\n"
          "Idle@1 -> Null@2/Null@1\n    -> Discard@3;\n");
    CHECK(shown("x :: { elementclass A Idle; A } y :: A") == "f:1: unknown element class 'A'\n");
    CHECK(shown("elementclass MyQueue Queue; q :: MyQueue(3); MyQueue") == "q :: Queue(3);\nMyQueue@2 :: Queue;\n");
}

TEST_CASE("parameters go into configuration strings") {
    CHECK(shown("{ $a, $b | Print($a, '$a', \"$b\", ${a}x, $c, ${c-d}) } (1, \"q\\\"\")") ==
          "@1/Print@1 :: Print(1, '$a', \"q\\\"\", 1x, $c, d);\n");
    CHECK(shown("{ $a, COUNT $count, __REST__ $rest | Print($a; $count; $rest) } (1, 2, COUNT 3, FOO 4)") ==
          "@1/Print@1 :: Print(1; 3; 2, FOO 4);\n");
    CHECK(shown("x :: { $a | y :: { $b | Print($a $b) } ($a$a) } (1)") == "x/y/Print@1 :: Print(1 11);\n");
    CHECK(shown("Print(/* $a */ $a, // '$a\n $a)", {{"a", "1"}}) == "Print@1 :: Print(/* $a */ 1, // '$a\n 1);\n");
}

TEST_CASE("wrong arguments of compound elements are errors") {
    CHECK(shown("{ $a, $b | Idle } (1)") == "f:1: too few arguments for compound element '<anonymous>($a, $b)'\n");
    CHECK(shown("elementclass A { $a, $b | Idle }\nA(1, 2, 3)") ==
          "f:2: too many arguments for compound element 'A($a, $b)'\n");
    CHECK(shown("{ COUNT $count | Idle } (1)") ==
          "f:1: missing 'COUNT' parameter for compound element '<anonymous>(COUNT $count)'\n");
    CHECK(shown("{ K $a, $b, __REST__ $c, $b | Idle } (1)") ==
          "f:1: positional parameter '$b' must come before keyword parameters\n"
          "f:1: parameter '$b' multiply defined\n"
          "f:1: '__REST__' must be the last parameter\n"
          "f:1: missing 'K' parameter for compound element '<anonymous>(K $a, $b, __REST__ $c, $b)'\n");
}

TEST_CASE("the first overload that fits is taken") {
    const std::string classes =
        "elementclass Q { input -> Queue -> output || $cap | input -> Queue($cap) -> output }\n"
        "elementclass Q { $cap, $n | input -> Queue($cap) -> Strip($n) -> output || ... }\n";
    CHECK(shown(classes + "Idle -> Q -> Q(1) -> Q(2, 3) -> Discard") ==
          "Idle@1 :: Idle;\nDiscard@5 :: Discard;\nQ@2/Queue@1 :: Queue;\nQ@3/Queue@1 :: Queue(1);\n"
          "Q@4/Queue@1 :: Queue(2);\nQ@4/Strip@2 :: Strip(3);\n\nIdle@1 -> Q@2/Queue@1\n    -> Q@3/Queue@1\n"
          "    -> Q@4/Queue@1\n    -> Q@4/Strip@2\n    -> Discard@5;\n");
    CHECK(shown("elementclass Queue { $a, $b | input -> Queue($a) -> output || ... } Idle -> Queue(5) -> Discard") ==
          "Idle@1 :: Idle;\nQueue@2 :: Queue(5);\nDiscard@3 :: Discard;\n\nIdle@1 -> Queue@2\n    -> Discard@3;\n");
    CHECK(shown(classes + "Idle -> q :: Q(1, 2, 3) -> Discard") ==
          "f:3: no match for 'q :: Q' with 1 input, 1 output, 3 arguments\n"
          "f:3: candidates are:\n"
          "f:2:   'Q($cap, $n)' with 1 input, 1 output\n"
          "f:1:   'Q' with 1 input, 1 output\n"
          "f:1:   'Q($cap)' with 1 input, 1 output\n");
    CHECK(shown("elementclass Test { $a | }\ntest :: Test(1, 2);\nelementclass Test { $a, $b | || ... }") ==
          "f:2: too many arguments for compound element 'Test($a)'\n");
    CHECK(shown("elementclass New { ... }") ==
          "f:1: nothing to extend: there is no element class 'New' before this one\n");
}

TEST_CASE("definitions are simultaneous within a scope, and lexical") {
    CHECK(shown("Print($a); define($a 2, $b \"x $a\"); Print($b)") ==
          "Print@1 :: Print(2);\nPrint@2 :: Print(\"x 2\");\n");
    CHECK(shown("define($a 1); x :: { define($a 2$a); Print($a) } Print($a)") ==
          "Print@2 :: Print(1);\nx/Print@1 :: Print(21);\n");
    CHECK(shown("define($a 1); Print($a)", {{"a", "7"}}) == "Print@1 :: Print(7);\n");
    CHECK(shown("define($a 1, $a 2, b 3); { $c | define($c 1) } (1)") ==
          "f:1: parameter '$a' multiply defined\nf:1: define: expected '$VARIABLE VALUE', got 'b 3'\n"
          "f:1: parameter '$c' multiply defined\n");
}

TEST_CASE("connection tunnels are jumped over") {
    CHECK(shown("connectiontunnel p1 -> p2, q1 -> q2; Idle -> p1; p2 -> q1; q2 -> Discard") ==
          "Idle@5 :: Idle;\nDiscard@6 :: Discard;\n\nIdle@5 -> Discard@6;\n");
    CHECK(shown("connectiontunnel p -> p/input, p/output -> p; Idle -> p; p/input -> Null -> p/output; p -> Discard") ==
          "Idle@4 :: Idle;\nNull@5 :: Null;\nDiscard@6 :: Discard;\n\nIdle@4 -> Null@5\n    -> Discard@6;\n");
    CHECK(shown("connectiontunnel a -> b, c -> d; b -> c; d -> a; Idle -> a") == "Idle@5 :: Idle;\n");
    CHECK(shown("x :: Idle; connectiontunnel x -> y, p -> q, p -> r") ==
          "f:1: redeclaration of element 'x'\nf:1: element 'x' previously declared here\n"
          "f:1: redeclaration of connection tunnel 'p'\n");
}

TEST_CASE("requirements are listed, checked, and libraries read once") {
    CHECK(shown("require(package int64, userlevel); Idle") ==
          "require(package int64, package userlevel);\n\nIdle@1 :: Idle;\n");
    CHECK(shown("provide(mine); require(mine); Idle") == "Idle@1 :: Idle;\n");
    CHECK(shown("require(foo);\nrequire(thing bar); require(library a.click)\nx :: { require(library a.click) }") ==
          "f:2: require: unknown kind of requirement 'thing bar'\nf:2: cannot find library 'a.click'\n"
          "f:3: 'require(library a.click)' must be used at file scope\nf:1: unsatisfied requirement 'foo'\n");
    auto library = [](std::string_view name, std::string_view, std::string& text, std::string& file_name) {
        text = "require(library self); elementclass Twice { -> Null -> Null -> }\nBad";
        file_name = "lib/" + std::string(name);
        return true;
    };
    Result result = flatten("require(library self); Idle -> Twice -> Discard", {}, library);
    CHECK(result.errors == "lib/self:2: undeclared element 'Bad'\n");
}

TEST_CASE("line directives move the landmarks") {
    CHECK(shown("# 12 \"other\"\nFoo\n#line 3\nBar\n  # 7\n") ==
          "other:12: undeclared element 'Foo'\nother:3: undeclared element 'Bar'\nother:4: syntax error near '#'\n");
}

TEST_CASE("identifiers end at comments and have no component of digits only") {
    CHECK(shown("a/b//c\n :: Idle; a@b_9 :: /* Null */ Idle") == "a/b :: Idle;\na@b_9 :: Idle;\n");
    CHECK(shown("1/x :: Idle; a/2 :: Idle") ==
          "f:1: element name '1/x' has all-digit component\nf:1: element name 'a/2' has all-digit component\n");
}

TEST_CASE("every error is reported, with its line") {
    CHECK(shown("Foo -> Bar;\nx :: Baz;\nq :: Idle;\n\nq :: Null;\nQueue :: Idle") ==
          "f:1: undeclared element 'Foo'\nf:1: undeclared element 'Bar'\nf:2: unknown element class 'Baz'\n"
          "f:5: redeclaration of element 'q'\nf:3: element 'q' previously declared here\n"
          "f:6: class 'Queue' used as element name\n");
    CHECK(shown("Foo -> Discard; Foo -> Idle; x -> Discard; x :: Idle") ==
          "f:1: undeclared element 'Foo'\nf:1: undeclared element 'x'\n");
    CHECK(shown("q :: Idle; q(5) -> Discard") ==
          "f:1: configuration string for element 'q', which is already declared\n");
    CHECK(shown("c :: { x :: Idle }\nc/x :: Idle") ==
          "f:1: redeclaration of element 'c/x'\nf:2: element 'c/x' previously declared here\n");
}

TEST_CASE("syntax errors name what stands there, and reading goes on") {
    CHECK(shown("Idle -> -> Discard;\nIdle % Null; Idle ->\n;\n-> Null; [0]; } ) Idle [x] -> Null; Idle [] -> Null;\n"
                "Idle => ") ==
          "f:1: syntax error near '->'\nf:2: syntax error near '%'\nf:3: syntax error near ';'\n"
          "f:4: syntax error near '->'\nf:4: syntax error near ';'\nf:4: syntax error near '}'\n"
          "f:4: syntax error near ')'\nf:4: syntax error: port number should be integer\n"
          "f:4: syntax error near ']'\nf:5: syntax error near end of file\n");
    CHECK(shown("elementclass { }; elementclass A; x :: { Idle") ==
          "f:1: syntax error near '{'\nf:1: syntax error near ';'\nf:1: syntax error near end of file\n");
    CHECK(shown("{ $a $b | }; { K | }; \x01") ==
          "f:1: syntax error near '$b'\nf:1: undeclared element 'K'\nf:1: syntax error near '|'\nf:1: syntax error "
          "near '\\001'\n");
    CHECK(shown("Idle(") == "f:1: missing ')': the configuration string that starts here does not end\n");
    CHECK(shown("Idle(\n\"") == "f:2: unterminated string\n");
    CHECK(shown("Idle\n/* ") == "f:2: unterminated comment\n");
    CHECK(shown("[1] Null -> Null [2]; Null [70000] -> Null") ==
          "f:1: input port useless at start of chain\nf:1: output port useless at end of chain\n"
          "f:1: port number 70000 is too large (at most 65535)\n");
}

TEST_CASE("what nests too deeply or grows too large is refused") {
    auto repeated = [](std::string_view part, int count) {
        std::string text;
        while (count-- > 0) {
            text += part;
        }
        return text;
    };
    const std::string too_deep = "f:1: nested too deeply (at most 128 levels)\n";
    CHECK(shown(repeated("{", 100000)) == too_deep);
    CHECK(shown(repeated("Idle -> (", 100000)) == too_deep);
    CHECK(shown(repeated("x :: { ", 128) + "Idle" + repeated("}", 128)).size() > 128 * 2);

    std::string text = "elementclass A0 { Idle }\n";
    for (int i = 0; i < 60; ++i) {
        text +=
            "elementclass A" + std::to_string(i + 1) + " { A" + std::to_string(i) + "; A" + std::to_string(i) + " }\n";
    }
    CHECK(shown(text + "A60") == "f:2: too many elements\n");

    text = "define($a0 lollollol";
    for (int i = 0; i < 60; ++i) {
        text += ", $a" + std::to_string(i + 1) + " $a" + std::to_string(i) + "$a" + std::to_string(i);
    }
    CHECK(shown(text + "); Print($a60)") == "f:1: too much text in the value of a parameter\n");
    CHECK(shown("define($a $b, $b $a); Print($a)") == "Print@1 :: Print($a);\n");
}

TEST_CASE("the flat form reads back as itself") {
    const char* text =
        "require(package int64);\n"
        "elementclass Gate { $n | input [0], input [1] -> q :: Queue($n) -> output; input [2] -> Discard }\n"
        "a, b, c :: Null; g :: Gate(\"5\"); a, b => g; c -> [2] g -> Discard;";
    std::string flat = shown(text);
    CHECK(flat.find("g/q :: Queue(\"5\")") != std::string::npos);
    CHECK(shown(flat) == flat);
    // A quote among hexadecimal bytes is none.
    flat = shown("Idle -> Print(\\<\"41>, 5) -> Discard");
    CHECK(flat.find("Print(\\<\"41>, 5);") != std::string::npos);
    CHECK(shown(flat) == flat);
}

}  // namespace click
