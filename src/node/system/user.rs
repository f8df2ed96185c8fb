//! `user`: the group leader of what runs for us at other nodes. There a function may print, and waits until somebody
//! has taken that.

use crate::etf::{Term, atom, tuple};
use crate::node::call::{self, Request};
use crate::node::mail::{Mail, Message};
use crate::node::process::Process;

pub(super) async fn run(mut process: Process) {
    loop {
        let Mail::Message(message) = process.receive().await else { continue };
        match Request::parse(message) {
            Ok(request) => call::answer(process.core(), process.pid(), &request, tuple([atom("error"), atom("notsup")])),
            Err(message) => io_request(&process, &message),
        }
    }
}

fn io_request(process: &Process, message: &Message) {
    let Some([kind, Term::Pid(from), reply_as, request]) = message.term.as_tuple() else { return };
    if kind.is_atom("io_request") && message.may_be_answered_to(from) {
        let reply = tuple([atom("io_reply"), reply_as.clone(), answer(request)]);
        call::tell(process.core(), process.pid(), from.as_ref(), reply);
    }
}

/// What is printed goes nowhere: this node's log is not for its peers to write. Input there is none.
fn answer(request: &Term) -> Term {
    match request.as_tuple().and_then(<[Term]>::first) {
        Some(kind) if kind.is_atom("put_chars") || kind.is_atom("requests") => atom("ok"),
        _ => tuple([atom("error"), atom("enotsup")]),
    }
}
