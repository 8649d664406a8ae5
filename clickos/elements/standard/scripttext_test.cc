// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/scripttext.hh"

#include <doctest/doctest.h>

#include <map>

namespace click {

namespace {

class Values final : public ScriptValues {
public:
    bool variable(std::string_view name, std::string& value) const override {
        auto found = variables.find(name);
        if (found == variables.end()) {
            return false;
        }
        value = found->second;
        return true;
    }
    std::string call(std::string_view text, ErrorHandler& errh) override {
        if (text == "bad") {
            errh.error("no such handler");
            return {};
        }
        return "<" + std::string(text) + ">\n";
    }

    void too_long() override { ended = true; }

    bool ended = false;
    std::map<std::string, std::string, std::less<>> variables{{"x", "1"}, {"q", "a \"b\""}, {"?", "0"}};
};

std::string shown(std::string_view text, Substitute how = Substitute::Plain) {
    Values values;
    TextErrorHandler errh;
    std::string result = substitute(text, values, errh, how);
    return errh.text().empty() ? result : result + "! " + errh.text();
}

}  // namespace

TEST_CASE("variables and handlers are replaced, what is not set stays") {
    CHECK(shown("$x${x}y $?$y ${y} $ $") == "11y 0$y ${y} $ $");
    CHECK(shown("$(a $x (b)) $(x)") == "<a 1 (b)> 1");
    CHECK(shown("$(a \")\" $x) ${x") == "<a \")\" 1> ${x");
    CHECK(shown("$(bad)") == "! no such handler\n");
}

TEST_CASE("quotes decide what a value becomes") {
    CHECK(shown("'$x' $q") == "'$x' a \"b\"");
    CHECK(shown("\"$q \\$x\"") == "\"a \\\"b\\\" \\$x\"");
    CHECK(shown("$q", Substitute::Protected) == "\"a \\\"b\\\"\"");
}

TEST_CASE("texts stay short and mentions shallow, whatever a script asks for") {
    std::string deep;
    for (int i = 0; i < 40; ++i) {
        deep += "$(a ";
    }
    deep.append(40, ')');
    CHECK(shown(deep).find("nested too deeply") != std::string::npos);
    CHECK_FALSE(ScriptNesting::too_deep());
    Values values;
    values.variables["x"] = std::string(kLongestScriptText, 'a');
    TextErrorHandler errh;
    CHECK(substitute("$x$x$x", values, errh).empty());
    CHECK(errh.text().find("text too long") == 0);
    CHECK(values.ended);
}

}  // namespace click
