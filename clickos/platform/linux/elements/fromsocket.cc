// SPDX-License-Identifier: Apache-2.0
/*
=c
FromSocket(TYPE, ADDRESS [, I<arguments and keywords>])
=s comm
receives packets from another program through a socket
=d
A Socket that is a server unless CLIENT says otherwise, for configurations that were written before there was Socket. The forms
are the same: C<FromSocket(TCP, IP, PORT [, LOCALIP, LOCALPORT])>, UDP likewise, C<FromSocket(UNIX, FILENAME [, LOCALFILENAME])>, and
UNIX_DGRAM.

Keyword arguments are:
=over 8
=item CLIENT, SNAPLEN, HEADROOM, TIMESTAMP, NODELAY, ALLOW, DENY, VERBOSE, PROPER
As Socket has them.
=back
=h count read
How many packets were sent.
=h drops read
How many packets could not be sent.
=h port read
The port that the socket has; 0 before it has one.
=e
  FromSocket(UDP, 0.0.0.0, 47778) -> Print(came) -> Discard;
=a Socket, ToSocket
*/
/*
=c
ToSocket(TYPE, ADDRESS [, I<arguments and keywords>])
=s comm
sends packets to another program through a socket
=d
A Socket that is a client unless CLIENT says otherwise, for configurations that were written before there was Socket. The forms
are the same: C<ToSocket(TCP, IP, PORT [, LOCALIP, LOCALPORT])>, UDP likewise, C<ToSocket(UNIX, FILENAME [, LOCALFILENAME])>, and
UNIX_DGRAM.

Keyword arguments are:
=over 8
=item CLIENT, SNAPLEN, HEADROOM, TIMESTAMP, NODELAY, ALLOW, DENY, VERBOSE, PROPER
As Socket has them.
=back
=h count read
How many packets were sent.
=h drops read
How many packets could not be sent.
=h port read
The port that the socket has; 0 before it has one.
=e
  InfiniteSource(DATA hello, LIMIT 1) -> Queue -> ToSocket(UDP, 127.0.0.1, 47778);
=a Socket, FromSocket
*/
#include "platform/linux/elements/socket.hh"

namespace click {

namespace {

class FromSocket final : public Socket {
public:
    const char* class_name() const override { return "FromSocket"; }

private:
    bool is_client(bool) const override { return false; }
};

class ToSocket final : public Socket {
public:
    const char* class_name() const override { return "ToSocket"; }

private:
    bool is_client(bool) const override { return true; }
};

}  // namespace

CLICK_ELEMENT(FromSocket)
CLICK_ELEMENT(ToSocket)

}  // namespace click
