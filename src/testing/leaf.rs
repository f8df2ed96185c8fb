//! A leaf as a test needs it.

use super::{Ca, next, paired, surely};
use crate::authority::draft::{CLIENT_AUTH, Draft, SERVER_AUTH};
use crate::authority::validity::Window;
use crate::authority::{KeyKind, KeyPair, Subject};
use crate::clock::{DAY, Timestamp};
use crate::secret::Secret;
use crate::tls::Certificate;
use crate::x509::pem;
use der::asn1::{Any, Ia5String, ObjectIdentifier};
use der::{Decode, Encode, Tag};
use rustls_pki_types::CertificateDer;
use std::net::IpAddr;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

/// What a leaf's extended key usage names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// serverAuth and clientAuth.
    Both,
    /// serverAuth only.
    Server,
    /// clientAuth only.
    Client,
    /// Neither: codeSigning.
    Other,
    /// There is no such extension, which allows everything.
    Absent,
}

impl Usage {
    const fn purposes(self) -> &'static [ObjectIdentifier] {
        match self {
            Self::Both => &[SERVER_AUTH, CLIENT_AUTH],
            Self::Server => &[SERVER_AUTH],
            Self::Client => &[CLIENT_AUTH],
            Self::Other => &[CODE_SIGNING],
            Self::Absent => &[],
        }
    }
}

/// A leaf of a [`Ca`] in the making: valid for a day, for both roles, without names, with a P-256 key.
///
/// Names are not checked: a test may want a bad one.
///
/// ```
/// use countersign::testing::{Ca, Usage};
///
/// let ca = Ca::new();
/// let server = ca.leaf().dns("*.nodes.example").usage(Usage::Server).build();
/// assert_eq!(server.leaf().names(), "DNS:*.nodes.example");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct LeafBuilder<'a> {
    ca: &'a Ca,
    draft: Draft,
    key: KeyKind,
    signer: Signer,
    with_intermediates: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signer {
    Ca,
    Itself,
}

impl<'a> LeafBuilder<'a> {
    pub(super) fn new(ca: &'a Ca) -> Self {
        let window = Window { from: ca.now + -60, until: ca.now + DAY };
        let draft = Draft { window, ..Draft::leaf(Usage::Both.purposes(), &[]) };
        let blank = Self { ca, draft, key: KeyKind::P256, signer: Signer::Ca, with_intermediates: true };
        blank.common_name(&format!("leaf {}", next()))
    }

    /// Sets the subject's common name.
    pub fn common_name(mut self, name: &str) -> Self {
        self.draft.subject = surely(Subject::common_name(name)).name().clone();
        self
    }

    /// Adds an organisation to the subject, of any length and with any characters.
    pub fn organisation(self, name: &str) -> Self {
        self.part(ORGANISATION, Tag::Utf8String, name.as_bytes())
    }

    /// Sets the subject to these common names, as many as there are, of any length and with any characters.
    pub fn common_names(mut self, names: &[&str]) -> Self {
        self.draft.subject = Name::default();
        names.iter().fold(self, |leaf, name| leaf.part(COMMON_NAME, Tag::Utf8String, name.as_bytes()))
    }

    /// Adds a common name in an old encoding, which each reads in its own way.
    pub fn common_name_in_t61(self, bytes: &[u8]) -> Self {
        self.part(COMMON_NAME, Tag::TeletexString, bytes)
    }

    fn part(mut self, oid: ObjectIdentifier, tag: Tag, bytes: &[u8]) -> Self {
        let value = surely(Any::new(tag, bytes));
        let part = surely(RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid, value }]));
        let mut parts = surely(RdnSequence::from_der(&surely(self.draft.subject.to_der())));
        parts.push(part);
        self.draft.subject = surely(Name::from_der(&surely(parts.to_der())));
        self
    }

    /// Adds a DNS name.
    pub fn dns(self, name: &str) -> Self {
        self.with(GeneralName::DnsName(surely(Ia5String::new(name))))
    }

    /// Adds an address.
    pub fn ip(self, address: IpAddr) -> Self {
        self.with(GeneralName::from(address))
    }

    /// Adds a URI, such as `erl:name@host`.
    pub fn uri(self, uri: &str) -> Self {
        self.with(GeneralName::UniformResourceIdentifier(surely(Ia5String::new(uri))))
    }

    /// Adds names of all three kinds: addresses, URIs (they have a colon), and DNS names.
    pub fn names(self, names: &[&str]) -> Self {
        names.iter().fold(self, |leaf, name| match name.parse::<IpAddr>() {
            Ok(address) => leaf.ip(address),
            Err(_) if name.contains(':') => leaf.uri(name),
            Err(_) => leaf.dns(name),
        })
    }

    /// Sets the extended key usage.
    pub fn usage(mut self, usage: Usage) -> Self {
        self.draft.purposes = usage.purposes().to_vec();
        self
    }

    /// Sets the first and the last moment of validity, which may both be gone or to come.
    pub const fn valid(mut self, from: Timestamp, until: Timestamp) -> Self {
        self.draft.window = Window { from, until };
        self
    }

    /// Makes another kind of key.
    pub const fn key(mut self, kind: KeyKind) -> Self {
        self.key = kind;
        self
    }

    /// Gives it the key usage of a CA, without digitalSignature.
    pub fn without_digital_signature(mut self) -> Self {
        self.draft.key_usage = Draft::ca(None).key_usage;
        self
    }

    /// Makes it a CA that presents itself as a leaf.
    pub fn with_ca_flag(mut self) -> Self {
        self.draft.constraints = Draft::ca(None).constraints;
        self
    }

    /// Leaves basicConstraints out, as a self-signed certificate made in a hurry does.
    pub const fn without_basic_constraints(mut self) -> Self {
        self.draft.constraints = None;
        self
    }

    /// Presents the leaf alone, although its issuer is an intermediate.
    pub const fn without_intermediates(mut self) -> Self {
        self.with_intermediates = false;
        self
    }

    /// Lets it sign itself.
    pub const fn self_signed(mut self) -> Self {
        self.signer = Signer::Itself;
        self
    }

    /// The certificate with its key, as a node presents it.
    #[must_use]
    pub fn build(self) -> Certificate {
        let (chain, key) = self.issue();
        paired(&chain, &key)
    }

    /// The same as the text of two files: the chain, and the key.
    #[must_use]
    pub fn pem(self) -> (String, Secret) {
        let (chain, key) = self.issue();
        (chain.iter().map(|der| pem::encode("CERTIFICATE", der)).collect(), key.pem())
    }

    /// The chain for a public key (DER `SubjectPublicKeyInfo`) whose private half we need not have.
    #[must_use]
    pub fn certificate_for(self, spki_der: &[u8]) -> Vec<CertificateDer<'static>> {
        let leaf = surely(self.ca.authority.sign(self.draft, spki_der));
        if self.with_intermediates { self.ca.authority.presented_with(leaf) } else { vec![leaf] }
    }

    fn issue(self) -> (Vec<CertificateDer<'static>>, KeyPair) {
        let key = surely(KeyPair::generate(self.key));
        if self.signer == Signer::Itself {
            let draft = Draft { issuer: self.draft.subject.clone(), ..self.draft };
            return (vec![surely(draft.sign(key.spki_der(), &key))], key);
        }
        (self.certificate_for(key.spki_der()), key)
    }

    fn with(mut self, name: GeneralName) -> Self {
        self.draft.names.push(name);
        self
    }
}

const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
