//! The ticket by which a dialler learns that it was accepted: it always comes, and it counts even if
//! nothing else does.

use crate::block_on;
use crate::foreign_tls;
use crate::links::{PATIENCE, accepted, dialling, link, listening};
use countersign::net::{Dialer, Listener};
use countersign::rt::{self, TcpListener};
use countersign::testing::Ca;
use countersign::tls::config::ALPN;
use countersign::tls::{CertAuth, ClientAuth};
use futures_util::future::join;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use rustls::client::TicketRequest;
use rustls::{ClientConfig, ServerConfig};
use std::sync::Arc;

#[test]
fn a_server_that_says_its_word_and_leaves_at_once_is_no_failed_dial() {
    block_on(async {
        let ca = Ca::new();
        let (listener, dialer) = (listening(mutual(&ca)).await, dialling(mutual(&ca)));
        join(speak_and_leave(&listener), listen_to_all(&dialer, listener.local_addr().port())).await;
        assert_eq!(dialer.counters().accepted(), DIALS);
    });
}

#[test]
fn a_ticket_request_between_two_configurations_of_ones_own_does_not_lose_the_receipt() {
    block_on(async {
        let ca = Ca::new();
        let server = CertAuth::builder(ca.agent(&["localhost"])).rustls_server(Arc::new(generous(&ca)));
        let (listener, dialer) = (listening(Arc::new(server.build().unwrap())).await, undemanding(&ca));
        for _ in 0..3 {
            let link = rt::timeout(PATIENCE, link(&listener, &dialer)).await.unwrap();
            assert!(link.dialled.tls().unwrap().is_accepted());
        }
    });
}

#[test]
fn a_dialler_never_asks_for_fewer_tickets_than_the_one_it_waits_for() {
    block_on(async {
        let ca = Ca::new();
        let mut server = generous(&ca);
        server.alpn_protocols = vec![ALPN.to_vec()];
        let (dialer, socket) = (undemanding(&ca), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let port = socket.local_addr().unwrap().port();
        let calling = async {
            let mut connection = dialer.dial("localhost", port).await.unwrap();
            foreign_tls::ask(&mut connection).await.unwrap();
        };
        join(foreign_tls::accept(&Arc::new(server), &socket), calling).await.0.unwrap();
    });
}

const DIALS: u64 = 300;
const WORD: &[u8; 8] = b"farewell";

/// Every second time it forgets to say goodbye.
async fn speak_and_leave(listener: &Listener) {
    for number in 0..DIALS {
        let mut connection = accepted(listener).await.unwrap();
        connection.write_all(WORD).await.unwrap();
        if number % 2 == 0 {
            connection.close().await.unwrap();
        }
    }
}

async fn listen_to_all(dialer: &Dialer, port: u16) {
    for _ in 0..DIALS {
        let mut connection = dialer.dial("localhost", port).await.unwrap();
        let mut heard = [0; WORD.len()];
        connection.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, WORD);
    }
}

/// Lets clients choose how many tickets they get.
fn generous(ca: &Ca) -> ServerConfig {
    let identity = foreign_tls::identity(ca.leaf().dns("localhost"));
    let mut config = foreign_tls::server(ca, ClientAuth::RequireAndVerify, Some(identity));
    config.max_tls13_tickets = 4;
    config
}

/// Would rather have no ticket.
fn undemanding(ca: &Ca) -> Dialer {
    let mut config: ClientConfig = foreign_tls::client(ca, None);
    config.send_ticket_request = Some(TicketRequest { new_session_count: 0, resumption_count: 0 });
    dialling(Arc::new(CertAuth::builder(ca.client("caller")).rustls_client(Arc::new(config)).build().unwrap()))
}

fn mutual(ca: &Ca) -> Arc<CertAuth> {
    Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))
}
