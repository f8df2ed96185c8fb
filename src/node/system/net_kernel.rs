//! `net_kernel`: answers `net_adm:ping`, and says of the rest that we do not have it.

use crate::etf::{Term, atom, tuple};
use crate::node::call::{self, Request};
use crate::node::mail::Mail;
use crate::node::process::Process;

pub(super) async fn run(mut process: Process) {
    loop {
        let Mail::Message(message) = process.receive().await else { continue };
        let Ok(request) = Request::parse(message) else { continue };
        call::answer(process.core(), process.pid(), &request, answer(&request.request));
    }
}

fn answer(request: &Term) -> Term {
    match request.as_tuple() {
        Some([what, _]) if what.is_atom("is_auth") => atom("yes"),
        _ => tuple([atom("error"), atom("notsup")]),
    }
}
