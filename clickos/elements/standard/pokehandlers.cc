// SPDX-License-Identifier: Apache-2.0
/*
=c
PokeHandlers(DIRECTIVES...)
=s control
calls handlers at given times
=d
Runs its directives one after another from the router's start. It is the forerunner of Script: an active one whose
directives are Script's instructions, with Script's handlers.

=over 8
=item read HANDLER
Prints a read handler's name and result to the error log.
=item write HANDLER [ARGS]
Calls a write handler.
=item wait TIME
Waits for a time. Also C<delay>.
=item loop
Goes to the first directive.
=item stop
Stops the router. Also C<quit>.
=back
=e
  InfiniteSource(LIMIT 5) -> c :: Counter -> Discard;
  PokeHandlers(wait 1ms, read c.count, write c.reset, stop);
=a Script, DriverManager
*/
#include "elements/standard/scriptelement.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class PokeHandlers final : public ScriptElement {
public:
    PokeHandlers() : ScriptElement(Type::Active) { print_reads_plainly(); }
    const char* class_name() const override { return "PokeHandlers"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        for (std::string& directive : conf) {
            std::string_view rest = directive;
            std::string_view word = take_word(rest);
            if (word == "quit" || word == "delay") {
                directive = (word == "quit" ? "stop " : "wait ") + std::string(rest);
            }
        }
        return ScriptElement::configure(conf, errh);
    }
};

}  // namespace

CLICK_ELEMENT(PokeHandlers)

}  // namespace click
