//! `{depends_on, Sha256}`, or a list of them: what depends on authorities, as a term.

use super::facts::fields;
use crate::etf::{Term, atom, list, tuple};
use crate::node::ca_use::Dependence;
use crate::node::core::Core;
use crate::x509::Fingerprint;

/// What is asked about: texts as `openssl x509 -fingerprint -sha256` prints them. `None` if something else is asked.
pub(super) fn asked(request: &Term) -> Option<Vec<Result<Fingerprint, Term>>> {
    let Some([what, whom]) = request.as_tuple() else { return None };
    if !what.is_atom("depends_on") {
        return None;
    }
    // What an Erlang shell has between quotes is a list, too.
    match whom.as_list() {
        Some(texts) if whom.to_text().is_none() => Some(texts.iter().take(MOST).map(fingerprint).collect()),
        _ => Some(vec![fingerprint(whom)]),
    }
}

fn fingerprint(text: &Term) -> Result<Fingerprint, Term> {
    let said = text.as_text().map(str::to_owned).or_else(|| text.to_text());
    said.and_then(|said| said.parse().ok()).ok_or_else(|| text.clone())
}

/// A map, or which of the texts is no fingerprint.
pub(super) fn answer(core: &Core, asked: &[Result<Fingerprint, Term>]) -> Term {
    let fingerprints: Result<Vec<Fingerprint>, Term> = asked.iter().cloned().collect();
    match fingerprints {
        Ok(fingerprints) => {
            let found = core.ca_use(&fingerprints);
            fields([("certificate", Term::from(found.certificate)), ("links", list(found.links.iter().map(dependence)))])
        }
        Err(text) => tuple([atom("error"), tuple([atom("badarg"), text])]),
    }
}

fn dependence(found: &Dependence) -> Term {
    fields([("peer", Term::from(found.peer.as_str())), ("theirs", Term::from(found.theirs)), ("ours", Term::from(found.ours))])
}

/// No cluster moves away from so many authorities at a time.
const MOST: usize = 64;
