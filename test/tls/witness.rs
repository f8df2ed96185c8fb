//! What is recorded as presented is what the peer saw, and nothing else.

use crate::block_on;
use crate::foreign_tls::{self, Met};
use crate::links::{accepted, dialling, listening};
use countersign::authority::KeyKind;
use countersign::rt::{TcpListener, TcpStream};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertManager, ClientAuth};
use countersign::x509::Fingerprint;
use futures_util::future::join;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::{ClientConnection, HandshakeKind, SignatureScheme};
use std::sync::Arc;

#[test]
fn a_rotation_between_the_two_hellos_of_a_retry_does_not_confuse_the_record() {
    block_on(async {
        let ca = Ca::new();
        let manager = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
        let first = manager.resolver().current().certificate.fingerprint();
        let listener = listening(manager.clone()).await;
        let mut peer = Stepwise::dial(&ca, listener.local_addr().port()).await;

        peer.send().await;
        // The retry request: the server has been asked for its certificate once by now.
        peer.receive().await;
        manager.update(ca.agent(&["localhost"])).unwrap();
        peer.finish().await;

        let accepted = accepted(&listener).await.unwrap();
        assert_eq!(peer.session.handshake_kind(), Some(HandshakeKind::FullWithHelloRetryRequest));
        assert!(accepted.tls().unwrap().is_full_handshake());
        let issue = accepted.presented().unwrap();
        assert_eq!(Some(issue.certificate.fingerprint()), peer.saw());
        assert_eq!((issue.generation.0, issue.certificate.fingerprint()), (1, first));
    });
}

#[test]
fn a_client_whose_key_cannot_sign_what_is_asked_for_presents_nothing_and_records_nothing() {
    block_on(async {
        let ca = Ca::new();
        let caller = ca.leaf().key(KeyKind::Ed25519).build();
        let dialer = dialling(Arc::new(CertAuth::mutual(caller, ca.pool())));
        let identity = foreign_tls::identity(ca.leaf().dns("localhost"));
        let server = Arc::new(foreign_tls::server_with(only_ecdsa(), &ca, ClientAuth::VerifyIfGiven, Some(identity)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();

        let calling = async {
            let mut connection = dialer.dial("localhost", port).await.unwrap();
            foreign_tls::ask(&mut connection).await.unwrap();
            connection
        };
        let (met, dialled) = join(foreign_tls::accept(&server, &listener), calling).await;
        let Met::Accepted(facts) = met.unwrap() else { panic!("refused") };
        assert_eq!(facts.peer, None);
        assert!(dialled.presented().is_none());
    });
}

/// A client that offers a key exchange that ours lacks, and can be stopped between its steps.
struct Stepwise {
    session: ClientConnection,
    tcp: TcpStream,
}

impl Stepwise {
    async fn dial(ca: &Ca, port: u16) -> Self {
        let kx_groups = vec![aws_lc_rs::kx_group::MLKEM768, aws_lc_rs::kx_group::X25519];
        let provider = CryptoProvider { kx_groups, ..aws_lc_rs::default_provider() };
        let config = foreign_tls::client_with(provider, ca, Some(foreign_tls::identity(ca.leaf())));
        let session = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
        Self { session, tcp: TcpStream::connect(("127.0.0.1", port)).await.unwrap() }
    }

    async fn send(&mut self) {
        let mut bytes = Vec::new();
        while self.session.wants_write() {
            self.session.write_tls(&mut bytes).unwrap();
        }
        self.tcp.write_all(&bytes).await.unwrap();
    }

    async fn receive(&mut self) {
        let mut buffer = [0; 4096];
        let count = self.tcp.read(&mut buffer).await.unwrap();
        let mut fresh = &buffer[..count];
        while !fresh.is_empty() {
            self.session.read_tls(&mut fresh).unwrap();
            self.session.process_new_packets().unwrap();
        }
    }

    async fn finish(&mut self) {
        while self.session.is_handshaking() {
            self.send().await;
            self.receive().await;
        }
        self.send().await;
    }

    fn saw(&self) -> Option<Fingerprint> {
        self.session.peer_certificates().and_then(|chain| chain.first()).map(|leaf| Fingerprint::of(leaf))
    }
}

fn only_ecdsa() -> CryptoProvider {
    static P256: &dyn rustls_pki_types::SignatureVerificationAlgorithm = webpki::aws_lc_rs::ECDSA_P256_SHA256;
    static ALGORITHMS: WebPkiSupportedAlgorithms =
        WebPkiSupportedAlgorithms { all: &[P256], mapping: &[(SignatureScheme::ECDSA_NISTP256_SHA256, &[P256])] };
    CryptoProvider { signature_verification_algorithms: ALGORITHMS, ..aws_lc_rs::default_provider() }
}
