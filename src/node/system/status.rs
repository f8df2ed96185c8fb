//! What a node says of itself, as a term.

use super::facts::{certificate, failure, fields, optional, own};
use super::{links, sources};
use crate::etf::{Map, Term, atom, list};
use crate::failure::Code;
use crate::node::cluster::keeper;
use crate::node::core::Core;
use crate::node::judging::Judgement;
use crate::node::options::Visibility;
use crate::observe::Counters;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Everything: a map of atoms to numbers, texts and lists of maps.
pub(super) fn of(core: &Core) -> Term {
    let listens = core.listens().into_iter().map(|address| Term::from(address.to_string()));
    let mut names = core.registry.names();
    names.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    let now = core.settings.clock.now();
    let issue = core.settings.manager.as_ref().map(|manager| manager.resolver().current());
    fields([
        ("name", Term::from(core.atom.clone())),
        ("version", Term::from(env!("CARGO_PKG_VERSION"))),
        ("creation", Term::from(core.creation.0)),
        ("uptime_seconds", Term::from(core.since.elapsed().as_secs())),
        ("mode", atom(core.settings.mode.as_str())),
        ("visible", Term::from(core.settings.visibility == Visibility::Visible)),
        ("listens", list(listens)),
        ("generation", optional(issue.as_ref(), |issue| Term::from(issue.generation.0))),
        ("certificate", optional(issue.as_ref(), |issue| certificate(issue.certificate.leaf(), now))),
        ("own_certificates", list(core.own_certificates().iter().map(own))),
        ("sources", list(sources::of(core))),
        ("allow", list(core.settings.admission.current().allowed().iter().map(|entry| Term::from(entry.to_string())))),
        ("deny", list(core.settings.admission.current().denied().iter().map(|entry| Term::from(entry.to_string())))),
        ("processes", Term::from(core.registry.count() as u64)),
        ("registered", list(names.into_iter().map(Term::from))),
        ("dropped_messages", Term::from(core.dropped.load(Ordering::Relaxed))),
        ("calls_running", Term::from(core.calls.taken() as u64)),
        ("calls_refused", Term::from(core.refused_calls.load(Ordering::Relaxed))),
        ("judged", optional(core.judging.last(), |judgement| judged(&judgement))),
        ("links_made", Term::from(core.counters.accepted())),
        ("refusals", list(refusals(&core.counters))),
        ("last_failures", failures(core)),
        ("keeps", keeper::status(core)),
        ("links", links::of(core)),
    ])
}

/// The last failure of each peer, the latest first.
pub(super) fn failures(core: &Core) -> Term {
    list(core.counters.last_failures().all().iter().map(failure))
}

/// Each code that was ever used, how often, and what helps.
fn refusals(counters: &Counters) -> impl Iterator<Item = Term> {
    let used = Code::ALL.iter().filter(|code| counters.refused(**code) > 0);
    used.map(|&code| {
        fields([
            ("code", Term::from(code.as_str())),
            ("count", Term::from(counters.refused(code))),
            ("by_peers", Term::from(counters.refused_by_peer(code))),
            ("hint", Term::from(code.cure())),
        ])
    })
}

/// How many of each verdict, and when.
fn judged(judgement: &Judgement) -> Term {
    let mut counts = BTreeMap::from([("at".to_owned(), Term::from(judgement.at.to_string()))]);
    let mut by_verdict: BTreeMap<String, u64> = BTreeMap::new();
    judgement.links.iter().for_each(|(_, verdict)| *by_verdict.entry(verdict.to_string()).or_default() += 1);
    counts.extend(by_verdict.into_iter().map(|(verdict, count)| (verdict, Term::from(count))));
    Map::new(counts.into_iter().map(|(name, value)| (Term::from(name), value))).map_or_else(|_| Term::nil(), Term::from)
}
