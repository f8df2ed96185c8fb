//! What a certificate says, without believing it.

use super::algorithm::KeyAlgorithm;
use super::fingerprint::{Fingerprint, colon_hex};
use super::name::{San, common_names, distinguished};
use crate::clock::Timestamp;
use crate::failure::{Code, Failure};
use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use der::referenced::OwnedToRef;
use der::{Decode, Encode};
use x509_cert::certificate::{Certificate, TbsCertificate};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier};
use x509_cert::name::Name;

/// Everything on a certificate that a person or a judge asks about.
///
/// ```
/// use countersign::testing::Ca;
/// use countersign::x509::{Inspected, San};
///
/// let ca = Ca::new();
/// let leaf = ca.agent(&["localhost"]);
/// let facts = Inspected::from_der(leaf.leaf_der())?;
/// assert_eq!(facts.sans, [San::Dns("localhost".into())]);
/// assert!(!facts.is_ca());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspected {
    /// Its version: 3, or 1 for a root so old that it can say nothing about itself.
    pub version: u8,
    /// The distinguished name it is for.
    pub subject: String,
    /// The same as DER, for comparisons.
    pub subject_der: Vec<u8>,
    /// The distinguished name of who signed it.
    pub issuer: String,
    /// The same as DER, for comparisons.
    pub issuer_der: Vec<u8>,
    /// The serial number's bytes.
    pub serial: Vec<u8>,
    /// The common names of its subject, each as it stands there; `None` for one whose encoding is read in different ways.
    pub common_names: Vec<Option<String>>,
    /// All subject alternative names.
    pub sans: Vec<San>,
    /// Key usages by their RFC 5280 names; `None` when the extension is absent.
    pub key_usage: Option<Vec<&'static str>>,
    /// Extended key usages, by name where they have one.
    pub extended_key_usage: Option<Vec<String>>,
    /// Basic constraints; `None` when the extension is absent.
    pub basic_constraints: Option<Constraints>,
    /// The first moment of validity.
    pub not_before: Timestamp,
    /// The last moment of validity.
    pub not_after: Timestamp,
    /// How the issuer signed, such as `ecdsa-with-SHA256`.
    pub signature_algorithm: String,
    /// What key it holds.
    pub key_algorithm: KeyAlgorithm,
    /// The public key as DER `SubjectPublicKeyInfo`.
    pub spki_der: Vec<u8>,
    /// SHA-256 of the whole certificate.
    pub fingerprint: Fingerprint,
    /// SHA-256 of the public key.
    pub key_fingerprint: Fingerprint,
    /// The subject key identifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// Whom the certificate says it was signed by, beyond a name.
    pub authority_key_id: AuthorityKeyId,
}

/// Basic constraints of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constraints {
    /// Whether it may sign others.
    pub ca: bool,
    /// How many intermediates may stand below it.
    pub path_len: Option<u8>,
}

/// The parts of an authority key identifier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityKeyId {
    /// The issuer's subject key identifier.
    pub key_id: Option<Vec<u8>>,
    /// The issuer's *issuer*, as DER names: with it a missing intermediate can be told from an unknown CA.
    pub issuers: Vec<Vec<u8>>,
}

impl Inspected {
    /// Reads a certificate from its DER.
    ///
    /// # Errors
    /// Which part is not as RFC 5280 has it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertError> {
        let parsed = Certificate::from_der(der).map_err(|source| CertError { part: "structure", source })?;
        let tbs = parsed.tbs_certificate();
        let spki_der = tbs.subject_public_key_info().to_der().map_err(part("public key"))?;
        let authority = extension::<AuthorityKeyIdentifier>(tbs, "authority key identifier")?;
        Ok(Self {
            version: tbs.version() as u8 + 1,
            subject: distinguished(tbs.subject()),
            subject_der: name_der(tbs.subject())?,
            common_names: common_names(tbs.subject()),
            issuer: distinguished(tbs.issuer()),
            issuer_der: name_der(tbs.issuer())?,
            serial: tbs.serial_number().as_bytes().to_vec(),
            sans: sans(tbs)?,
            key_usage: extension::<KeyUsage>(tbs, "key usage")?.map(key_usages),
            extended_key_usage: extension::<ExtendedKeyUsage>(tbs, "extended key usage")?
                .map(|usages| usages.0.iter().map(purpose).collect()),
            basic_constraints: constraints(tbs)?,
            not_before: moment(tbs.validity().not_before),
            not_after: moment(tbs.validity().not_after),
            signature_algorithm: signature_name(&parsed.signature_algorithm().oid),
            key_algorithm: KeyAlgorithm::of(tbs.subject_public_key_info().owned_to_ref()),
            key_fingerprint: Fingerprint::of(&spki_der),
            spki_der,
            fingerprint: Fingerprint::of(der),
            subject_key_id: extension::<SubjectKeyIdentifier>(tbs, "subject key identifier")?.map(|id| id.0.as_bytes().to_vec()),
            authority_key_id: authority.map(authority_key_id).unwrap_or_default(),
        })
    }

    /// The serial number as OpenSSL prints it.
    pub fn serial_hex(&self) -> String {
        let significant = self.serial.iter().position(|&byte| byte != 0).unwrap_or(self.serial.len().saturating_sub(1));
        colon_hex(self.serial.get(significant..).unwrap_or_default())
    }

    /// Whether it may sign others.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// Whether subject and issuer are the same name.
    pub fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }

    /// Whether the certificate allows this key usage: by naming it, or by naming none at all.
    pub fn allows(&self, usage: &str) -> bool {
        self.key_usage.as_ref().is_none_or(|usages| usages.contains(&usage))
    }

    /// What is too weak about it: its key or the signature under it.
    pub fn weakness(&self) -> Option<String> {
        if self.key_algorithm.is_weak() {
            return Some(format!("its key is {}", self.key_algorithm));
        }
        let old = ["SHA1", "MD5", "MD2"].iter().any(|hash| self.signature_algorithm.contains(hash));
        // A self-issued certificate's own signature proves nothing either way.
        (old && !self.is_self_issued()).then(|| format!("it is signed with {}", self.signature_algorithm))
    }

    /// The names on it, for a sentence.
    pub fn names(&self) -> String {
        let names: Vec<String> = self.sans.iter().take(NAMES_IN_A_SENTENCE).map(San::to_string).collect();
        match self.sans.len().saturating_sub(NAMES_IN_A_SENTENCE) {
            _ if names.is_empty() => "no names at all".to_owned(),
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }
}

