//! Sources and managers that do not behave, and clocks that go on meanwhile.

use crate::scratch::Scratch;
use crate::sources_world::{Files, Scene, agent, following, manager, presented, reloaded};
use crate::world::{eventually, name};
use countersign::clock::{Clock, DAY, ManualClock, SystemClock};
use countersign::failure::{Code, Failure};
use countersign::node::{Node, NodeOptions, Renewed, Rotate, Route};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::source::{CaFiles, CertSource};
use countersign::tls::{
    CaPool, CertAuth, CertAuthManager, CertManager, CertResolver, Certificate, ClientAuth, Generation, ServerName, TlsPolicy, UpdateRefused,
};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

#[test]
fn what_is_not_valid_now_is_reported_once_though_each_look_is_at_another_time() {
    block_on(async {
        let start = SystemClock.now();
        let clock = Arc::new(ManualClock::at(start));
        let scene = Scene::with(|options| options.tls = TlsPolicy::default().clock(clock.clone())).await;
        let lines = |code: &str| scene.lines("what lies at a source is of no use", &format!("code={code}"));
        let spans = [("expired", start + -2 * DAY, start + -DAY), ("not_yet_valid", start + DAY, start + 2 * DAY)];
        for (code, from, until) in spans {
            scene.write(agent(&scene.ca).valid(from, until));
            for seconds in 1..=3 {
                clock.set(start + seconds);
                assert!(matches!(reloaded(&scene.node).await, Renewed::Refused(_)));
            }
            assert_eq!(lines(code), 1);
            scene.write(agent(&scene.ca).valid(from, until));
            assert!(matches!(reloaded(&scene.node).await, Renewed::Refused(_)));
            assert_eq!(lines(code), 2, "it is another one");
        }
    });
}

/// Panics when it is updated, as long as it shall.
#[derive(Debug)]
struct Nervous {
    inner: CertAuth,
    panics: AtomicBool,
}

impl CertManager for Nervous {
    fn resolver(&self) -> Arc<CertResolver> {
        self.inner.resolver()
    }

    fn update(&self, cert: Certificate) -> Result<Generation, UpdateRefused> {
        assert!(!self.panics.load(Ordering::SeqCst), "as this test wants it");
        self.inner.update(cert)
    }

    fn source(&self) -> Option<Arc<dyn CertSource>> {
        self.inner.source()
    }
}

impl CertAuthManager for Nervous {
    fn client_cas(&self) -> Option<Arc<CaPool>> {
        self.inner.client_cas()
    }

    fn client_auth(&self) -> ClientAuth {
        self.inner.client_auth()
    }

    fn root_cas(&self) -> Option<Arc<CaPool>> {
        self.inner.root_cas()
    }

    fn server_name(&self) -> Option<ServerName<'static>> {
        self.inner.server_name()
    }
}

#[test]
fn a_manager_that_panics_when_it_is_updated_is_reported_and_the_node_goes_on_looking() {
    block_on(async {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let files = Files::named(&folder, "a");
        files.renew(&ca);
        let inner = CertAuth::mutual(files.source().read().unwrap(), ca.pool()).with_source(Arc::new(files.source()));
        let nervous = Arc::new(Nervous { inner, panics: AtomicBool::new(true) });
        let reload_every = Duration::from_millis(10);
        let options = NodeOptions { cert_manager: Some(nervous.clone()), reload_every, ..following(&ca, files.source()) };
        let node = Node::start("a@localhost", options).await.unwrap();
        let new = files.renew(&ca);
        eventually("it is reported", || node.sources()[0].trouble.as_ref().is_some_and(|trouble| trouble.code == Code::CallFailed));
        assert!(matches!(reloaded(&node).await, Renewed::Refused(_)), "whoever asks is answered");
        nervous.panics.store(false, Ordering::SeqCst);
        eventually("it is taken", || presented(&node) == new && node.sources()[0].trouble.is_none());
    });
}

