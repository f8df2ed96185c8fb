//! The user's own judgement of a peer: it comes last, and can only refuse.

use crate::block_on;
use crate::links::{dialling, link, listen, listening, refusal};
use countersign::failure::Failure;
use countersign::net::{Dialer, DialerOptions, ListenerOptions};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, ClientAuth, Hook, Peer, TlsPolicy, Usage, VerifyPeer};
use std::sync::{Arc, Mutex};

#[test]
fn a_hook_refuses_a_client_and_the_client_can_guess_it() {
    block_on(async {
        let ca = Ca::new();
        let listener = listener(&ca, ClientAuth::RequireAndVerify, stern()).await;
        let refusal = refusal(&listener, &dialling(mutual(&ca))).await;
        assert_eq!(refusal.codes(), ("refused_by_hook".to_owned(), "refused_by_hook?".to_owned()));
        assert!(refusal.acceptor.reason.contains("refused by the stern: not today"), "{refusal:?}");
        assert!(!refusal.dialler.to_string().contains("not today"), "the reason stays on the refusing side");
    });
}

#[test]
fn a_hook_refuses_a_server_and_the_server_can_guess_it() {
    block_on(async {
        let ca = Ca::new();
        let refusal = refusal(&listening(mutual(&ca)).await, &dialer(&ca, stern())).await;
        assert_eq!(refusal.codes(), ("refused_by_hook?".to_owned(), "refused_by_hook".to_owned()));
        assert!(refusal.dialler.hint().as_str().contains("hook"), "{}", refusal.dialler.hint());
    });
}

#[test]
fn a_hook_is_not_asked_about_a_chain_that_was_refused() {
    block_on(async {
        let (ca, asked) = (Ca::new(), Notes::default());
        let listener = listener(&ca, ClientAuth::RequireAndVerify, asked.hook()).await;
        let stranger = Arc::new(CertAuth::mutual(Ca::new().client("stranger"), ca.pool()));
        assert_eq!(refusal(&listener, &dialling(stranger)).await.acceptor.code, "unknown_ca");
        assert_eq!(asked.taken(), []);
    });
}

#[test]
fn a_hook_that_panics_refuses() {
    block_on(async {
        let ca = Ca::new();
        let hook = Hook::new("fragile", |_: &Peer<'_>| panic!("a bug in a hook"));
        let refusal = refusal(&listener(&ca, ClientAuth::RequireAndVerify, hook).await, &dialling(mutual(&ca))).await;
        assert_eq!(refusal.acceptor.code, "refused_by_hook");
        assert!(refusal.acceptor.reason.contains("it panicked"), "{refusal:?}");
    });
}

#[test]
fn a_hook_sees_who_it_is_in_which_role_and_whether_a_ca_vouches() {
    block_on(async {
        let ca = Ca::new();
        let expected = [(ClientAuth::None, None), (ClientAuth::Request, Some(false)), (ClientAuth::RequireAny, Some(false))];
        let judging = [(ClientAuth::VerifyIfGiven, Some(true)), (ClientAuth::RequireAndVerify, Some(true))];
        for (mode, verified) in expected.into_iter().chain(judging) {
            let asked = Notes::default();
            let listener = listener(&ca, mode, asked.hook()).await;
            let caller = Arc::new(CertAuth::mutual(ca.client("caller"), ca.pool()));
            link(&listener, &dialling(caller)).await;
            let noted = verified.map(|verified| ("CN=caller".to_owned(), Usage::Client, verified));
            assert_eq!(asked.taken(), noted.into_iter().collect::<Vec<_>>(), "{mode}");
        }
    });
}

#[test]
fn a_dialler_that_verifies_nobody_still_asks_its_hook() {
    block_on(async {
        let (ca, asked) = (Ca::new(), Notes::default());
        let listener = listening(mutual(&ca)).await;
        let mut options = DialerOptions::secure(mutual(&ca));
        options.tls = TlsPolicy::default().danger_insecure_skip_verify().hook(asked.hook());
        let link = link(&listener, &Dialer::new(options).unwrap()).await;
        let subject = link.accepted.presented().unwrap().certificate.leaf().subject.clone();
        assert_eq!(asked.taken(), [(subject, Usage::Server, false)]);
    });
}

type Seen = (String, Usage, bool);

/// Lets everybody in, and remembers them.
#[derive(Clone, Debug, Default)]
struct Notes(Arc<Mutex<Vec<Seen>>>);

impl Notes {
    fn hook(&self) -> Arc<dyn VerifyPeer> {
        let notes = Arc::clone(&self.0);
        Hook::new("notes", move |peer: &Peer<'_>| {
            notes.lock().unwrap().push((peer.leaf.subject.clone(), peer.usage, peer.verified));
            Ok(())
        })
    }

    fn taken(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn stern() -> Arc<dyn VerifyPeer> {
    Hook::new("stern", |_: &Peer<'_>| Err("not today".to_owned()))
}

async fn listener(ca: &Ca, mode: ClientAuth, hook: Arc<dyn VerifyPeer>) -> countersign::net::Listener {
    let manager = CertAuth::builder(ca.agent(&["localhost"])).client_cas(ca.pool()).client_auth(mode).build().unwrap();
    let mut options = ListenerOptions::secure(Arc::new(manager));
    options.tls = TlsPolicy::default().hook(hook);
    listen(options).await
}

fn dialer(ca: &Ca, hook: Arc<dyn VerifyPeer>) -> Dialer {
    let mut options = DialerOptions::secure(mutual(ca));
    options.tls = TlsPolicy::default().hook(hook);
    Dialer::new(options).unwrap()
}

fn mutual(ca: &Ca) -> Arc<CertAuth> {
    Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))
}
