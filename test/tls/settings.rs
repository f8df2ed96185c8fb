//! What is said at start, and settings for experts.

use crate::block_on;
use crate::foreign_tls;
use crate::links::{dialling, link, listening, refusal};
use crate::managers::{Trust, hand_written};
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions, Listener, ListenerError, ListenerOptions};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertAuthManager, CertManager, Certificate, ClientAuth, TlsPolicy, TlsVersion};
use countersign::x509::Fingerprint;
use std::sync::Arc;

#[test]
fn a_dialler_without_root_cas_says_that_they_are_missing() {
    let ca = Ca::new();
    let manager = Arc::new(CertAuth::builder(ca.client("caller")).build().unwrap());
    let error = Dialer::new(DialerOptions::secure(manager)).unwrap_err();
    assert_eq!(error.code(), Code::InvalidTlsConfiguration);
    assert!(error.to_string().contains("root_cas is missing"), "{error}");
    assert!(error.hint().as_str().contains("CertAuth::mutual"), "{}", error.hint());
}

#[test]
fn a_listener_that_is_to_verify_clients_without_client_cas_says_that_they_are_missing() {
    block_on(async {
        let ca = Ca::new();
        for mode in [ClientAuth::VerifyIfGiven, ClientAuth::RequireAndVerify] {
            let manager = hand_written(ca.agent(&["localhost"]), Trust { client_auth: mode, ..Trust::default() });
            let error = bind(ListenerOptions::secure(manager)).await.unwrap_err();
            assert_eq!(error.code(), Code::InvalidTlsConfiguration);
            assert!(error.to_string().contains("client_cas is missing") && error.to_string().contains(mode.as_str()), "{error}");
            let error = CertAuth::builder(ca.agent(&["localhost"])).client_auth(mode).build().unwrap_err();
            assert_eq!(error.code(), Code::InvalidTlsConfiguration);
        }
    });
}

#[test]
fn a_listener_that_judges_nobody_needs_no_client_cas() {
    block_on(async {
        let ca = Ca::new();
        for mode in [ClientAuth::None, ClientAuth::Request, ClientAuth::RequireAny] {
            let trust = Trust { client_auth: mode, ..Trust::default() };
            let listener = listening(hand_written(ca.agent(&["localhost"]), trust)).await;
            link(&listener, &dialling(mutual(&ca))).await;
        }
    });
}

