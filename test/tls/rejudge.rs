//! A peer that was accepted is judged again, and the verdict is what a new handshake comes to at that moment.

use crate::block_on;
use crate::links::{Link, dialling, link, listen, refusal};
use countersign::clock::{Clock, DAY, ManualClock, SystemClock, Timestamp};
use countersign::failure::Code;
use countersign::net::ListenerOptions;
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::rejudge::{NotJudged, Verdict};
use countersign::tls::{CertAuth, Certificate, ClientAuth, CrlPolicy, Hook, Pins, Revocation, RevocationLists, TlsPolicy, Watcher};
use countersign::x509::pem::Origin;
use countersign::x509::{Fingerprint, RevocationList};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything about a listener that is live, and the certificate that dials it.
struct Scene {
    ca: Ca,
    inter: Ca,
    clock: Arc<ManualClock>,
    lists: Arc<RevocationLists>,
    pins: Arc<Pins>,
    is_stern: Arc<AtomicBool>,
    options: ListenerOptions,
    caller: Certificate,
}

impl Scene {
    fn new() -> Self {
        Self::with(ClientAuth::RequireAndVerify, CrlPolicy::DenyUnknown)
    }

    fn with(mode: ClientAuth, policy: CrlPolicy) -> Self {
        let ca = Ca::new();
        let inter = ca.intermediate_valid(now() + -DAY, now() + 20 * DAY);
        let clock = Arc::new(ManualClock::at(now()));
        let lists = RevocationLists::on_clock(both(&ca, &inter, &[], &[], policy), Arc::<ManualClock>::clone(&clock));
        let (pins, is_stern) = (Pins::new([]), Arc::new(AtomicBool::new(false)));
        let mood = Arc::clone(&is_stern);
        let hook = Hook::new("moody", move |_| if mood.load(Ordering::SeqCst) { Err("not any more".to_owned()) } else { Ok(()) });
        let own = ca.leaf().dns("localhost").valid(now() + -DAY, now() + 99 * DAY).build();
        let manager = CertAuth::builder(own).client_cas(ca.pool()).client_auth(mode).root_cas(ca.pool()).build().unwrap();
        let mut options = ListenerOptions::secure(Arc::new(manager));
        options.tls = TlsPolicy::default().revocation(Arc::clone(&lists)).pins(Arc::clone(&pins)).hook(hook).clock(clock.clone());
        let caller = inter.leaf().dns("localhost").valid(now() + -DAY, now() + 9 * DAY).build();
        Self { ca, inter, clock, lists, pins, is_stern, options, caller }
    }

    async fn link(&self) -> Link {
        link(&listen(self.options.clone()).await, &dialling(self.manager())).await
    }

    /// What a new handshake comes to.
    async fn handshake(&self) -> String {
        refusal(&listen(self.options.clone()).await, &dialling(self.manager())).await.acceptor.code
    }

    fn manager(&self) -> Arc<CertAuth> {
        Arc::new(CertAuth::mutual(self.caller.clone(), self.ca.pool()))
    }

    fn revoke(&self, by_root: &[&[u8]], by_intermediate: &[&[u8]]) {
        self.lists.replace(both(&self.ca, &self.inter, by_root, by_intermediate, CrlPolicy::DenyUnknown)).unwrap();
    }
}

fn both(root: &Ca, inter: &Ca, by_root: &[&[u8]], by_intermediate: &[&[u8]], policy: CrlPolicy) -> Revocation {
    let list = |ca: &Ca, serials: &[&[u8]]| ca.revocation_list_of(serials, now() + -3 * DAY, now() + 6_000 * DAY);
    let pem = list(root, by_root) + &list(inter, by_intermediate);
    Revocation::new(RevocationList::from_pem(&Origin::memory(), pem.as_bytes()).unwrap(), policy).unwrap()
}

fn verdict(link: &Link) -> Verdict {
    link.accepted.peer_certificate().unwrap().rejudge()
}

