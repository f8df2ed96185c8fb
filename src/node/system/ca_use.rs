//! `{depends_on, Sha256}`, or a list of them: what depends on authorities, as a term.

use super::status::map;
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
    let one = |text: &Term| text.as_text().and_then(|text| text.parse().ok()).ok_or_else(|| text.clone());
    let many = whom.as_list().filter(|_| whom.as_text().is_none());
    Some(many.map_or_else(|| vec![one(whom)], |texts| texts.iter().take(MOST).map(one).collect()))
}

/// A map, or which of the texts is no fingerprint.
pub(super) fn answer(core: &Core, asked: &[Result<Fingerprint, Term>]) -> Term {
    let fingerprints: Result<Vec<Fingerprint>, Term> = asked.iter().cloned().collect();
    match fingerprints {
        Ok(fingerprints) => {
            let found = core.ca_use(&fingerprints);
            map([("certificate", Term::from(found.certificate)), ("links", list(found.links.iter().map(dependence)))])
        }
        Err(text) => tuple([atom("error"), tuple([atom("badarg"), text])]),
    }
}

fn dependence(found: &Dependence) -> Term {
    map([("peer", Term::from(found.peer.as_str())), ("theirs", Term::from(found.theirs)), ("ours", Term::from(found.ours))])
}

/// No cluster moves away from so many authorities at a time.
const MOST: usize = 64;
