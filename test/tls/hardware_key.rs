//! Keys that never leave their hardware, and need not even tell their public half.

use crate::block_on;
use crate::foreign_tls::stray_key;
use crate::links::{dialling, link, listening, refusal};
use countersign::authority::KeyKind;
use countersign::failure::{Code, Failure};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, Certificate};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use std::sync::Arc;

#[test]
fn a_key_that_hides_its_public_half_proves_itself_and_works_in_both_directions() {
    block_on(async {
        let ca = Ca::new();
        for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519] {
            let certificate = hidden(&ca, kind).unwrap();
            let manager = Arc::new(CertAuth::mutual(certificate.clone(), ca.pool()));
            let link = link(&listening(manager.clone()).await, &dialling(manager)).await;
            assert_eq!((link.server(), link.client()), (certificate.fingerprint(), Some(certificate.fingerprint())));
        }
    });
}

#[test]
fn a_hidden_key_of_another_certificate_is_refused() {
    let chain = Ca::new().agent(&["localhost"]).chain().to_vec();
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519] {
        let wrong = Arc::new(Device { key: stray_key(kind), says: None, works: true });
        assert_eq!(Certificate::with_signing_key(chain.clone(), wrong).unwrap_err().code(), Code::KeyMismatch);
    }
}

#[test]
fn a_hidden_key_that_cannot_sign_is_refused() {
    let CertifiedKey { cert, key, .. } = crate::foreign_tls::identity(Ca::new().leaf());
    let broken = Arc::new(Device { key, says: None, works: false });
    assert_eq!(Certificate::with_signing_key(cert, broken).unwrap_err().code(), Code::KeyMismatch);
}

#[test]
fn a_key_that_lies_about_its_public_half_is_found_out_in_the_handshake() {
    block_on(async {
        let ca = Ca::new();
        let good = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
        let honest = ca.agent(&["localhost"]);
        let liar = Certificate::with_signing_key(honest.chain().to_vec(), liar(&honest)).unwrap();
        let liar = Arc::new(CertAuth::mutual(liar, ca.pool()));

        let as_client = refusal(&listening(good.clone()).await, &dialling(liar.clone())).await;
        assert_eq!(as_client.codes(), ("key_mismatch".to_owned(), "key_mismatch?".to_owned()));
        let as_server = refusal(&listening(liar).await, &dialling(good)).await;
        assert_eq!(as_server.codes(), ("key_mismatch?".to_owned(), "key_mismatch".to_owned()));
    });
}

#[test]
fn a_device_that_fails_in_mid_handshake_is_not_blamed_on_the_peer() {
    block_on(async {
        let ca = Ca::new();
        let good = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
        let CertifiedKey { cert, key, .. } = crate::foreign_tls::identity(ca.leaf().dns("localhost"));
        let says = key.public_key().map(|spki| spki.as_ref().to_vec());
        let broken = Arc::new(Device { key, says, works: false });
        let broken = Arc::new(CertAuth::mutual(Certificate::with_signing_key(cert, broken).unwrap(), ca.pool()));
        let refusal = refusal(&listening(broken).await, &dialling(good)).await;
        assert_eq!(refusal.acceptor.code, "invalid_tls_configuration");
        let blamed = "this side could not do its part of the handshake: unexpected error: the device is gone";
        assert_eq!(refusal.acceptor.reason, blamed);
    });
}

/// A key that says it is this certificate's, and is not.
pub(crate) fn liar(certificate: &Certificate) -> Arc<dyn SigningKey> {
    let says = Some(certificate.leaf().spki_der.clone());
    Arc::new(Device { key: stray_key(KeyKind::P256), says, works: true })
}

fn hidden(ca: &Ca, kind: KeyKind) -> Result<Certificate, countersign::tls::CertificateError> {
    let CertifiedKey { cert, key, .. } = crate::foreign_tls::identity(ca.leaf().dns("localhost").key(kind));
    Certificate::with_signing_key(cert, Arc::new(Device { key, says: None, works: true }))
}

/// A key behind an interface.
#[derive(Debug)]
struct Device {
    key: Arc<dyn SigningKey>,
    says: Option<Vec<u8>>,
    works: bool,
}

impl SigningKey for Device {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let signer = self.key.choose_scheme(offered)?;
        Some(if self.works { signer } else { Box::new(Gone(signer.scheme())) })
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        self.says.as_deref().map(SubjectPublicKeyInfoDer::from)
    }
}

#[derive(Debug)]
struct Gone(SignatureScheme);

impl Signer for Gone {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Err(rustls::Error::General("the device is gone".to_owned()))
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}
