// SPDX-License-Identifier: Apache-2.0
/*
=c
Script(INSTRUCTIONS...)
=s control
runs a small program that calls handlers
=d
Each argument is an instruction; they run one after another when the router starts.

In their texts, C<$VAR> and C<${VAR}> stand for a script variable and C<$(HANDLER ARGS)> for what a read handler returns,
but not within single quotes. Unset variables stay as they are. C<$0> is the script's name, C<$args>, C<$1>, C<$2>... the
arguments of C<run>, C<$#> their number, and C<$?> the result of the last write, 0 before the first. Handlers are looked for in the script
itself first, so that C<$(add $x 1)> computes. Instructions that end in C<q> remove one layer of quotes from their text
after the substitution.

=over 8
=item set VAR TEXT
Sets a variable. Also C<setq>.
=item init VAR TEXT
Sets a variable when the router starts; does nothing later. Also C<initq>.
=item export VAR [TEXT]
Like C<init>, and lets a read handler of that name show the variable. Also C<exportq>.
=item print [>FILE | >>FILE] [TEXT | HANDLER]
Prints a line to the standard output, or writes it to a file or to its end. What begins with a letter, C<@> or C<_> is a
read handler with its arguments, else it is a text, of which one layer of quotes is removed. C<printn> ends no line;
C<printq> and C<printnq> remove a layer of quotes after the substitution too.
=item read HANDLER [ARGS]
Prints a read handler's name and result to the error log. Also C<readq>.
=item write HANDLER [ARGS]
Calls a write handler; C<$?> is its result then. Also C<writeq>.
=item save HANDLER FILE
Writes a read handler's result to a file; C<append> adds it to the file's end. C<-> is the standard output.
=item pause [COUNT]
Waits until the script's C<step> handler was called COUNT times, 1 by default; in a driver script, until the router was
asked to stop that often. Also C<wait_step>, C<wait_stop>.
=item wait TIME
Waits for a time, or until C<step> is called. Also C<wait_time>. Without a TIME, the same as C<pause>.
=item label LABEL
A place to go to.
=item goto LABEL [CONDITION]
Goes to a label if the condition is true or left out. The labels C<begin>, C<end>, C<exit>, C<stop> and C<error> are there
from the start.
=item loop
Goes to the first instruction.
=item return [VALUE]
Ends a script; C<run> returns the value. Also C<returnq>.
=item error [TEXT]
Reports an error and ends the script. Also C<errorq>.
=item end
Ends the script. A script of packets lets the packet go on to output 0; one of signals waits for the next one.
=item exit
Ends the script. A script of packets drops the packet; one of signals waits for no other; a driver script leaves the router
running, which all other ends of it stop.
=item stop
Stops the router and ends the script.
=back

The keyword is:
=over 8
=item TYPE
C<ACTIVE> scripts (the default) run when the router starts. C<DRIVER> scripts are active ones that decide what happens when
the router is asked to stop, also by SIGINT or SIGTERM; they stop it when they have ended. C<PASSIVE> scripts run when their
C<run> handler is called; one that waits goes on by itself when the call has long returned. C<PACKET> scripts have inputs
and outputs and run for each packet: C<$input> is its input, and C<return N> sends it to output N; from input 0 to output 0
they may be pulled through. C<SIGNAL SIGNO...> scripts run when one of these signals (names or numbers) arrives. C<PROXY> scripts run when a handler is called that they
have not: C<$0> is its name, C<$write> whether it is written, C<$args> its arguments; what the script returns is its value.
=back
=h step write
Makes a waiting script go on: once, or as often as the value says.
=h goto write
C<LABEL [CONDITION]>. Goes on at a label.
=h run read/write
Runs a passive script with the given arguments; reading gives what it returned.
=h get read
The value of a variable.
=h set write
C<VAR TEXT>. Sets a variable.
=h setq write
The same, without one layer of quotes.
=h add read
The sum of its arguments.
=h sub read
The first argument less the others.
=h mul read
The product of its arguments.
=h div read
The first argument divided by the others.
=h idiv read
The whole quotient of two whole numbers.
=h mod read
What is left of that division, with the sign of the first argument.
=h rem read
The same, also for numbers that are not whole.
=h neg read
Its argument with the other sign.
=h abs read
Its argument without its sign.
=h min read
The least of its arguments.
=h max read
The greatest of its arguments.
=h eq read
Whether two arguments are equal, as numbers if both are numbers.
=h ne read
Whether they differ.
=h lt read
Whether the first is less.
=h le read
Whether the first is less or equal.
=h gt read
Whether the first is greater.
=h ge read
Whether the first is greater or equal.
=h not read
Whether its argument is false.
=h and read
Whether all arguments are true.
=h or read
Whether any argument is true.
=h nand read
Whether not all arguments are true.
=h nor read
Whether no argument is true.
=h if read
C<CONDITION A B>: A if the condition is true, else B.
=h in read
Whether the first argument is among the others.
=h first read
The first of its arguments.
=h last read
The last of its arguments.
=h words read
How many arguments it has.
=h substr read
C<TEXT START [LENGTH]>: a part of the text; a negative START counts from its end.
=h length read
The number of characters of its argument.
=h unquote read
Its argument without one layer of quotes.
=h quote read
Its argument with quotes where it needs them.
=h sprintf read
C<FORMAT ARGS>: formats numbers and texts as printf does.
=h now read
The time, in seconds since the epoch.
=h random read
A whole number of 31 bits; below the argument if there is one, between the two if there are two.
=h hasvalue read
Whether its arguments name variables that are set.
=h htons read
The number in network byte order, 16 bits.
=h htonl read
The same for 32 bits.
=h ntohs read
The number of 16 bits in network byte order.
=h ntohl read
The same for 32 bits.
=h cat read
What is in a file.
=h catq read
The same, quoted.
=h kill read/write
C<SIGNAL PROCESS...>: sends a signal to processes.
=h readable read
Whether all arguments name read handlers.
=h writable read
Whether all arguments name write handlers.
=e
  InfiniteSource(LIMIT 5, STOP true) -> c :: Counter -> Discard;
  Script(TYPE DRIVER, pause, print c.count, print $(add $(c.count) 2), stop);
=a DriverManager
*/
#include "elements/standard/scriptelement.hh"

namespace click {

namespace {

class Script final : public ScriptElement {
public:
    Script() : ScriptElement(Type::Active) {}
    const char* class_name() const override { return "Script"; }
};

}  // namespace

CLICK_ELEMENT(Script)

}  // namespace click
