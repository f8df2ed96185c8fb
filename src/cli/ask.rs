//! Questions to the process `countersign` of a node.

use super::Trouble;
use super::access::Reached;
use crate::etf::{Atom, Term, atom};
use crate::x509::name::printable;
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

/// `{not_allowed, Text}`, or whatever a later version may say.
fn refusal(reached: &Reached, reason: &Term) -> Trouble {
    let text = match reason.as_tuple() {
        Some([code, text]) if code.is_atom("not_allowed") => text.as_text().map(printable),
        _ => None,
    };
    Trouble::Refused { peer: reached.peer.clone(), reason: text.unwrap_or_else(|| printable(&reason.to_string())) }
}

/// As long as `gen_server:call/2` waits.
const PATIENCE: Duration = Duration::from_secs(5);
