//! Sources that several use, sources of the user's own, and what a look says of links and of CAs.

use crate::handover_world::HANDOVER;
use crate::scratch::Scratch;
use crate::sources_world::{Files, Scene, agent, following, manager, presented, reloaded};
use crate::world::{door, eventually, name};
use countersign::failure::{Code, Failure};
use countersign::net::CannotHandOver;
use countersign::node::{Acceptor, LinkFate, Node, NodeOptions, Otherwise, Renewed, Rotate, Rotation, Route};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::source::{CaFiles, CertSource};
use countersign::tls::{CertAuth, CertAuthManager, Certificate, Changes, CrlPolicy, Revocation, TlsPolicy, TlsVersion};
use countersign::x509::pem::Origin;
use countersign::x509::{Fingerprint, RevocationList};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

fn shows(manager: &Arc<dyn CertAuthManager>) -> Fingerprint {
    manager.resolver().current().certificate.fingerprint()
}

/// Beside the node's manager those of an acceptor, of a route and of a route that comes later, around one source.
struct Shared {
    folder: Scratch,
    ca: Ca,
    managers: Vec<Arc<dyn CertAuthManager>>,
    node: Node,
}

impl Shared {
    /// The later route judges handshakes in this way.
    async fn of(ca: Ca, later: Option<TlsPolicy>) -> Self {
        let folder = Scratch::new();
        Files::named(&folder, "a").renew(&ca);
        let source: Arc<dyn CertSource> = Arc::new(Files::named(&folder, "a").source());
        let managers: Vec<_> = (0..4).map(|_| manager(&ca, Arc::clone(&source))).collect();
        let own = |index: usize| Some(Arc::clone(&managers[index]));
        let to = |port| Route::to(name("b@localhost"), "localhost", port);
        let options = NodeOptions {
            cert_manager: own(0),
            acceptors: vec![door(), Acceptor { cert_manager: own(1), ..door() }],
            routes: vec![Route { cert_manager: own(2), ..to(1) }],
            ..following(&ca, Files::named(&folder, "a").source())
        };
        let node = Node::start("a@localhost", options).await.unwrap();
        node.add_route(Route { cert_manager: own(3), tls: later, ..to(2) }).unwrap();
        Self { folder, ca, managers, node }
    }

    fn files(&self) -> Files {
        Files::named(&self.folder, "a")
    }

    fn all_show(&self, fingerprint: Fingerprint) -> bool {
        self.managers.iter().all(|manager| shows(manager) == fingerprint)
    }
}

#[test]
fn one_look_reaches_every_acceptor_and_route_that_uses_the_source_a_later_one_too() {
    block_on(async {
        let shared = Shared::of(Ca::new(), None).await;
        let new = shared.files().renew(&shared.ca);
        assert!(matches!(reloaded(&shared.node).await, Renewed::Replaced(_)));
        assert!(shared.all_show(new));
    });
}

#[test]
fn what_one_of_those_who_share_a_source_could_not_work_with_none_of_them_takes() {
    block_on(async {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let files = Files::named(&folder, "bad");
        files.renew(&ca);
        let bad = files.source().read().unwrap();
        let list = RevocationList::from_pem(&Origin::memory(), ca.revocation_list(&[&bad]).as_bytes()).unwrap();
        let knowing = TlsPolicy::default().revocation(Revocation::new(list, CrlPolicy::AllowUnknown).unwrap());
        let shared = Shared::of(ca, Some(knowing)).await;
        let before = presented(&shared.node);
        fs::copy(&files.certificate, shared.files().certificate).unwrap();
        fs::copy(&files.key, shared.files().key).unwrap();
        let Renewed::Refused(trouble) = reloaded(&shared.node).await else { panic!("it was taken") };
        assert_eq!((trouble.code, trouble.holder.as_deref()), (Code::Revoked, Some("route b@localhost")));
        assert!(shared.all_show(before));
    });
}

