//! The files themselves: whether they are there, may be read, and hold what they should.

use super::finding::{Check, Finding, Report};
use super::{authorities, lists, pair};
use crate::config::{Paper, Papers};
use crate::failure::Failure;
use crate::failure::seen::WITHOUT_PEM;
use crate::hint::Hint;
use crate::secret::Secret;
use crate::tls::{CaPool, Revocation};
use crate::x509::Inspected;
use crate::x509::file::read_public;
use crate::x509::key::{KeyError, read_private};
use crate::x509::pem::Origin;
use rustls_pki_types::CertificateDer;
use std::sync::Arc;

/// What could be read of one set of papers.
#[derive(Debug)]
pub(super) struct Book<'a> {
    pub(super) papers: &'a Papers,
    /// What would be presented, the leaf first.
    pub(super) chain: Vec<(CertificateDer<'static>, Inspected)>,
    pub(super) root_ca: Option<Arc<CaPool>>,
    pub(super) client_ca: Option<Arc<CaPool>>,
    pub(super) lists: Option<Revocation>,
}

pub(super) fn read<'a>(papers: &'a Papers, report: &mut Report) -> Book<'a> {
    let Papers { certificate, key, root_ca, client_ca, .. } = papers;
    // A certificate's file that holds its key is as secret as a key's.
    let own = certificate.as_ref().and_then(|paper| text(paper, Check::Certificate, key.is_none(), report));
    let chain = own.as_ref().map(|own| pair::chain(&about(certificate.as_ref()), own, report)).unwrap_or_default();
    let beside = key.as_ref().and_then(|paper| text(paper, Check::Key, true, report));
    let at = about(key.as_ref().or(certificate.as_ref()));
    let of_key = if key.is_none() { own.as_ref() } else { beside.as_ref() };
    pair::key(&at, own.as_ref().filter(|_| !chain.is_empty()), of_key, report);
    let roots = root_ca.as_ref().and_then(|paper| pool(paper, report));
    let is_same = matches!((root_ca, client_ca), (Some(one), Some(other)) if is_same_file(one, other));
    let clients = if is_same { roots.clone() } else { client_ca.as_ref().and_then(|paper| pool(paper, report)) };
    Book { papers, chain, root_ca: roots, client_ca: clients, lists: lists::read(papers, report) }
}

fn pool(paper: &Paper, report: &mut Report) -> Option<Arc<CaPool>> {
    let text = text(paper, Check::Ca, false, report)?;
    authorities::read(&about(Some(paper)), &text, report)
}

/// Bytes, and what they are called.
pub(super) type Text = (Origin, Secret);

/// The text of a paper. One that others can read is read nevertheless: what else is wrong is to be seen, too.
fn text(paper: &Paper, check: Check, is_secret: bool, report: &mut Report) -> Option<Text> {
    let at = about(Some(paper));
    match paper {
        Paper::Text { text, .. } => Some((Origin::named(at), text.clone())),
        Paper::File { path, shown, .. } => {
            let fault = match if is_secret { read_private(path) } else { read_public(path).map_err(KeyError::from) } {
                Ok(bytes) => return Some((Origin::named(at), bytes)),
                Err(fault) => fault,
            };
            report.add(Finding::bad(check, &at, &fault).calling(path, shown));
            let is_there = matches!(fault, KeyError::Exposed { .. });
            is_there.then(|| read_public(path).ok()).flatten().map(|bytes| (Origin::named(at), bytes))
        }
    }
}

fn is_same_file(one: &Paper, other: &Paper) -> bool {
    matches!((one, other), (Paper::File { path: one, .. }, Paper::File { path: other, .. }) if one == other)
}

/// Which file it is, or under which key it stands. Where PEM stands in place of a path it is not repeated.
pub(super) fn about(paper: Option<&Paper>) -> String {
    paper.map(|paper| paper.shown().to_owned()).unwrap_or_default()
}

/// A file that holds something, and not what is wanted: DER and other forms that are no PEM among it.
pub(super) fn foreign(check: Check, at: &str, failure: &dyn Failure, bytes: &[u8]) -> Finding {
    let finding = match bytes {
        [0x30, 0x81 | 0x82, ..] => Finding::of_code(check, at, "this is DER, and PEM is wanted", failure.code())
            .hinting(Hint::of(format!("openssl x509 -inform DER -in {at} writes it as PEM; for a key: openssl pkey -inform DER"))),
        _ => Finding::bad(check, at, failure),
    };
    finding.also_seen(WITHOUT_PEM)
}
