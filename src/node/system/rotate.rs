//! `rotate` and `{rotate, #{dry_run => …, cert => …, key => …}}`: an admin has certificates reloaded or replaced, or asks
//! what that would do.

use super::facts::{because, fields, optional};
use super::sources::{serial, trouble};
use crate::etf::{Pid, Term, list};
use crate::node::call::{self, Request};
use crate::node::core::Core;
use crate::node::rotation::LinkFate;
use crate::node::sources::{Renewal, Renewed, Rotate, Rotated};
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::rt;
use crate::tls::source::CertFiles;
use std::path::PathBuf;
use std::sync::Arc;

/// What is wanted, or what is wrong with the question; `None` if something else is asked.
pub(super) fn wanted(request: &Term) -> Option<Result<Rotate, Term>> {
    if request.is_atom("rotate") {
        return Some(Ok(Rotate::from_sources()));
    }
    match request.as_tuple()? {
        [word, options] if word.is_atom("rotate") => Some(read(options)),
        _ => None,
    }
}

/// Answers when it is done, and keeps nobody waiting meanwhile: a disk may not answer.
pub(super) fn carry_out(core: &Arc<Core>, own: &Pid, request: Request, wanted: Result<Rotate, Term>) {
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(refusal) => return call::answer(core, own, &request, refusal),
    };
    let (rotating, own) = (Arc::clone(core), own.clone());
    let work = async move {
        let by = request.peer.as_ref().map_or_else(|| rotating.name.clone(), |peer| peer.name().clone());
        log::info!(target: "countersign::node", event:% = Event::RotateAsked, by:%, wanted:%; "certificates are to be looked at, as an admin asked for");
        let is_dry_run = wanted.is_dry_run();
        let rotated = rotating.rotate(wanted).await;
        call::answer(&rotating, &own, &request, answer(&rotated, is_dry_run));
    };
    match rt::spawn("rotate", work) {
        Ok(task) => task.detach(),
        Err(error) => log::error!(target: "countersign::node", event:% = Event::TaskNotStarted, error:%; "cannot start a task"),
    }
}

/// The files are this host's: a key never crosses a link.
fn read(options: &Term) -> Result<Rotate, Term> {
    let Term::Map(map) = options else { return Err(refused("the options of rotate are a map")) };
    let (mut certificate, mut key, mut is_dry_run) = (None, None, false);
    for (name, value) in map.iter() {
        match name.as_atom().map(|name| name.as_str()) {
            Some("cert") => certificate = Some(path(value)?),
            Some("key") => key = Some(path(value)?),
            Some("dry_run") => is_dry_run = value.as_bool().ok_or_else(|| refused("dry_run is true or false"))?,
            _ => return Err(refused("rotate knows the options cert, key and dry_run")),
        }
    }
    let rotate = match (certificate, key) {
        (None, None) => Rotate::from_sources(),
        (None, Some(_)) => return Err(refused("key names the key of a certificate, and cert is missing")),
        (Some(certificate), Some(key)) => Rotate::to(Arc::new(CertFiles::pair(certificate, key))),
        (Some(file), None) => Rotate::to(Arc::new(CertFiles::combined(file))),
    };
    Ok(if is_dry_run { rotate.dry_run() } else { rotate })
}

/// A binary, or what an Erlang shell has between quotes. Where the node was started is nobody's business.
fn path(text: &Term) -> Result<PathBuf, Term> {
    let said = text.as_text().map(str::to_owned).or_else(|| text.to_text()).map(PathBuf::from);
    said.filter(|path| path.is_absolute()).ok_or_else(|| refused("cert and key are whole paths of files on the node's host"))
}

fn refused(reason: &str) -> Term {
    because("badarg", reason.to_owned())
}

fn answer(rotated: &Rotated, is_dry_run: bool) -> Term {
    fields([
        ("dry_run", Term::from(is_dry_run)),
        ("sources", list(rotated.renewals.iter().map(renewal))),
        ("links", list(rotated.links.iter().map(link))),
    ])
}

fn renewal(renewal: &Renewal) -> Term {
    let (new, why) = match &renewal.outcome {
        Renewed::Replaced(certificate) | Renewed::WouldReplace(certificate) => (Some(certificate), None),
        Renewed::Unchanged => (renewal.before.as_ref(), None),
        Renewed::Refused(why) => (None, Some(why)),
    };
    let [code, holder, reason, hint] = trouble(why);
    fields([
        ("name", Term::from(renewal.source.as_str())),
        ("outcome", Term::from(renewal.outcome.as_str())),
        ("old_serial", serial(renewal.before.as_ref())),
        ("new_serial", serial(new)),
        ("restart_required", Term::from(renewal.restart_required)),
        ("code", code),
        ("holder", holder),
        ("reason", reason),
        ("hint", hint),
    ])
}

fn link((peer, fate): &(NodeName, LinkFate)) -> Term {
    let why = match fate {
        LinkFate::Cannot { why, .. } => Some(why),
        _ => None,
    };
    fields([
        ("peer", Term::from(peer.as_str())),
        ("fate", Term::from(fate.as_str())),
        ("otherwise", optional(fate.otherwise(), |otherwise| Term::from(otherwise.as_str()))),
        ("reason", optional(why, |why| Term::from(why.to_string()))),
    ])
}