fn code(verdict: &Verdict) -> Option<Code> {
    match verdict {
        Verdict::Refused(refusal) => Some(refusal.code()),
        _ => None,
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

#[test]
fn whatever_changes_the_verdict_is_that_of_a_new_handshake() {
    type Change = fn(&Scene);
    let changes: [(&str, Change); 9] = [
        ("revoked", |scene| scene.revoke(&[], &[&scene.caller.leaf().serial])),
        ("revoked", |scene| scene.revoke(&[&scene.inter.facts().serial], &[])),
        ("expired", |scene| scene.clock.set(now() + 10 * DAY)),
        ("expired", |scene| scene.clock.set(now() + 21 * DAY)),
        ("not_yet_valid", |scene| scene.clock.set(now() + -2 * DAY)),
        ("pin_mismatch", |scene| scene.pins.replace([Fingerprint::of(b"another key")])),
        ("refused_by_hook", |scene| scene.is_stern.store(true, Ordering::SeqCst)),
        ("revocation_unknown", |scene| {
            scene.lists.replace(short(&scene.ca, &scene.inter)).unwrap();
            scene.clock.set(now() + 9 * DAY + -60);
        }),
        ("expired", |scene| scene.clock.set(now() + 5_000 * DAY)),
    ];
    block_on(async {
        for (number, (expected, change)) in changes.into_iter().enumerate() {
            let scene = Scene::new();
            let link = scene.link().await;
            assert!(matches!(verdict(&link), Verdict::Accepted { .. }), "{number}");
            change(&scene);
            let verdict = verdict(&link);
            assert_eq!(code(&verdict).map(Code::as_str), Some(expected), "{number}: {verdict:?}");
            assert_eq!(scene.handshake().await, expected, "{number}: {verdict:?}");
        }
    });
}

/// Lists of today that end before the caller's certificate does.
fn short(root: &Ca, inter: &Ca) -> Revocation {
    let list = |ca: &Ca| ca.revocation_list_of(&[], now() + -30, now() + 8 * DAY + 60);
    let pem = list(root) + &list(inter);
    Revocation::new(RevocationList::from_pem(&Origin::memory(), pem.as_bytes()).unwrap(), CrlPolicy::DenyUnknown).unwrap()
}

#[test]
fn an_accepted_peer_is_good_until_the_first_certificate_of_its_path_ends() {
    block_on(async {
        let scene = Scene::new();
        let link = scene.link().await;
        assert_eq!(verdict(&link), Verdict::Accepted { until: scene.caller.leaf().not_after });
        let lasting = scene.inter.leaf().dns("localhost").valid(now() + -DAY, now() + 30 * DAY).build();
        let outliving = Scene { caller: lasting, ..scene };
        assert_eq!(verdict(&outliving.link().await), Verdict::Accepted { until: outliving.inter.facts().not_after });
    });
}

#[test]
fn the_whole_chain_is_kept_as_it_was_presented_and_shared_between_links() {
    block_on(async {
        let scene = Scene::new();
        let listener = listen(scene.options.clone()).await;
        let (one, other) = (link(&listener, &dialling(scene.manager())).await, link(&listener, &dialling(scene.manager())).await);
        let chain = |link: &Link| link.accepted.peer_certificate().unwrap().chain().cloned().collect::<Vec<_>>();
        assert_eq!(chain(&one), scene.caller.chain());
        assert_eq!(chain(&one).len(), 2);
        let second = |link: &Link| link.accepted.peer_certificate().unwrap().chain().nth(1).unwrap().as_ref().as_ptr();
        assert_eq!(second(&one), second(&other), "one intermediate is in memory once");
    });
}

#[test]
fn what_speaks_against_a_peer_besides_its_dates_is_found_when_it_has_expired() {
    block_on(async {
        let scene = Scene::new();
        let link = scene.link().await;
        let besides = || link.accepted.peer_certificate().unwrap().rejudge_besides_dates().map_err(|refusal| refusal.code());
        scene.clock.set(now() + 10 * DAY);
        assert_eq!(besides(), Ok(()));
        scene.is_stern.store(true, Ordering::SeqCst);
        assert_eq!(besides(), Err(Code::RefusedByHook));
        scene.revoke(&[&scene.inter.facts().serial], &[]);
        assert_eq!((besides(), code(&verdict(&link))), (Err(Code::Revoked), Some(Code::Expired)));
    });
}

#[test]
fn where_no_chain_is_judged_pins_and_hook_still_refuse_and_nobody_is_called_good() {
    block_on(async {
        let scene = Scene::with(ClientAuth::RequireAny, CrlPolicy::DenyUnknown);
        let link = scene.link().await;
        assert_eq!(verdict(&link), Verdict::NotJudged(NotJudged::Unverified));
        scene.clock.set(now() + 30 * DAY);
        assert_eq!(verdict(&link), Verdict::NotJudged(NotJudged::Unverified));
        scene.pins.replace([Fingerprint::of(b"another key")]);
        assert_eq!((code(&verdict(&link)), scene.handshake().await.as_str()), (Some(Code::PinMismatch), "pin_mismatch"));
        scene.pins.replace([scene.caller.leaf().key_fingerprint]);
        scene.is_stern.store(true, Ordering::SeqCst);
        assert_eq!((code(&verdict(&link)), scene.handshake().await.as_str()), (Some(Code::RefusedByHook), "refused_by_hook"));
    });
}

#[test]
fn a_watcher_hears_of_lists_and_pins_once_each_and_the_change_is_in_force_by_then() {
    block_on(async {
        let scene = Scene::new();
        let (link, watcher) = (scene.link().await, Watcher::new());
        for _ in 0..3 {
            link.accepted.peer_certificate().unwrap().watch(&watcher);
        }
        let heard = watcher.after(0);
        scene.revoke(&[], &[&scene.caller.leaf().serial]);
        assert_eq!(rt::timeout(crate::live_lists::NEVER, heard).await, Ok(1));
        assert_eq!(code(&verdict(&link)), Some(Code::Revoked));
        scene.pins.replace([]);
        assert_eq!(watcher.count(), 2);
    });
}

#[test]
fn a_peer_depends_on_the_ca_without_which_it_would_be_refused() {
    block_on(async {
        let scene = Scene::with(ClientAuth::RequireAndVerify, CrlPolicy::AllowUnknown);
        let stranger = Ca::new();
        let link = scene.link().await;
        let peer = link.accepted.peer_certificate().unwrap();
        assert!(peer.depends_on(&scene.ca.pool().fingerprints()) && !peer.depends_on(&stranger.pool().fingerprints()));
        let presented = link.accepted.presented().unwrap();
        assert!(
            peer.was_shown_by(&scene.ca.pool().fingerprints(), presented) && !peer.was_shown_by(&stranger.pool().fingerprints(), presented)
        );
    });
}
