//! Cells in which a foreign peer presents what ours would not.

use super::cell::{Cell, Presenter, Rotation};
use super::offer::{Offer, World};
use super::outcome::{NOTHING, Outcome, Side};
use super::scene::{Scene, check};
use crate::foreign_bytes;
use crate::foreign_tls::{self, Met, answer};
use crate::links::{PATIENCE, accepted};
use crate::managers::Make;
use countersign::failure::Failure;
use countersign::rt::{self, TcpListener};
use countersign::tls::{CertAuthManager, Certificate, ClientAuth};
use countersign::x509::Fingerprint;
use futures_util::future::{Either, join, select};
use rustls::HandshakeKind;
use rustls::sign::CertifiedKey;
use std::sync::Arc;

pub(crate) async fn run(cell: Cell, world: &World, offer: &Offer, make: Make) -> Result<Outcome, String> {
    let scene = Scene::open(cell, world, offer, make, world.good(), world.good()).await;
    let judge = match cell.presenter {
        Presenter::Server => &scene.client,
        Presenter::Client => &scene.server,
    };
    let update = match cell.rotation {
        Rotation::Before => NOTHING.to_owned(),
        Rotation::After => rotated(judge.as_ref(), world, offer)?,
    };
    let meeting = async {
        match cell.presenter {
            Presenter::Server => from_server(cell, world, offer, &scene).await,
            Presenter::Client => from_client(world, offer, &scene).await,
        }
    };
    let (acceptor, dialler) = rt::timeout(PATIENCE, meeting).await.map_err(|_| "no end was found".to_owned())??;
    Ok(Outcome { update, acceptor, dialler })
}

/// The judging side takes a new certificate; the foreign one's would not even load here.
fn rotated(judge: &dyn CertAuthManager, world: &World, offer: &Offer) -> Result<String, String> {
    let generation = judge.update(world.good()).map_err(|refused| format!("the judging side's own update was refused: {refused}"))?;
    check(generation.0 == 2, || format!("the first update made {generation}"))?;
    let Offer::Foreign(CertifiedKey { cert, key, .. }) = offer else { return Ok(NOTHING.to_owned()) };
    match Certificate::with_signing_key(cert.clone(), Arc::clone(key)) {
        Ok(_) => Err("the foreign pair can be loaded here".to_owned()),
        Err(error) => Ok(format!("load:{}", error.code())),
    }
}

async fn from_client(world: &World, offer: &Offer, scene: &Scene) -> Result<(Side, Side), String> {
    let visit = async {
        match offer {
            Offer::Bytes(bytes) => foreign_bytes::dial(scene.port(), bytes).await,
            _ => foreign_tls::dial(&Arc::new(client(world, offer)), scene.port()).await,
        }
    };
    // Nobody takes a refused peer over, so the other half may never come to an end.
    let guest = async {
        let mut connection = accepted(&scene.listener).await?;
        answer(&mut connection).await.map_err(|error| error.to_string())?;
        Ok::<_, String>(connection)
    };
    futures_util::pin_mut!(visit, guest);
    let (visited, connection) = match select(visit, guest).await {
        Either::Left((visited, _)) => (visited, None),
        Either::Right((connection, visit)) => (visit.await, Some(connection?)),
    };
    let (local, met) = visited.map_err(|error| error.to_string())?;
    match (&met, connection) {
        (Met::Accepted(facts), Some(connection)) => {
            let presented = connection.presented().map(|issue| issue.certificate.fingerprint());
            check(facts.peer == presented, || format!("we presented {presented:?}, and the peer saw {:?}", facts.peer))?;
            check(presented == Some(in_force(scene)), || "the certificate of before the rotation was presented".to_owned())?;
            check(facts.kind == Some(HandshakeKind::Full), || format!("{:?}", facts.kind))?;
            check(connection.peer_certificate().is_none(), || "a certificate was seen that was not asked for".to_owned())?;
            Ok((Side::content(), Side::content()))
        }
        (_, Some(_)) => Err(format!("accepted, and the peer says {met:?}")),
        (_, None) => Ok((scene.refusal_of(local).await?, Side::of_foreign(&met))),
    }
}

fn in_force(scene: &Scene) -> Fingerprint {
    scene.server.resolver().current().certificate.fingerprint()
}

async fn from_server(cell: Cell, world: &World, offer: &Offer, scene: &Scene) -> Result<(Side, Side), String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let serving = async {
        match offer {
            Offer::Bytes(bytes) => foreign_bytes::accept(&listener, bytes).await,
            _ => foreign_tls::accept(&Arc::new(server(world, cell.mode(), offer)), &listener).await,
        }
    };
    let (met, dialled) = join(serving, scene.dialer.dial("localhost", port)).await;
    let met = met.map_err(|error| error.to_string())?;
    match dialled {
        Ok(_) => Err(format!("our dialler is content, and the server says {met:?}")),
        Err(error) => Ok((Side::of_foreign(&met), Side::of_error(&error))),
    }
}

fn client(world: &World, offer: &Offer) -> rustls::ClientConfig {
    let mut config = foreign_tls::client(&world.ca, presented(offer));
    config.alpn_protocols = protocols(offer);
    config
}

fn server(world: &World, mode: ClientAuth, offer: &Offer) -> rustls::ServerConfig {
    let mut config = foreign_tls::server(&world.ca, mode, presented(offer));
    config.alpn_protocols = protocols(offer);
    config
}

fn presented(offer: &Offer) -> Option<CertifiedKey> {
    match offer {
        Offer::Foreign(identity) | Offer::OtherProtocol(identity) => Some(identity.clone()),
        _ => None,
    }
}

fn protocols(offer: &Offer) -> Vec<Vec<u8>> {
    match offer {
        Offer::OtherProtocol(_) => vec![b"h2".to_vec()],
        _ => Vec::new(),
    }
}
