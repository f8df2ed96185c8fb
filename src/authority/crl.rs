//! Revocation lists, signed.
//!
//! Built without `x509_cert`'s builder for them, which copies the issuer's *authority* key identifier
//! where its *subject* key identifier belongs; under an intermediate no verifier would match the two.

use super::Authority;
use super::draft::extension;
use super::error::AuthorityError;
use super::key::BuilderKey;
use super::validity::time;
use crate::clock::Timestamp;
use crate::x509::pem;
use der::Encode;
use spki::DynSignatureAlgorithmIdentifier;
use x509_cert::certificate::Version;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber};
use x509_cert::serial_number::SerialNumber;

/// What a revocation list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocations {
    /// Its number; each list of a CA has a higher one than the list before.
    pub number: u64,
    /// When it was made.
    pub this_update: Timestamp,
    /// After when it proves nothing any more.
    pub next_update: Timestamp,
    /// Serial numbers, each with the moment of its revocation.
    pub entries: Vec<(Vec<u8>, Timestamp)>,
}

impl Authority {
    /// A revocation list as PEM, signed by this CA.
    ///
    /// # Errors
    /// [`AuthorityError::Encoding`] if a serial number or a moment cannot be written.
    pub fn revocation_list(&self, revocations: &Revocations) -> Result<String, AuthorityError> {
        let tbs_cert_list = self.tbs_cert_list(revocations)?;
        let signature = self.key.sign(&tbs_cert_list.to_der()?)?;
        let list = CertificateList { signature_algorithm: tbs_cert_list.signature.clone(), tbs_cert_list, signature };
        Ok(pem::encode("X509 CRL", &list.to_der()?))
    }

    fn tbs_cert_list(&self, revocations: &Revocations) -> Result<TbsCertList, AuthorityError> {
        let authority = AuthorityKeyIdentifier { key_identifier: Some(self.key_identifier()?), ..Default::default() };
        let number = CrlNumber::try_from(revocations.number)?;
        let revoked = revocations.entries.iter().map(entry).collect::<der::Result<Vec<_>>>()?;
        Ok(TbsCertList {
            version: Version::V2,
            signature: BuilderKey(&self.key).signature_algorithm_identifier().map_err(x509_cert::builder::Error::from)?,
            issuer: self.name()?,
            this_update: time(revocations.this_update)?,
            next_update: Some(time(revocations.next_update)?),
            // RFC 5280, section 5.1.2.6: "When there are no revoked certificates, the revoked
            // certificates list MUST be absent."
            revoked_certificates: (!revoked.is_empty()).then_some(revoked),
            crl_extensions: Some(vec![extension(false, &authority)?, extension(false, &number)?]),
        })
    }
}

fn entry((serial, moment): &(Vec<u8>, Timestamp)) -> der::Result<RevokedCert> {
    Ok(RevokedCert { serial_number: SerialNumber::new(serial)?, revocation_date: time(*moment)?, crl_entry_extensions: None })
}
