//! Pools, mode and server name are read once. A manager that answers differently later has no effect on
//! what runs, and all the effect on what starts.

use crate::block_on;
use crate::links::{dialling, link, listening, refusal};
use crate::managers::{HandWritten, Trust};
use countersign::failure::{Code, Failure};
use countersign::testing::Ca;
use countersign::tls::{
    CaPool, CertAuth, CertAuthManager, CertManager, CertResolver, Certificate, ClientAuth, Generation, ServerName, UpdateRefused,
};
use rustls::{ClientConfig, ServerConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_listener_keeps_the_pool_and_mode_it_started_with() {
    block_on(async {
        let World { old, new, server, client: _ } = World::new();
        let listener = listening(server.clone()).await;
        server.change_to(Trust::cluster(new.pool(), ClientAuth::None));

        let known = dialling(Arc::new(CertAuth::mutual(old.client("known"), old.pool())));
        let link = link(&listener, &known).await;
        assert!(link.accepted.peer_certificate().unwrap().verified);

        let stranger = dialling(Arc::new(CertAuth::mutual(new.client("stranger"), old.pool())));
        assert_eq!(refusal(&listener, &stranger).await.codes(), pair("unknown_ca", "unknown_ca?"));
    });
}

#[test]
fn a_listener_that_is_bound_anew_reads_anew() {
    block_on(async {
        let World { old, new, server, client: _ } = World::new();
        drop(listening(server.clone()).await);
        server.change_to(Trust::cluster(new.pool(), ClientAuth::RequireAndVerify));
        let listener = listening(server).await;

        let known = dialling(Arc::new(CertAuth::mutual(old.client("known"), old.pool())));
        assert_eq!(refusal(&listener, &known).await.codes(), pair("unknown_ca", "unknown_ca?"));

        let stranger = dialling(Arc::new(CertAuth::mutual(new.client("stranger"), old.pool())));
        link(&listener, &stranger).await;
    });
}

#[test]
fn a_dialler_keeps_the_pool_and_name_it_started_with() {
    block_on(async {
        let World { old, new, server, client } = World::new();
        let dialer = dialling(client.clone());
        let elsewhere = Some("elsewhere.test".try_into().unwrap());
        client.change_to(Trust { server_name: elsewhere, ..Trust::cluster(new.pool(), ClientAuth::None) });

        link(&listening(server).await, &dialer).await;

        let trusts_both = Arc::new(old.pool().merge(&new.pool()));
        let stranger = Arc::new(CertAuth::mutual(new.agent(&["localhost", "elsewhere.test"]), trusts_both));
        let refusal = refusal(&listening(stranger).await, &dialer).await;
        assert_eq!(refusal.codes(), pair("unknown_ca?", "unknown_ca"));
    });
}

#[test]
fn a_dialler_that_is_made_anew_reads_anew() {
    block_on(async {
        let World { old, new, server, client } = World::new();
        drop(dialling(client.clone()));
        client.change_to(Trust::cluster(new.pool(), ClientAuth::None));
        let dialer = dialling(client);

        let refused = refusal(&listening(server).await, &dialer).await;
        assert_eq!(refused.codes(), pair("unknown_ca?", "unknown_ca"));

        let trusts_both = Arc::new(old.pool().merge(&new.pool()));
        let stranger = Arc::new(CertAuth::mutual(new.agent(&["localhost"]), trusts_both));
        link(&listening(stranger).await, &dialer).await;
    });
}

#[test]
fn updates_are_judged_by_the_pool_that_is_in_force_and_not_by_the_new_one() {
    block_on(async {
        let World { old, new, server, client: _ } = World::new();
        let _listener = listening(server.clone()).await;
        server.change_to(Trust::cluster(new.pool(), ClientAuth::RequireAndVerify));
        assert_eq!(server.update(new.agent(&["localhost"])).unwrap_err().code(), Code::UnknownCa);
        assert_eq!(server.update(old.agent(&["localhost"])).unwrap().0, 2);
    });
}

#[test]
fn a_listener_asks_each_question_once_and_judges_peers_and_updates_by_the_one_answer() {
    block_on(async {
        let World { old, new, server, client: _ } = World::new();
        let fickle = Fickle::new(server, Trust::cluster(new.pool(), ClientAuth::None));
        let listener = listening(fickle.clone()).await;
        let (known, stranger) = (old.client("known"), new.client("stranger"));
        link(&listener, &dialling(Arc::new(CertAuth::mutual(known, old.pool())))).await;
        let refused = refusal(&listener, &dialling(Arc::new(CertAuth::mutual(stranger, old.pool())))).await;
        assert_eq!(refused.acceptor.code, "unknown_ca");
        assert_eq!(fickle.update(new.agent(&["localhost"])).unwrap_err().code(), Code::UnknownCa);
        fickle.update(old.agent(&["localhost"])).unwrap();
        assert_eq!(fickle.asked(), [1; 6]);
    });
}

#[test]
fn a_dialler_asks_each_question_once_and_judges_peers_and_updates_by_the_one_answer() {
    block_on(async {
        let World { old, new, server, client } = World::new();
        let fickle = Fickle::new(client, Trust::cluster(new.pool(), ClientAuth::None));
        let dialer = dialling(fickle.clone());
        link(&listening(server).await, &dialer).await;
        let stranger = Arc::new(CertAuth::mutual(new.agent(&["localhost"]), old.pool()));
        assert_eq!(refusal(&listening(stranger).await, &dialer).await.dialler.code(), Code::UnknownCa);
        assert_eq!(fickle.update(new.client("caller")).unwrap_err().code(), Code::UnknownCa);
        fickle.update(old.client("caller")).unwrap();
        assert_eq!(fickle.asked(), [1; 6]);
    });
}

/// Answers each question once as its inner manager does, and then differently; counts the questions.
#[derive(Debug)]
struct Fickle {
    inner: Arc<HandWritten>,
    later: Trust,
    asked: [AtomicUsize; 6],
}

impl Fickle {
    fn new(inner: Arc<HandWritten>, later: Trust) -> Arc<Self> {
        Arc::new(Self { inner, later, asked: Default::default() })
    }

    fn is_first(&self, question: usize) -> bool {
        self.asked[question].fetch_add(1, Ordering::SeqCst) == 0
    }

    fn asked(&self) -> [usize; 6] {
        self.asked.each_ref().map(|count| count.load(Ordering::SeqCst))
    }
}

impl CertManager for Fickle {
    fn resolver(&self) -> Arc<CertResolver> {
        self.inner.resolver()
    }

    fn update(&self, cert: Certificate) -> Result<Generation, UpdateRefused> {
        self.inner.update(cert)
    }
}

impl CertAuthManager for Fickle {
    fn client_cas(&self) -> Option<Arc<CaPool>> {
        if self.is_first(0) { self.inner.client_cas() } else { self.later.client_cas.clone() }
    }

    fn client_auth(&self) -> ClientAuth {
        if self.is_first(1) { self.inner.client_auth() } else { self.later.client_auth }
    }

    fn root_cas(&self) -> Option<Arc<CaPool>> {
        if self.is_first(2) { self.inner.root_cas() } else { self.later.root_cas.clone() }
    }

    fn server_name(&self) -> Option<ServerName<'static>> {
        if self.is_first(3) { self.inner.server_name() } else { self.later.server_name.clone() }
    }

    fn rustls_server(&self) -> Option<Arc<ServerConfig>> {
        self.is_first(4);
        None
    }

    fn rustls_client(&self) -> Option<Arc<ClientConfig>> {
        self.is_first(5);
        None
    }
}

struct World {
    old: Ca,
    new: Ca,
    server: Arc<HandWritten>,
    client: Arc<HandWritten>,
}

impl World {
    fn new() -> Self {
        let (old, new) = (Ca::new(), Ca::new());
        let trust = Trust::cluster(old.pool(), ClientAuth::RequireAndVerify);
        let server = HandWritten::new(old.agent(&["localhost"]), trust.clone());
        let client = HandWritten::new(old.client("caller"), trust);
        Self { old, new, server, client }
    }
}

fn pair(acceptor: &str, dialler: &str) -> (String, String) {
    (acceptor.to_owned(), dialler.to_owned())
}
