//! A rustls configuration of one's own replaces our verifier, and neither quietly nor wholly.

use crate::block_on;
use crate::foreign_tls;
use crate::links::{PATIENCE, dialling, link, listening};
use crate::logbook;
use countersign::failure::Code;
use countersign::net::{Dialer, DialerOptions};
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::{CertAuth, ClientAuth, CrlPolicy, Hook, Peer, Revocation, ServerSide, TlsPolicy, TlsVersion};
use countersign::x509::RevocationList;
use countersign::x509::pem::Origin;
use futures_util::io::AsyncReadExt;
use std::sync::Arc;

#[test]
fn a_configuration_that_asks_for_no_certificate_does_not_switch_off_the_mode() {
    block_on(async {
        let ca = Ca::new();
        for mode in [ClientAuth::RequireAny, ClientAuth::RequireAndVerify] {
            let listener = listening(asking_for_nothing(&ca, mode)).await;
            // The dialler may be through before the listener finds out: it was not asked for anything.
            let ends = match mutual(&ca).dial("localhost", listener.local_addr().port()).await {
                Ok(mut connection) => {
                    let heard = rt::timeout(PATIENCE, connection.read(&mut [0; 1])).await.unwrap();
                    assert!(!matches!(heard, Ok(1..)));
                    connection.ends()
                }
                Err(error) => error.refused().unwrap().ends(),
            };
            assert_eq!(logbook::refusal_of(ends.local.unwrap()).await.unwrap().code, "no_client_certificate");
            assert_eq!((listener.counters().accepted(), listener.counters().refused(Code::NoClientCertificate)), (0, 1), "{mode}");
        }
    });
}

#[test]
fn a_configuration_that_asks_for_no_certificate_does_where_none_is_demanded() {
    block_on(async {
        let ca = Ca::new();
        for mode in [ClientAuth::None, ClientAuth::Request, ClientAuth::VerifyIfGiven] {
            let link = link(&listening(asking_for_nothing(&ca, mode)).await, &mutual(&ca)).await;
            assert!(link.accepted.peer_certificate().is_none(), "{mode}");
        }
    });
}

#[test]
fn what_a_listeners_own_configuration_overrides_is_named_at_start() {
    let ca = Ca::new();
    let said = said_by(&asking_for_nothing(&ca, ClientAuth::RequireAndVerify), &elaborate(&ca), "an elaborate listener");
    let [line] = &said[..] else { panic!("{said:?}") };
    assert!(line.starts_with("rustls_server decides instead of these settings"), "{line}");
    assert!(line.contains("ignored=min_version, suites, revocation, hook, client_cas"), "{line}");
}

#[test]
fn what_a_diallers_own_configuration_overrides_is_named_at_start() {
    logbook::open();
    let ca = Ca::new();
    let manager = CertAuth::builder(ca.client("caller")).root_cas(ca.pool()).rustls_client(Arc::new(foreign_tls::client(&ca, None)));
    let mut options = DialerOptions::secure(Arc::new(manager.build().unwrap()));
    options.tls = elaborate(&ca).danger_insecure_skip_verify();
    Dialer::new(options).unwrap();
    let said = logbook::said("ignored=min_version, suites, revocation, hook, root_cas, danger_insecure_skip_verify");
    assert!(said.iter().any(|line| line.starts_with("rustls_client decides instead of these settings")), "{said:?}");
}

#[test]
fn a_configuration_that_overrides_nothing_is_not_complained_about() {
    let ca = Ca::new();
    let server = CertAuth::builder(ca.agent(&["localhost"])).rustls_server(Arc::new(foreign_tls::server(&ca, ClientAuth::None, None)));
    assert_eq!(said_by(&server.build().unwrap(), &TlsPolicy::default(), "a simple listener"), [""; 0]);
}

#[test]
fn nobody_is_called_verified_by_a_configuration_that_we_do_not_know() {
    block_on(async {
        let ca = Ca::new();
        let manager = CertAuth::builder(ca.agent(&["localhost"])).client_cas(ca.pool()).root_cas(ca.pool());
        let manager = manager.client_auth(ClientAuth::RequireAndVerify).rustls_client(Arc::new(foreign_tls::client(&ca, None)));
        let manager = manager.rustls_server(Arc::new(foreign_tls::server(&ca, ClientAuth::RequireAndVerify, None))).build().unwrap();
        let manager = Arc::new(manager);
        let link = link(&listening(manager.clone()).await, &dialling(manager)).await;
        assert!(!link.accepted.peer_certificate().unwrap().verified);
        assert!(!link.dialled.peer_certificate().unwrap().verified);
    });
}

/// What is said when an accepting side of this unique name starts.
fn said_by(manager: &CertAuth, policy: &TlsPolicy, holder: &str) -> Vec<String> {
    logbook::open();
    ServerSide::new(manager, policy, holder, Vec::new()).unwrap();
    logbook::said(&format!("holder={holder}"))
}

fn asking_for_nothing(ca: &Ca, mode: ClientAuth) -> Arc<CertAuth> {
    let config = foreign_tls::server(ca, ClientAuth::None, None);
    let manager = CertAuth::builder(ca.agent(&["localhost"])).client_cas(ca.pool()).client_auth(mode);
    Arc::new(manager.rustls_server(Arc::new(config)).build().unwrap())
}

/// A policy in which everything is set.
fn elaborate(ca: &Ca) -> TlsPolicy {
    let lists = RevocationList::from_pem(&Origin::memory(), ca.revocation_list(&[]).as_bytes()).unwrap();
    let policy = TlsPolicy::default().min_version(TlsVersion::Tls12).suites(&["TLS13_AES_256_GCM_SHA384"]).unwrap();
    let policy = policy.revocation(Revocation::new(lists, CrlPolicy::DenyUnknown).unwrap());
    policy.hook(Hook::new("unasked", |_: &Peer<'_>| Ok(())))
}

fn mutual(ca: &Ca) -> Dialer {
    dialling(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool())))
}