#[test]
fn a_ca_file_that_differs_from_the_pool_in_force_asks_for_a_restart_once() {
    block_on(async {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let (files, authority) = (Files::named(&folder, "a"), folder.join("ca.crt"));
        files.renew(&ca);
        fs::write(&authority, ca.pem()).unwrap();
        let watched = CertAuth::mutual(files.source().read().unwrap(), ca.pool()).with_source(Arc::new(files.source()));
        let watched = watched.with_ca_files(CaFiles::of(Some(authority.clone()), Some(authority.clone())));
        let options = NodeOptions { cert_manager: Some(Arc::new(watched)), ..following(&ca, files.source()) };
        let scene = Scene { node: Node::start("a@localhost", options).await.unwrap(), ca, files, folder };
        let asks = || scene.node.sources()[0].restart_required;

        reloaded(&scene.node).await;
        assert!(!asks());
        fs::write(&authority, scene.ca.pem() + &Ca::new().pem()).unwrap();
        for _ in 0..3 {
            reloaded(&scene.node).await;
        }
        assert!(asks());
        assert_eq!(scene.lines("the CA file differs from the pool in force", ""), 1);
        let new = scene.renew();
        assert!(matches!(reloaded(&scene.node).await, Renewed::Replaced(_)), "certificates go on being taken");
        assert_eq!(scene.presented(), new);

        fs::write(&authority, "torn").unwrap();
        reloaded(&scene.node).await;
        let trouble = scene.node.sources()[0].trouble.clone().unwrap();
        assert!(trouble.reason.contains("ca.crt"), "with it the node would not start again: {trouble:?}");
        fs::write(&authority, scene.ca.pem()).unwrap();
        reloaded(&scene.node).await;
        assert!(!asks() && scene.node.sources()[0].trouble.is_none());
    });
}

/// Tells when it has something; may panic, and may keep whoever asks waiting.
#[derive(Debug)]
struct Own {
    newest: Mutex<Certificate>,
    changes: Changes,
    panics: AtomicBool,
    is_held: Mutex<bool>,
    released: Condvar,
}

impl Own {
    fn holding(newest: Certificate) -> Arc<Self> {
        let (newest, changes, panics) = (Mutex::new(newest), Changes::default(), AtomicBool::new(false));
        Arc::new(Self { newest, changes, panics, is_held: Mutex::new(false), released: Condvar::new() })
    }

    fn put(&self, certificate: Certificate) -> Fingerprint {
        let fingerprint = certificate.fingerprint();
        *self.newest.lock().unwrap() = certificate;
        fingerprint
    }

    fn hold(&self, is_held: bool) {
        *self.is_held.lock().unwrap() = is_held;
        self.released.notify_all();
    }
}

impl CertSource for Own {
    fn name(&self) -> String {
        "a service".to_owned()
    }

    fn read(&self) -> Result<Certificate, Box<dyn Failure + Send + Sync>> {
        assert!(!self.panics.load(Ordering::SeqCst), "as this test wants it");
        drop(self.released.wait_while(self.is_held.lock().unwrap(), |is_held| *is_held).unwrap());
        Ok(self.newest.lock().unwrap().clone())
    }

    fn changes(&self) -> Option<&Changes> {
        Some(&self.changes)
    }
}

async fn with_own(ca: &Ca) -> (Arc<Own>, Node) {
    let own = Own::holding(agent(ca).build());
    let options = NodeOptions { cert_manager: Some(manager(ca, own.clone())), ..following(ca, Fixed(agent(ca).build())) };
    (own, Node::start("a@localhost", options).await.unwrap())
}

/// Has one, and never another.
#[derive(Debug)]
struct Fixed(Certificate);

impl CertSource for Fixed {
    fn name(&self) -> String {
        "a constant".to_owned()
    }

    fn read(&self) -> Result<Certificate, Box<dyn Failure + Send + Sync>> {
        Ok(self.0.clone())
    }
}

#[test]
fn a_source_of_the_users_own_is_looked_at_when_it_says_so() {
    block_on(async {
        let ca = Ca::new();
        let (own, node) = with_own(&ca).await;
        for _ in 0..3 {
            let new = own.put(agent(&ca).build());
            own.changes.tell();
            eventually("it is taken", || presented(&node) == new);
        }
    });
}

