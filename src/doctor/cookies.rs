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
    if !case.cookies.iter().any(|cookie| !cookie.at.contains('[')) {
        report.add(match cookie_of_home() {
            Ok(_) => Finding::good(Check::Cookie, "~/.erlang.cookie", "the cookie of this user's home"),
            Err(error) => Finding::bad(Check::Cookie, "~/.erlang.cookie", &error),
        });
    }
}
