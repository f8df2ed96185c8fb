//! Questions to the process `countersign` of a node.

use super::Trouble;
use super::access::Reached;
use super::spoken;
use crate::etf::{Atom, Term, atom};
use crate::x509::name::printable;
use serde_json::Value;
use std::time::Duration;

/// As [`ask_for`], a question of one word.
pub(super) async fn ask(reached: &Reached, question: &'static str) -> Result<Term, Trouble> {
    ask_for(reached, atom(question)).await
}

/// What `gen_server:call({countersign, Node}, Question)` answers.
pub(super) async fn ask_for(reached: &Reached, question: Term) -> Result<Term, Trouble> {
    let answer = reached.node.call((Atom::fixed("countersign"), &reached.peer), question, PATIENCE).await?;
    match answer.as_tuple() {
        Some([error, reason]) if error.is_atom("error") => Err(refusal(reached, reason)),
        _ => Ok(answer),
    }
}

/// `{Code, Text}` with a code of ours, or whatever a later version may say.
fn refusal(reached: &Reached, reason: &Term) -> Trouble {
    let peer = reached.peer.clone();
    let said = match reason.as_tuple() {
        Some([code, text]) => code.as_atom().map(Atom::as_str).zip(text.as_text().map(printable)),
        _ => None,
    };
    match said {
        Some(("not_connected", reason)) => Trouble::NotConnected { reason },
        Some(("not_allowed", reason)) => Trouble::Refused { peer, reason },
        None if reason.is_atom("notsup") => Trouble::NotSupported { peer },
        _ => Trouble::Refused { peer, reason: printable(&reason.to_string()) },
    }
}

/// What a node says of its links. That of the command is none that anybody asks for.
pub(super) fn without_own(mut links: Value, reached: &Reached) -> Value {
    if let Value::Array(links) = &mut links {
        links.retain(|link| spoken::text(link, &["peer"]) != Some(reached.node.name().as_str()));
    }
    links
}

/// As long as `gen_server:call/2` waits.
const PATIENCE: Duration = Duration::from_secs(5);
