//! A certificate before it is signed: every certificate that this crate makes, the good ones of the
//! authority and the bad ones of the tests, is one of these.

use super::error::AuthorityError;
use super::key::{BuilderKey, KeyPair, SignatureBits};
use super::validity::Window;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use der::asn1::{ObjectIdentifier, OctetString};
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use rustls_pki_types::CertificateDer;
use spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

/// Everything on a certificate except its key and its signature.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) subject: Name,
    pub(crate) issuer: Name,
    pub(crate) authority: Option<AuthorityKeyIdentifier>,
    pub(crate) window: Window,
    pub(crate) constraints: Option<BasicConstraints>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) purposes: Vec<ObjectIdentifier>,
    pub(crate) names: Vec<GeneralName>,
}

impl Draft {
    /// A CA that signs itself.
    pub(crate) fn root(subject: Name, window: Window) -> Self {
        let issuer = subject.clone();
        Self { subject, issuer, authority: None, window, ..Self::ca(None) }
    }

    /// The extensions of a CA: critical basicConstraints, and a key that signs certificates and CRLs.
    pub(crate) fn ca(path_len: Option<u8>) -> Self {
        let key_usage = KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign);
        let constraints = Some(BasicConstraints { ca: true, path_len_constraint: path_len });
        Self { constraints, key_usage: Some(key_usage), ..Self::blank() }
    }

    /// The extensions of a leaf: no CA, and a key that signs handshakes.
    pub(crate) fn leaf(purposes: &[ObjectIdentifier], names: &[GeneralName]) -> Self {
        let key_usage = KeyUsage(KeyUsages::DigitalSignature.into());
        Self { key_usage: Some(key_usage), purposes: purposes.to_vec(), names: names.to_vec(), ..Self::blank() }
    }

    /// The certificate for this public key, signed by `issuer`.
    pub(crate) fn sign(self, spki_der: &[u8], issuer: &KeyPair) -> Result<CertificateDer<'static>, AuthorityError> {
        let spki = SubjectPublicKeyInfoOwned::from_der(spki_der)?;
        let validity = self.window.encode()?;
        let builder = CertificateBuilder::new(self, serial()?, validity, spki)?;
        let certificate = builder.build::<_, SignatureBits>(&BuilderKey(issuer))?;
        Ok(certificate.to_der()?.into())
    }

    fn blank() -> Self {
        let epoch = crate::clock::Timestamp::from_unix(0);
        Self {
            subject: Name::default(),
            issuer: Name::default(),
            authority: None,
            window: Window { from: epoch, until: epoch },
            constraints: Some(BasicConstraints { ca: false, path_len_constraint: None }),
            key_usage: None,
            purposes: Vec::new(),
            names: Vec::new(),
        }
    }

    fn extensions(&self, spki: SubjectPublicKeyInfoRef<'_>) -> der::Result<Vec<Extension>> {
        let constraints = self.constraints.as_ref().map(|constraints| extension(true, constraints));
        let key = extension(false, &SubjectKeyIdentifier(key_identifier(spki.subject_public_key.raw_bytes())?));
        let key_usage = self.key_usage.as_ref().map(|usage| extension(true, usage));
        let purposes = (!self.purposes.is_empty()).then(|| extension(false, &ExtendedKeyUsage(self.purposes.clone())));
        // RFC 5280, section 4.2.1.6: critical when the subject is empty, because it is then all there is.
        let names = (!self.names.is_empty()).then(|| extension(self.subject.is_empty(), &SubjectAltName(self.names.clone())));
        let authority = self.authority.as_ref().map(|authority| extension(false, authority));
        [constraints, Some(key), key_usage, purposes, names, authority].into_iter().flatten().collect()
    }
}

impl BuilderProfile for Draft {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        spki: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        _tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        Ok(self.extensions(spki)?)
    }
}

/// SHA-1 of the public key's bits: RFC 5280, section 4.2.1.2, method (1). It names a key and protects
/// nothing.
pub(super) fn key_identifier(public_key: &[u8]) -> der::Result<OctetString> {
    OctetString::new(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, public_key).as_ref())
}

pub(super) fn extension<T: AssociatedOid + Encode>(critical: bool, value: &T) -> der::Result<Extension> {
    (critical, value).to_extension(&Name::default(), &[])
}

/// Sixteen random bytes of which two bits are fixed: positive, and never shortened by a leading zero.
fn serial() -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| AuthorityError::Randomness)?;
    let [first, ..] = &mut bytes;
    *first = *first & 0x7f | 0x40;
    Ok(SerialNumber::new(&bytes)?)
}

/// `id-kp-serverAuth`
pub(crate) const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
/// `id-kp-clientAuth`
pub(crate) const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
