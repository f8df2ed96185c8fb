//! What a node says to a call of ours.

use super::error::ErpcError;
use super::raised::Named;
use crate::etf::{Atom, Term};
use crate::node_name::NodeName;

/// A child that does not begin.
pub(super) fn refused(node: &NodeName, why: Atom) -> ErpcError {
    let node = node.clone();
    if why == "notsup" { ErpcError::NotSupported { node } } else { ErpcError::Refused { node, reason: why } }
}

/// What the reason means for which the child of an `erpc` has ended. One that does not bear the call's own tag is not
/// the function's word.
pub(super) fn value(node: &NodeName, name: &Named, tag: &Term, reason: Term) -> Result<Term, ErpcError> {
    let said = match reason.as_tuple() {
        Some([own, kind, rest @ ..]) if own == tag => said(node, name, kind, rest),
        _ if reason.is_atom("noconnection") => Some(Err(ErpcError::NoConnection { node: node.clone() })),
        _ => None,
    };
    said.unwrap_or(Err(ErpcError::Signal(reason)))
}

fn said(node: &NodeName, name: &Named, kind: &Term, rest: &[Term]) -> Option<Result<Term, ErpcError>> {
    Some(match (kind.as_atom()?.as_str(), rest) {
        ("return", [value]) => Ok(value.clone()),
        ("throw", [value]) => Err(ErpcError::Throw(value.clone())),
        ("exit", [reason]) => Err(ErpcError::Exit(reason.clone())),
        ("error", [reason, stack]) => Err(error(node, name, reason, stack)),
        ("error", [reason]) => match reason.as_tuple()? {
            [erpc, Term::Atom(why)] if erpc.is_atom("erpc") => Err(refused(node, why.clone())),
            _ => return None,
        },
        _ => return None,
    })
}

/// A function that it calls may be missing as well: that is a fault of its own.
fn error(node: &NodeName, name: &Named, reason: &Term, stack: &Term) -> ErpcError {
    let first = stack.as_list().and_then(<[Term]>::first).and_then(Term::as_tuple);
    let is_it =
        matches!(first, Some([Term::Atom(module), Term::Atom(function), ..]) if (module, function) == (&name.module, &name.function));
    if reason.is_atom("undef") && is_it {
        let Named { module, function, arity } = name.clone();
        return ErpcError::Undef { node: node.clone(), module, function, arity };
    }
    ErpcError::Error { reason: reason.clone(), stack: stack.clone() }
}
