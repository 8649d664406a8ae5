// SPDX-License-Identifier: Apache-2.0
/*
=c
Message(MESSAGE [, TYPE])
=s control
reports a message when the router is configured
=d
Reports MESSAGE when the router is initialized. TYPE is C<MESSAGE> (the default), C<WARNING> or C<ERROR>; an error keeps
the router from being initialized.
=e
  Message("A router with two ports");
=a Error
*/
/*
=c
Error([MESSAGE])
=s control
keeps the router from being initialized
=d
Reports the error MESSAGE, so that the router is not initialized. Useful in compound elements, for arguments that make no
sense.
=e
  Message("Error stops a router");
=a Message
*/
#include <click/element.hh>

#include "lang/confparse.hh"

namespace click {

namespace {

enum class Kind : uint8_t { Message, Warning, Error };

bool parse_arg(std::string_view text, Kind& value, ArgContext& context) {
    std::string word = unquote(text);
    if (word == "MESSAGE") {
        value = Kind::Message;
    } else if (word == "WARNING") {
        value = Kind::Warning;
    } else if (word == "ERROR") {
        value = Kind::Error;
    } else {
        return context.error("unknown message type '%s'", word.c_str());
    }
    return true;
}

class Message final : public Element {
public:
    const char* class_name() const override { return "Message"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("MESSAGE", _message).optional("TYPE", _kind, Kind::Message).complete();
    }
    int initialize(ErrorHandler& errh) override {
        if (_kind == Kind::Error) {
            return errh.error("%s", _message.c_str());
        }
        if (_kind == Kind::Warning) {
            errh.warning("%s", _message.c_str());
        } else {
            errh.message("%s", _message.c_str());
        }
        return 0;
    }

private:
    std::string _message;
    Kind _kind = Kind::Message;
};

class Error final : public Element {
public:
    const char* class_name() const override { return "Error"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        std::string message = "unspecified error";
        if (Args(conf, this, errh).optional("MESSAGE", message).complete() < 0) {
            return -1;
        }
        return errh.error("%s", message.c_str());
    }
};

}  // namespace

CLICK_ELEMENT(Message)
CLICK_ELEMENT(Error)

}  // namespace click
