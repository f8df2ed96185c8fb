//! `rex`: says which features of remote calls this node has, passes on what peers broadcast to names, and
//! refuses calls in the words of `rpc`.

use crate::etf::{Atom, Pid, Term, atom, tuple};
use crate::node::call::Request;
use crate::node::mail::Mail;
use crate::node::process::Process;

pub(super) async fn run(mut process: Process) {
    loop {
        let Mail::Message(message) = process.receive().await else { continue };
        match Request::parse(message) {
            Ok(request) => {
                let refusal = tuple([atom("badrpc"), atom("notsup")]);
                // A caller who is gone needs no answer.
                let _ = process.reply(&request, refusal).await;
            }
            Err(message) => plain(&mut process, &message.term).await,
        }
    }
}

async fn plain(process: &mut Process, term: &Term) {
    let Some([Term::Pid(from), what]) = term.as_tuple() else { return };
    if what.is_atom("features_request") {
        let reply = tuple([atom("features_reply"), Term::from(process.core().atom.clone()), Term::nil()]);
        let _ = process.send(from.as_ref(), reply).await;
    } else if let Some([kind, Term::Atom(name), what]) = what.as_tuple() {
        broadcast(process, from, kind, name, what.clone()).await;
    }
}

/// `sbcast` confirms what arrived; `send` leaves that to whoever gets it, who learns from whom it is.
async fn broadcast(process: &mut Process, from: &Pid, kind: &Term, name: &Atom, what: Term) {
    let is_confirmed = kind.is_atom("sbcast");
    if !is_confirmed && !kind.is_atom("send") {
        return;
    }
    let what = if is_confirmed { what } else { tuple([Term::from(from.clone()), what]) };
    let is_sent = process.send(name.clone(), what).await.is_ok();
    let node = Term::from(process.core().atom.clone());
    let outcome = if is_sent { node.clone() } else { tuple([atom("nonexisting_name"), Term::from(name.clone())]) };
    if is_confirmed || !is_sent {
        let _ = process.send(from, tuple([atom("rex"), node, outcome])).await;
    }
}