/// The bytes are not a certificate as RFC 5280 has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed certificate: its {part} cannot be read")]
pub struct CertError {
    /// Which part.
    pub part: &'static str,
    /// What the DER reader said.
    pub source: der::Error,
}

impl Failure for CertError {
    fn code(&self) -> Code {
        Code::MalformedCertificate
    }
}

const NAMES_IN_A_SENTENCE: usize = 8;

/// Key usage of a leaf that signs handshakes.
pub const DIGITAL_SIGNATURE: &str = "digitalSignature";
/// Key usage of a CA that signs certificates.
pub const KEY_CERT_SIGN: &str = "keyCertSign";
/// Key usage of a CA that signs revocation lists.
pub const CRL_SIGN: &str = "cRLSign";

fn part(part: &'static str) -> impl Fn(der::Error) -> CertError {
    move |source| CertError { part, source }
}

fn name_der(name: &Name) -> Result<Vec<u8>, CertError> {
    name.to_der().map_err(part("name"))
}

fn extension<'a, T>(tbs: &'a TbsCertificate, what: &'static str) -> Result<Option<T>, CertError>
where
    T: Decode<'a, Error = der::Error> + AssociatedOid,
{
    let mut all = tbs.extensions().into_iter().flatten();
    let found = all.find(|extension| extension.extn_id == T::OID);
    found.map(|extension| T::from_der(extension.extn_value.as_bytes())).transpose().map_err(part(what))
}

fn sans(tbs: &TbsCertificate) -> Result<Vec<San>, CertError> {
    let names = extension::<SubjectAltName>(tbs, "subject alternative name")?;
    Ok(names.map(|names| names.0.iter().map(San::of).collect()).unwrap_or_default())
}

fn constraints(tbs: &TbsCertificate) -> Result<Option<Constraints>, CertError> {
    let found = extension::<BasicConstraints>(tbs, "basic constraints")?;
    Ok(found.map(|found| Constraints { ca: found.ca, path_len: found.path_len_constraint }))
}

fn authority_key_id(id: AuthorityKeyIdentifier) -> AuthorityKeyId {
    let issuers = id.authority_cert_issuer.unwrap_or_default().into_iter();
    let directory = |name| match name {
        x509_cert::ext::pkix::name::GeneralName::DirectoryName(name) => name.to_der().ok(),
        _ => None,
    };
    AuthorityKeyId { key_id: id.key_identifier.map(|id| id.as_bytes().to_vec()), issuers: issuers.filter_map(directory).collect() }
}

fn key_usages(usage: KeyUsage) -> Vec<&'static str> {
    let flags = [
        (usage.digital_signature(), DIGITAL_SIGNATURE),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), KEY_CERT_SIGN),
        (usage.crl_sign(), CRL_SIGN),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    flags.into_iter().filter_map(|(set, name)| set.then_some(name)).collect()
}

fn purpose(oid: &ObjectIdentifier) -> String {
    named(oid, PURPOSES)
}

fn signature_name(oid: &ObjectIdentifier) -> String {
    named(oid, SIGNATURES)
}

fn named(oid: &ObjectIdentifier, names: &[(&str, &str)]) -> String {
    let dotted = oid.to_string();
    let known = names.iter().find(|(other, _)| *other == dotted);
    known.map_or(dotted, |(_, name)| (*name).to_owned())
}

pub(super) fn moment(time: x509_cert::time::Time) -> Timestamp {
    Timestamp::from_unix(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX))
}

const PURPOSES: &[(&str, &str)] = &[
    ("1.3.6.1.5.5.7.3.1", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
    ("2.5.29.37.0", "anyExtendedKeyUsage"),
];

const SIGNATURES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "MD2withRSA"),
    ("1.2.840.113549.1.1.4", "MD5withRSA"),
    ("1.2.840.113549.1.1.5", "SHA1withRSA"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.1.11", "SHA256withRSA"),
    ("1.2.840.113549.1.1.12", "SHA384withRSA"),
    ("1.2.840.113549.1.1.13", "SHA512withRSA"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("1.3.101.112", "Ed25519"),
];
