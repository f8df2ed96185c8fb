//! Certificate revocation lists: who was revoked, says whom, until when.

use super::cert::moment;
use super::name::distinguished;
use super::pem::{self, Origin, PemError, Place};
use crate::clock::Timestamp;
use crate::failure::{Code, Failure};
use der::{Decode, Encode};
use rustls_pki_types::CertificateRevocationListDer;
use x509_cert::crl::CertificateList;

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
    /// The serial numbers it revokes, each with the moment.
    pub revoked: Vec<(Vec<u8>, Timestamp)>,
}

impl RevocationList {
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
        let entries = list.revoked_certificates.unwrap_or_default();
        Ok(Self {
            place,
            der,
            issuer: distinguished(&list.issuer),
            issuer_der,
            this_update: moment(list.this_update),
            next_update: list.next_update.map(moment),
            revoked: entries.iter().map(|entry| (entry.serial_number.as_bytes().to_vec(), moment(entry.revocation_date))).collect(),
        })
    }
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