#[test]
fn a_certificate_that_was_given_stays_on_a_route_that_has_just_come_too() {
    block_on(async {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let (files, given) = (Files::named(&folder, "a"), Files::named(&folder, "given"));
        files.renew(&ca);
        let source: Arc<dyn CertSource> = Arc::new(files.source());
        let managers = [0, 1].map(|_| manager(&ca, Arc::clone(&source)));
        let options = NodeOptions { cert_manager: Some(Arc::clone(&managers[0])), ..following(&ca, files.source()) };
        let options = NodeOptions { reload_every: Duration::from_millis(200), ..options };
        let node = Node::start("a@localhost", options).await.unwrap();
        let route = Route::to(name("b@localhost"), "localhost", 1);
        node.add_route(Route { cert_manager: Some(Arc::clone(&managers[1])), ..route }).unwrap();
        let fingerprint = given.renew(&ca);
        let rotated = node.rotate(Rotate::to(Arc::new(given.source()))).await;
        assert!(matches!(rotated.renewals[0].outcome, Renewed::Replaced(_)), "{rotated:?}");
        files.expose_key();
        eventually("it looks", || node.sources()[0].trouble.is_some());
        files.protect_key();
        eventually("it looks again", || node.sources()[0].trouble.is_none());
        let shown = managers.map(|manager| manager.resolver().current().certificate.fingerprint());
        assert_eq!(shown, [fingerprint; 2]);
    });
}

/// Keeps everybody waiting until it is released, and counts them.
#[derive(Debug, Default)]
struct Stuck {
    waiting: AtomicUsize,
    is_released: Mutex<bool>,
    released: Condvar,
}

impl Stuck {
    fn release(&self) {
        *self.is_released.lock().unwrap() = true;
        self.released.notify_all();
    }
}

impl CertSource for Stuck {
    fn name(&self) -> String {
        "a disk that is gone".to_owned()
    }

    fn read(&self) -> Result<Certificate, Box<dyn Failure + Send + Sync>> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        drop(self.released.wait_while(self.is_released.lock().unwrap(), |is_released| !*is_released).unwrap());
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        Err(Box::new(UpdateRefused::by_manager("the disk", "it is gone")))
    }
}

/// Each takes a thread with it, of which a program has so many.
#[test]
fn however_often_a_certificate_is_given_that_cannot_be_read_no_more_than_two_wait_for_it() {
    block_on(async {
        let scene = Scene::new().await;
        let stuck = Arc::new(Stuck::default());
        for _ in 0..4 {
            let rotated = scene.node.rotate(Rotate::to(stuck.clone())).await;
            let Renewed::Refused(trouble) = &rotated.renewals[0].outcome else { panic!("{rotated:?}") };
            assert_eq!(trouble.code, Code::Timeout);
        }
        assert_eq!(stuck.waiting.load(Ordering::SeqCst), 2);
        let folder = Scratch::new();
        let given = Files::named(&folder, "given");
        let fingerprint = given.renew(&scene.ca);
        stuck.release();
        eventually("they return, and others are read again", || {
            block_on(scene.node.rotate(Rotate::to(Arc::new(given.source()))));
            scene.presented() == fingerprint
        });
    });
}

#[test]
fn a_directory_in_the_place_of_a_file_is_called_by_its_name() {
    block_on(async {
        let scene = Scene::new().await;
        fs::remove_file(&scene.files.key).unwrap();
        fs::create_dir(&scene.files.key).unwrap();
        let Renewed::Refused(trouble) = reloaded(&scene.node).await else { panic!("it was taken") };
        assert!(trouble.reason.ends_with("a.key: cannot be read: it is a directory"), "{trouble:?}");
    });
}

/// As Kubernetes does it: the link is moved to another directory, and the one before is deleted.
#[test]
fn a_ca_file_that_is_read_while_the_link_to_its_directory_moves_is_no_trouble() {
    let (ca, folder) = (Ca::new(), Scratch::new());
    let version = |number: usize| folder.join(format!("..{number}"));
    let point_to = |number: usize| {
        fs::create_dir(version(number)).unwrap();
        fs::write(version(number).join("ca.crt"), ca.pem()).unwrap();
        std::os::unix::fs::symlink(version(number), folder.join("..next")).unwrap();
        fs::rename(folder.join("..next"), folder.join("..data")).unwrap();
    };
    point_to(0);
    let (looks, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let (files, pool) = (CaFiles::directory(&*folder), ca.pool());
            while !is_over.load(Ordering::SeqCst) {
                assert!(!files.differ(Some(&pool), None).unwrap());
                looks.fetch_add(1, Ordering::SeqCst);
            }
        });
        for number in 1..300 {
            point_to(number);
            fs::remove_dir_all(version(number - 1)).unwrap();
            // It moves once during a look, and not twice.
            let before = looks.load(Ordering::SeqCst);
            while looks.load(Ordering::SeqCst) < before + 2 && !looking.is_finished() {
                std::thread::yield_now();
            }
        }
        is_over.store(true, Ordering::SeqCst);
        looking.join().unwrap();
    });
}