#[test]
fn suites_and_versions_that_leave_nothing_are_refused_at_start_on_either_side() {
    block_on(async {
        let ca = Ca::new();
        let only_old_suites = || TlsPolicy::default().suites(&["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]).unwrap();
        let mut listening = ListenerOptions::secure(mutual(&ca));
        listening.tls = only_old_suites();
        let error = bind(listening).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidTlsConfiguration);
        assert!(error.to_string().contains("nothing to speak"), "{error}");

        let mut dialling = DialerOptions::secure(mutual(&ca));
        dialling.tls = only_old_suites();
        assert_eq!(Dialer::new(dialling.clone()).unwrap_err().code(), Code::InvalidTlsConfiguration);
        dialling.tls = only_old_suites().min_version(TlsVersion::Tls12);
        assert!(Dialer::new(dialling).is_ok());
    });
}

#[test]
fn a_policy_without_any_suite_is_refused_at_start() {
    let mut options = DialerOptions::secure(mutual(&Ca::new()));
    options.tls = TlsPolicy::default().suites(&[]).unwrap();
    assert_eq!(Dialer::new(options).unwrap_err().code(), Code::InvalidTlsConfiguration);
}

#[test]
fn a_dialler_that_verifies_nobody_connects_to_anyone() {
    block_on(async {
        let (ca, stranger) = (Ca::new(), Ca::new());
        let caller = || Arc::new(CertAuth::builder(ca.client("caller")).build().unwrap());
        let mut options = DialerOptions::secure(caller());
        options.tls = TlsPolicy::default().danger_insecure_skip_verify();
        let dialer = Dialer::new(options).unwrap();
        for certificate in [stranger.agent(&["elsewhere.test"]), stranger.leaf().self_signed().build(), stranger.client("no server")] {
            let server = CertAuth::builder(certificate).client_cas(ca.pool()).client_auth(ClientAuth::RequireAndVerify);
            let link = link(&listening(Arc::new(server.build().unwrap())).await, &dialer).await;
            assert!(!link.dialled.peer_certificate().unwrap().verified);
        }
    });
}

#[test]
fn a_dialler_that_verifies_nobody_still_checks_the_signature() {
    block_on(async {
        let ca = Ca::new();
        let mut options = DialerOptions::secure(mutual(&ca));
        options.tls = TlsPolicy::default().danger_insecure_skip_verify();
        let dialer = Dialer::new(options).unwrap();
        let refusal = refusal(&listening(impostor(&ca)).await, &dialer).await;
        assert_eq!(refusal.dialler.code(), Code::KeyMismatch);
    });
}

#[test]
fn rustls_configurations_of_ones_own_rule_still_rotate_and_are_not_resumable() {
    block_on(async {
        let (ca, theirs) = (Ca::new(), Ca::new());
        // The verifiers inside trust `theirs`, and the pools beside, which trust `ca`, are not asked.
        let server = foreign_tls::server(&theirs, ClientAuth::RequireAndVerify, None);
        let mut client = foreign_tls::client(&theirs, None);
        client.enable_early_data = true;
        let manager = CertAuth::builder(theirs.agent(&["localhost"])).client_cas(ca.pool()).root_cas(ca.pool());
        let manager = manager.client_auth(ClientAuth::RequireAndVerify).rustls_server(Arc::new(server)).rustls_client(Arc::new(client));
        let manager = Arc::new(manager.build().unwrap());
        let (listener, dialer) = (listening(manager.clone()).await, dialling(manager.clone()));

        let mut seen = Vec::new();
        for _ in 0..3 {
            let link = link(&listener, &dialer).await;
            assert!(link.dialled.tls().unwrap().is_full_handshake() && link.accepted.tls().unwrap().is_full_handshake());
            assert_eq!(Some(link.server()), link.client());
            assert_eq!(link.server(), in_force(&manager));
            seen.push(link.server());
            manager.update(theirs.agent(&["localhost"])).unwrap();
        }
        seen.dedup();
        assert_eq!(seen.len(), 3);

        let outsider = refusal(&listener, &dialling(Arc::new(CertAuth::mutual(ca.client("outsider"), theirs.pool())))).await;
        assert_eq!(outsider.codes(), ("unknown_ca".to_owned(), "unknown_ca?".to_owned()));
    });
}

#[test]
fn a_server_name_of_the_manager_stands_in_for_the_host() {
    block_on(async {
        let ca = Ca::new();
        let listener = listening(Arc::new(CertAuth::mutual(ca.agent(&["agent.test"]), ca.pool()))).await;
        assert_eq!(refusal(&listener, &dialling(mutual(&ca))).await.dialler.code(), Code::NameMismatch);
        let client = CertAuth::builder(ca.client("caller")).root_cas(ca.pool()).server_name("agent.test".try_into().unwrap());
        link(&listener, &dialling(Arc::new(client.build().unwrap()))).await;
    });
}

#[test]
fn a_refusal_by_a_manager_of_ones_own_names_the_manager_and_its_reason() {
    let refused = countersign::tls::UpdateRefused::by_manager("change freeze", "no changes on Fridays");
    assert_eq!((refused.code(), refused.holder()), (Code::RefusedByHook, "change freeze"));
    assert!(refused.to_string().contains("no changes on Fridays"), "{refused}");
}

async fn bind(options: ListenerOptions) -> Result<Listener, ListenerError> {
    Listener::bind("127.0.0.1:0".parse().unwrap(), options).await
}

fn mutual(ca: &Ca) -> Arc<CertAuth> {
    Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))
}

fn in_force(manager: &CertAuth) -> Fingerprint {
    manager.resolver().current().certificate.fingerprint()
}

/// Shows a certificate that is not its own.
fn impostor(ca: &Ca) -> Arc<dyn CertAuthManager> {
    let honest = ca.agent(&["localhost"]);
    let key = crate::hardware_key::liar(&honest);
    Arc::new(CertAuth::mutual(Certificate::with_signing_key(honest.chain().to_vec(), key).unwrap(), ca.pool()))
}
