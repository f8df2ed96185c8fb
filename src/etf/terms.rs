//! The children of a term: dropped and copied without recursion, because a peer or a builder decides
//! how deep they are, and a stack that overflows takes the process with it.

use super::term::Term;
use std::fmt;
use std::ops::Deref;

/// Some terms in a row; a slice in all but name.
#[derive(Default, PartialEq, Eq, Hash)]
pub struct Terms(Box<[Term]>);

impl Terms {
    /// As a vector, without copying.
    pub fn into_vec(mut self) -> Vec<Term> {
        self.take().into_vec()
    }

    pub(super) fn take(&mut self) -> Box<[Term]> {
        std::mem::take(&mut self.0)
    }
}

impl From<Vec<Term>> for Terms {
    fn from(terms: Vec<Term>) -> Self {
        Self(terms.into_boxed_slice())
    }
}

impl Deref for Terms {
    type Target = [Term];

    fn deref(&self) -> &[Term] {
        &self.0
    }
}

impl<'a> IntoIterator for &'a Terms {
    type Item = &'a Term;
    type IntoIter = std::slice::Iter<'a, Term>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for Terms {
    type Item = Term;
    type IntoIter = std::vec::IntoIter<Term>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Drop for Terms {
    fn drop(&mut self) {
        let mut detached = Vec::new();
        detach_deep(&mut self.0, &mut detached);
        while let Some(mut terms) = detached.pop() {
            detach_deep(&mut terms, &mut detached);
        }
    }
}

/// Takes out the children that would go more than one level further down when dropped. What is flat
/// stays: most messages are, and dropping them then allocates nothing.
fn detach_deep(terms: &mut [Term], detached: &mut Vec<Box<[Term]>>) {
    let is_container = |term: &Term| !term.children().is_empty();
    for term in terms.iter_mut() {
        if term.children().iter().any(is_container) {
            detached.push(term.take_children());
        }
    }
}

impl Clone for Terms {
    fn clone(&self) -> Self {
        // Most are flat, and copied with one allocation.
        if self.iter().all(|term| term.children().is_empty()) {
            return Self(self.0.clone());
        }
        let mut open = vec![Copying::of(None, self)];
        loop {
            let Some(top) = open.last_mut() else { return Self::default() };
            match top.rest.next() {
                Some(term) if term.children().is_empty() => top.done.push(term.clone()),
                Some(term) => open.push(Copying::of(Some(term), term.children())),
                None => {
                    let Some(Copying { shell, done, .. }) = open.pop() else { return Self::default() };
                    match (shell, open.last_mut()) {
                        (Some(shell), Some(parent)) => parent.done.push(shell.with_children(done)),
                        _ => return Self::from(done),
                    }
                }
            }
        }
    }
}

/// A container half copied; the outermost has no shell.
struct Copying<'a> {
    shell: Option<&'a Term>,
    rest: std::slice::Iter<'a, Term>,
    done: Vec<Term>,
}

impl<'a> Copying<'a> {
    fn of(shell: Option<&'a Term>, terms: &'a [Term]) -> Self {
        Self { shell, rest: terms.iter(), done: Vec::with_capacity(terms.len()) }
    }
}

/// A list whose end is not `[]`: `[A, B | Tail]`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Improper(Terms);

impl Improper {
    /// At least one element, and the tail behind it.
    pub(super) const fn of(elements_and_tail: Terms) -> Self {
        Self(elements_and_tail)
    }

    /// What stands before the bar; at least one.
    pub fn elements(&self) -> &[Term] {
        self.0.split_last().map_or(&[], |(_, elements)| elements)
    }

    /// What stands behind the bar: never a list.
    pub fn tail(&self) -> &Term {
        static NIL: std::sync::LazyLock<Term> = std::sync::LazyLock::new(Term::nil);
        self.0.last().unwrap_or(&NIL)
    }

    pub(super) fn all(&self) -> &[Term] {
        &self.0
    }

    pub(super) fn take(&mut self) -> Box<[Term]> {
        self.0.take()
    }
}

impl fmt::Debug for Improper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} | {:?}", self.elements(), self.tail())
    }
}