#[test]
fn what_a_source_of_the_users_own_had_before_anybody_listened_is_not_missed() {
    block_on(async {
        let ca = Ca::new();
        let (at_start, later) = (Own::holding(agent(&ca).build()), Own::holding(agent(&ca).build()));
        let managers = [&at_start, &later].map(|own| manager(&ca, own.clone()));
        let new = [&at_start, &later].map(|own| own.put(agent(&ca).build()));
        let options = NodeOptions { cert_manager: Some(Arc::clone(&managers[0])), ..following(&ca, Fixed(agent(&ca).build())) };
        let node = Node::start("a@localhost", options).await.unwrap();
        eventually("the node's is taken", || shows(&managers[0]) == new[0]);
        let route = Route::to(name("b@localhost"), "localhost", 1);
        node.add_route(Route { cert_manager: Some(Arc::clone(&managers[1])), ..route }).unwrap();
        eventually("the route's is taken", || shows(&managers[1]) == new[1]);
        let newest = later.put(agent(&ca).build());
        later.changes.tell();
        eventually("and so is its next", || shows(&managers[1]) == newest);
    });
}

#[test]
fn a_source_that_panics_or_does_not_answer_is_reported_and_keeps_nobody_waiting() {
    block_on(async {
        let ca = Ca::new();
        let (own, node) = with_own(&ca).await;
        let code = async || match reloaded(&node).await {
            Renewed::Refused(trouble) => Some(trouble.code),
            _ => None,
        };
        own.panics.store(true, Ordering::SeqCst);
        assert_eq!(code().await, Some(Code::CallFailed));
        own.panics.store(false, Ordering::SeqCst);
        own.hold(true);
        assert_eq!([code().await, code().await], [Some(Code::Timeout); 2]);
        let new = own.put(agent(&ca).build());
        own.hold(false);
        // Whoever was kept waiting returns first.
        eventually("it answers again", || {
            block_on(async {
                node.reload().await;
                presented(&node) == new
            })
        });
    });
}

#[test]
fn a_dry_run_says_what_would_be_and_changes_nothing() {
    block_on(async {
        let scene = Scene::new().await;
        let before = scene.presented();
        let new = scene.renew();
        let judged = scene.node.rotate(Rotate::from_sources().dry_run()).await;
        let Renewed::WouldReplace(certificate) = &judged.renewals[0].outcome else { panic!("{judged:?}") };
        assert_eq!((certificate.fingerprint(), scene.presented()), (new, before));
        scene.files.tear();
        let judged = scene.node.rotate(Rotate::from_sources().dry_run()).await;
        assert!(judged.is_refused() && scene.node.sources()[0].trouble.is_none(), "{judged:?}");
        assert_eq!(scene.lines("what lies at a source is of no use", ""), 0);
    });
}

#[test]
fn each_link_that_shows_the_certificate_is_told_of_and_what_will_become_of_it() {
    block_on(async {
        let otherwise = Rotation::Handover { otherwise: Otherwise::Close };
        let old =
            || Some(TlsPolicy::default().min_version(TlsVersion::Tls12).suites(&["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]).unwrap());
        let rotations = [(Rotation::Keep, None), (Rotation::Close, None), (HANDOVER, None), (otherwise, old())];
        let scene = Scene::with(|options| {
            options.acceptors =
                rotations.iter().map(|(rotation, tls)| Acceptor { rotation: Some(*rotation), tls: tls.clone(), ..door() }).collect();
        })
        .await;
        let mut peers = Vec::new();
        for (index, (_, tls)) in rotations.iter().enumerate() {
            let route = Route::to(scene.node.name().clone(), "localhost", scene.node.local_addrs()[index].port());
            let peer = agent(&scene.ca).build();
            let options = NodeOptions { routes: vec![Route { tls: tls.clone(), ..route }], ..following(&scene.ca, Fixed(peer)) };
            let peer = Node::start(&format!("b{index}@localhost"), options).await.unwrap();
            peer.ping(scene.node.name()).await.unwrap();
            peers.push(peer);
        }
        scene.renew();
        let judged = scene.node.rotate(Rotate::from_sources().dry_run()).await;
        let cannot = LinkFate::Cannot { why: CannotHandOver::OldTls, otherwise: Otherwise::Close };
        let fates: Vec<_> = judged.links.iter().map(|(peer, fate)| (peer.as_str(), *fate)).collect();
        let expected = [LinkFate::Keep, LinkFate::Close, LinkFate::HandOver, cannot];
        assert_eq!(fates, ["b0@localhost", "b1@localhost", "b2@localhost", "b3@localhost"].into_iter().zip(expected).collect::<Vec<_>>());
        assert!(scene.node.rotate(Rotate::from_sources()).await.links.len() == 4);
        assert!(scene.node.rotate(Rotate::from_sources()).await.links.is_empty(), "now there is nothing new");
    });
}
