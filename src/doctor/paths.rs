//! What a certificate is worth to a peer that trusts the same authorities: chain, uses, name and dates.

use super::case::Case;
use super::dates;
use super::finding::{Check, Finding, Report};
use super::material::{Book, about};
use crate::clock::{Clock, SystemClock};
use crate::node::{IdentityPolicy, IdentityRule, Mode};
use crate::tls::{CaPool, ChainJudge, PeerCertificate, Refusal, ServerName, Usage};
use crate::x509::{Inspected, San};
use rustls_pki_types::CertificateDer;
use std::sync::Arc;

pub(super) fn examine(book: &Book<'_>, case: &Case, report: &mut Report) {
    let Some((der, leaf)) = book.chain.first() else { return };
    let at = about(book.papers.certificate.as_ref());
    dates::of_certificate(&at, leaf, report);
    book.chain.iter().skip(1).for_each(|(_, facts)| dates::of_authority(&at, facts, report));
    let roles = roles(book, case);
    for &usage in &roles {
        report.add(match Refusal::of_usage(leaf, usage) {
            Some(refusal) => Finding::bad(Check::Usage, &at, &refusal),
            None => Finding::good(Check::Usage, &at, format!("may be used as a {usage}")),
        });
    }
    chains(&at, book, &roles, report);
    if roles.contains(&Usage::Server) {
        name(&at, (der, leaf), case, report);
    }
}

/// In which roles this certificate is presented.
fn roles(book: &Book<'_>, case: &Case) -> Vec<Usage> {
    let only_dials = case.options.as_ref().is_some_and(|options| options.mode == Mode::OutgoingOnly);
    match book.papers.at.as_str() {
        at if at.starts_with("routes") => vec![Usage::Client],
        at if at.starts_with("acceptors") => vec![Usage::Server],
        _ if only_dials => vec![Usage::Client],
        _ => vec![Usage::Server, Usage::Client],
    }
}

/// One pool for both directions is judged by once. Who has two may have a certificate of either, and a route may lead to
/// peers who trust others than we do.
fn chains(at: &str, book: &Book<'_>, roles: &[Usage], report: &mut Report) {
    let mut pools = vec![("root_ca", &book.root_ca)];
    let are_one = matches!((&book.root_ca, &book.client_ca), (Some(one), Some(other)) if one.fingerprints() == other.fingerprints());
    if !are_one {
        pools.push(("client_ca", &book.client_ca));
    }
    let verdict = |pool: &Arc<CaPool>| roles.iter().find_map(|&usage| refusal(book, pool, usage));
    let verdicts: Vec<_> = pools.into_iter().filter_map(|(key, pool)| Some((key, pool.as_ref()?, verdict(pool.as_ref()?)))).collect();
    let is_vouched_for = verdicts.iter().any(|(_, _, refusal)| refusal.is_none()) || book.papers.at.starts_with("routes");
    for (key, pool, refusal) in verdicts {
        let finding = match refusal {
            None => Finding::good(Check::Chain, at, format!("{} vouches for it", pool.in_words())),
            Some(refusal @ Refusal::Revoked { .. }) => Finding::bad(Check::Chain, at, &refusal),
            Some(refusal) if is_vouched_for => {
                Finding::absent(Check::Chain, at, format!("{key} does not vouch for it, and need not if peers trust others: {refusal}"))
            }
            Some(refusal) => Finding::bad(Check::Chain, at, &refusal),
        };
        report.add(finding.with("pool", key));
    }
}

/// Whatever the dates are, and the uses: they are judged apart.
fn refusal(book: &Book<'_>, pool: &Arc<CaPool>, usage: Usage) -> Option<Refusal> {
    let ((leaf, facts), rest) = book.chain.split_first()?;
    let judge = ChainJudge::new(Arc::clone(pool), usage);
    let judge = match &book.lists {
        Some(lists) => judge.with_revocation(lists),
        None => judge,
    };
    let rest: Vec<CertificateDer<'_>> = rest.iter().map(|(der, _)| der.clone()).collect();
    let moment = SystemClock.now().clamp(facts.not_before, facts.not_after.max(facts.not_before));
    judge.judge(leaf, &rest, None, moment).err().filter(|refusal| !matches!(refusal, Refusal::WrongUsage { .. }))
}

/// Whether those who dial the node's host, and those who hear its name, find it on the certificate.
fn name(at: &str, (der, leaf): (&CertificateDer<'_>, &Inspected), case: &Case, report: &mut Report) {
    let Some(name) = &case.name else {
        return report.add(Finding::absent(Check::Name, at, "the node's name is not known"));
    };
    let host = ServerName::try_from(name.host().to_owned()).ok();
    if let Some(refusal) = host.as_ref().and_then(|host| Refusal::of_name(der, leaf, host)) {
        return report.add(Finding::bad(Check::Name, at, &refusal));
    }
    let (policy, spiffe) = case.options.as_ref().map_or((IdentityPolicy::default(), None), |node| (node.identity, node.spiffe.clone()));
    let rule = IdentityRule::from(policy);
    let rule = spiffe.into_iter().fold(rule, IdentityRule::spiffe);
    let shown = PeerCertificate::new(Arc::new(leaf.clone()), true);
    report.add(match rule.judge(Some(&shown), name, None) {
        Ok(identity) => {
            let is_borne = leaf.sans.iter().any(|san| matches!(san, San::Uri(uri) if uri.strip_prefix("erl:") == Some(name.as_str())));
            let said = if is_borne { format!("it bears {name}") } else { format!("it may be {name}: {identity}") };
            Finding::good(Check::Name, at, said).with("names", leaf.names())
        }
        Err(mismatch) => Finding::bad(Check::Name, at, &mismatch),
    });
}
