//! Certificate revocation lists: who was revoked, says whom, until when.

use super::cert::moment;
use super::name::distinguished;
use super::pem::{self, Origin, PemError, Place};
use crate::clock::Timestamp;
use crate::failure::{Code, Failure};
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use rustls_pki_types::CertificateRevocationListDer;
use std::cmp::Ordering;
use std::fmt;
use x509_cert::crl::{CertificateList, TbsCertList};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber};

/// A revocation list that was read, not yet believed: its signature is checked in the handshake.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RevocationList {
    /// Where it came from.
    pub place: Place,
    /// Its bytes.
    pub der: CertificateRevocationListDer<'static>,
    /// The distinguished name of the CA that speaks.
    pub issuer: String,
    /// The same as DER.
    pub issuer_der: Vec<u8>,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next one is due; after it this one proves nothing.
    pub next_update: Option<Timestamp>,
    /// Which one of its CA's lists it is; lists of today all say so.
    pub number: Option<ListNumber>,
    /// The identifier of the key that signed it, as it says itself.
    pub authority_key_id: Option<Vec<u8>>,
    /// The serial numbers it revokes, each with the moment.
    pub revoked: Vec<(Vec<u8>, Timestamp)>,
}

/// Counts the lists of a CA: up to twenty bytes, so no integer of ours.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListNumber(Vec<u8>);

impl ListNumber {
    fn new(bytes: &[u8]) -> Self {
        let significant = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
        Self(bytes.get(significant..).unwrap_or_default().to_vec())
    }
}

impl Ord for ListNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for ListNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Decimal where it fits, as people count; hexadecimal, as OpenSSL prints it, where not.
impl fmt::Display for ListNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() <= size_of::<u64>() {
            return write!(f, "{}", self.0.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte)));
        }
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl RevocationList {
    /// Which of two lists of one CA is the newer one: by their numbers where both have one, by their dates otherwise
    /// and between equals.
    pub fn age(&self, other: &Self) -> Ordering {
        let by_number = match (&self.number, &other.number) {
            (Some(own), Some(others)) => own.cmp(others),
            _ => Ordering::Equal,
        };
        by_number.then(self.this_update.cmp(&other.this_update))
    }

    /// All lists in PEM text.
    ///
    /// # Errors
    /// The first block that is damaged or is no revocation list.
    pub fn from_pem(origin: &Origin, bytes: &[u8]) -> Result<Vec<Self>, CrlError> {
        let blocks = pem::crls(origin, bytes)?;
        blocks.into_iter().map(|(place, der)| Self::read(place, der)).collect()
    }

    fn read(place: Place, der: CertificateRevocationListDer<'static>) -> Result<Self, CrlError> {
        let parsed = <CertificateList>::from_der(&der);
        let list = match parsed {
            Ok(list) => list.tbs_cert_list,
            Err(source) => return Err(CrlError::Malformed { place, source }),
        };
        let issuer_der = match list.issuer.to_der() {
            Ok(der) => der,
            Err(source) => return Err(CrlError::Malformed { place, source }),
        };
        let number = extension::<CrlNumber>(&list).map(|number| ListNumber::new(number.0.as_bytes()));
        let authority_key_id = extension::<AuthorityKeyIdentifier>(&list).and_then(|id| id.key_identifier);
        let entries = list.revoked_certificates.unwrap_or_default();
        Ok(Self {
            place,
            number,
            authority_key_id: authority_key_id.map(|id| id.as_bytes().to_vec()),
            der,
            issuer: distinguished(&list.issuer),
            issuer_der,
            this_update: moment(list.this_update),
            next_update: list.next_update.map(moment),
            revoked: entries.iter().map(|entry| (entry.serial_number.as_bytes().to_vec(), moment(entry.revocation_date))).collect(),
        })
    }
}

/// An extension that cannot be read is as if it were not there: the judge of chains has its own say about it.
fn extension<'a, E: AssociatedOid + Decode<'a>>(list: &'a TbsCertList) -> Option<E> {
    let extensions = list.crl_extensions.as_deref().unwrap_or_default();
    let found = extensions.iter().find(|extension| extension.extn_id == E::OID)?;
    E::from_der(found.extn_value.as_bytes()).ok()
}

/// Why a revocation list could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CrlError {
    /// The text around it is wrong.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The bytes are no revocation list.
    #[error("{place}: malformed revocation list")]
    Malformed {
        /// Where.
        place: Place,
        /// What the DER reader said.
        source: der::Error,
    },
}

impl Failure for CrlError {
    fn code(&self) -> Code {
        match self {
            Self::Pem(error) => error.code(),
            Self::Malformed { .. } => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> crate::hint::Hint {
        match self {
            Self::Pem(error) => error.hint(),
            Self::Malformed { .. } => {
                crate::hint::Hint::fixed("make it again with countersign cert crl, or check with: openssl crl -in FILE -noout -text")
            }
        }
    }
}
