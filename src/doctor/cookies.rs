//! Cookies: whether they are there, and nobody else's business.

use super::case::Case;
use super::finding::{Check, Finding, Report};
use crate::node::cookie_of_home;

pub(super) fn examine(case: &Case, report: &mut Report) {
    for cookie in &case.cookies {
        report.add(match &cookie.outcome {
            Ok(()) => Finding::good(Check::Cookie, &cookie.at, cookie.whence.clone()),
            Err(fault) => Finding::bad(Check::Cookie, &cookie.at, fault),
        });
    }
    let is_named = case.cookies.iter().any(|cookie| !cookie.at.contains('['));
    // Of a document in which it may be named, and cannot be read there, more is said than that it is missing elsewhere.
    let may_be_named = case.faults.iter().any(|fault| ["", "node"].contains(&fault.path.as_str()) || fault.path.starts_with("node.cookie"));
    if !is_named && !may_be_named {
        report.add(match cookie_of_home() {
            Ok(_) => Finding::good(Check::Cookie, "~/.erlang.cookie", "the cookie of this user's home"),
            Err(error) => Finding::bad(Check::Cookie, "~/.erlang.cookie", &error),
        });
    }
}
