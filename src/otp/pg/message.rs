//! What the processes of a scope say to each other, in OTP's words.

use super::holdings::Movement;
use super::roster::Members;
use crate::etf::{Pid, Term, atom, list, tuple};

/// What a scope process of another node says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Saying {
    /// Who, as it says.
    pub(super) from: Pid,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It is there, and wants to hear all that we have.
    Discover,
    /// All that it has.
    Sync(Vec<Movement>),
    Join(Movement),
    /// Processes leave each of these groups once; a group may be named twice.
    Leave(Vec<Pid>, Vec<Term>),
}

impl Saying {
    /// Nothing, if it is none of these; OTP's scope process would end.
    pub(super) fn parse(term: &Term) -> Option<Self> {
        let saying = |from: &Term, what| Some(Self { from: from.as_pid()?.clone(), what });
        match term.as_tuple()? {
            // OTP 26 and later take a version of the protocol as well, for releases to come.
            [kind, from] | [kind, from, _] if kind.is_atom("discover") => saying(from, What::Discover),
            [cast, what] if cast.is_atom("$gen_cast") => match what.as_tuple()? {
                [kind, from, groups] if kind.is_atom("sync") => saying(from, What::Sync(all(groups, movement)?)),
                _ => None,
            },
            [kind, from, group, pids] if kind.is_atom("join") => saying(from, What::Join((group.clone(), one_or_more(pids)?))),
            [kind, from, pids, groups] if kind.is_atom("leave") => {
                saying(from, What::Leave(one_or_more(pids)?, groups.as_list()?.to_vec()))
            }
            _ => None,
        }
    }

    /// Every process that it speaks for.
    pub(super) fn pids(&self) -> impl Iterator<Item = &Pid> {
        let (lists, pids): (&[Movement], &[Pid]) = match &self.what {
            What::Discover => (&[], &[]),
            What::Sync(groups) => (groups, &[]),
            What::Join((_, pids)) | What::Leave(pids, _) => (&[], pids),
        };
        std::iter::once(&self.from).chain(lists.iter().flat_map(|(_, pids)| pids)).chain(pids)
    }
}

pub(super) fn discover(own: &Pid) -> Term {
    tuple([atom("discover"), Term::from(own.clone())])
}

pub(super) fn sync(own: &Pid, groups: &[Members]) -> Term {
    let groups = groups.iter().map(|(group, pids)| tuple([group.clone(), pids_of(pids)]));
    tuple([atom("$gen_cast"), tuple([atom("sync"), own.clone().into(), list(groups)])])
}

pub(super) fn join(own: &Pid, group: &Term, pids: &[Pid]) -> Term {
    tuple([atom("join"), own.clone().into(), group.clone(), one_or_list(pids)])
}

pub(super) fn leave(own: &Pid, pids: &[Pid], groups: impl IntoIterator<Item = Term>) -> Term {
    tuple([atom("leave"), own.clone().into(), one_or_list(pids), list(groups)])
}

pub(super) fn pids_of(pids: &[Pid]) -> Term {
    list(pids.iter().cloned())
}

fn one_or_list(pids: &[Pid]) -> Term {
    match pids {
        [one] => one.clone().into(),
        more => pids_of(more),
    }
}

fn one_or_more(term: &Term) -> Option<Vec<Pid>> {
    term.as_pid().map_or_else(|| all(term, |pid| pid.as_pid().cloned()), |pid| Some(vec![pid.clone()]))
}

fn movement(term: &Term) -> Option<Movement> {
    match term.as_tuple()? {
        [group, pids] => Some((group.clone(), all(pids, |pid| pid.as_pid().cloned())?)),
        _ => None,
    }
}

fn all<T>(term: &Term, parse: impl Fn(&Term) -> Option<T>) -> Option<Vec<T>> {
    term.as_list()?.iter().map(parse).collect()
}
