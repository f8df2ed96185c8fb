//! What each case presents, and how the judging side is set up for it.

use super::cell::{Case, Cell, Presenter};
use crate::foreign_tls::stray_key;
use countersign::authority::KeyKind;
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::testing::{Ca, LeafBuilder, Usage, rsa_1024_public_key};
use countersign::tls::{CaPool, Certificate, CrlPolicy, Revocation, TlsPolicy};
use countersign::x509::RevocationList;
use countersign::x509::pem::Origin;
use rustls::sign::CertifiedKey;
use std::sync::Arc;

/// The CAs of one run.
pub(crate) struct World {
    /// Both sides' own.
    pub(crate) ca: Ca,
    /// Another that both sides trust where revocation is unknown: it has no list.
    listless: Ca,
    /// One that nobody trusts.
    stranger: Ca,
}

/// The questionable thing.
pub(crate) enum Offer {
    /// A node of ours presents it.
    Ours(Certificate),
    /// Our own type would not load this pair, so a foreign peer presents it.
    Foreign(CertifiedKey),
    /// No certificate: ours always has one.
    Nothing,
    /// A good certificate, for another application protocol.
    OtherProtocol(CertifiedKey),
    /// These bytes and no TLS of today.
    Bytes(Vec<u8>),
}

impl World {
    pub(crate) fn new() -> Self {
        Self { ca: Ca::new(), listless: Ca::new(), stranger: Ca::new() }
    }

    /// Good for either side in every case.
    pub(crate) fn good(&self) -> Certificate {
        self.ca.agent(NAMES)
    }

    /// Whom both sides trust.
    pub(crate) fn pool(&self, case: Case) -> Arc<CaPool> {
        match case {
            Case::RevocationUnknown => Arc::new(self.ca.pool().merge(&self.listless.pool())),
            _ => self.ca.pool(),
        }
    }

    /// How the judging side judges what is offered.
    pub(crate) fn policy(&self, case: Case, offer: &Offer) -> TlsPolicy {
        let revoked: &[&Certificate] = match (case, offer) {
            (Case::Revoked, Offer::Ours(certificate)) => &[certificate],
            (Case::RevocationUnknown, _) => &[],
            _ => return TlsPolicy::default(),
        };
        let list = RevocationList::from_pem(&Origin::memory(), self.ca.revocation_list(revoked).as_bytes()).unwrap();
        TlsPolicy::default().revocation(Revocation::new(list, CrlPolicy::DenyUnknown).unwrap())
    }

    pub(crate) fn offer(&self, cell: Cell) -> Offer {
        match cell.case {
            Case::WeakKey => Offer::Foreign(self.weak()),
            Case::KeyMismatch => Offer::Foreign(self.mismatched()),
            Case::None => Offer::Nothing,
            Case::Plaintext => Offer::Bytes(plain_words(cell.presenter)),
            Case::Tls11 => Offer::Bytes(old_hello(cell.presenter)),
            Case::ForeignAlpn => Offer::OtherProtocol(crate::foreign_tls::identity(self.ca.leaf().names(NAMES))),
            case => Offer::Ours(self.certificate(case)),
        }
    }

    fn certificate(&self, case: Case) -> Certificate {
        let now = SystemClock.now();
        match case {
            Case::WrongCa => self.stranger.agent(NAMES),
            Case::RevocationUnknown => self.listless.agent(NAMES),
            Case::IntermediatePresent => self.ca.intermediate().agent(NAMES),
            Case::IntermediateMissing => self.ca.intermediate().leaf().names(NAMES).without_intermediates().build(),
            Case::IntermediateNotACa => self.ca.false_intermediate().agent(NAMES),
            Case::WrongName => self.ca.agent(&["elsewhere.test"]),
            Case::IpName => self.ca.agent(&["127.0.0.1"]),
            Case::Wildcard => self.ca.agent(&["*.cluster.test"]),
            Case::Expired => self.named().valid(now + -2 * DAY, now + -DAY).build(),
            Case::NotYetValid => self.named().valid(now + DAY, now + 2 * DAY).build(),
            Case::ClientOnly => self.named().usage(Usage::Client).build(),
            Case::ServerOnly => self.named().usage(Usage::Server).build(),
            Case::SelfSigned => self.named().self_signed().build(),
            Case::NoDigitalSignature => self.named().without_digital_signature().build(),
            _ => self.good(),
        }
    }

    fn named(&self) -> LeafBuilder<'_> {
        self.ca.leaf().names(NAMES)
    }

    fn weak(&self) -> CertifiedKey {
        // Nobody has the weak key's private half: the chain must be judged before the signature.
        CertifiedKey::new(self.named().certificate_for(&rsa_1024_public_key()), stray_key(KeyKind::P256))
    }

    fn mismatched(&self) -> CertifiedKey {
        CertifiedKey::new(self.good().chain().to_vec(), stray_key(KeyKind::P256))
    }
}

/// What the judging side is dialled as, or dials.
pub(crate) const fn host(case: Case) -> &'static str {
    match case {
        Case::IpName => "127.0.0.1",
        _ => "localhost",
    }
}

/// The name that stands in for the host.
pub(crate) const fn server_name(case: Case) -> Option<&'static str> {
    match case {
        Case::Wildcard => Some("a.cluster.test"),
        _ => None,
    }
}

fn plain_words(presenter: Presenter) -> Vec<u8> {
    match presenter {
        Presenter::Client => b"\0\x15n\0\x05anybody@localhost".to_vec(),
        Presenter::Server => b"220 mail.example ESMTP\r\n".to_vec(),
    }
}

fn old_hello(presenter: Presenter) -> Vec<u8> {
    match presenter {
        Presenter::Client => crate::foreign_bytes::tls_1_1_client_hello(),
        Presenter::Server => crate::foreign_bytes::tls_1_1_server_hello(),
    }
}

const NAMES: &[&str] = &["localhost", "127.0.0.1", "a.cluster.test"];
