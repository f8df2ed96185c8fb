//! Cells in which both sides are ours.

use super::cell::{Cell, Presenter, Rotation};
use super::offer::{Offer, World};
use super::outcome::{NOTHING, Outcome};
use super::scene::{Scene, check};
use crate::links::Link;
use crate::managers::Make;
use countersign::failure::Failure;
use countersign::tls::rejudge::{NotJudged, Verdict};
use countersign::tls::{CertAuthManager, Certificate, PeerCertificate};

pub(crate) async fn run(cell: Cell, world: &World, offer: &Offer, questionable: &Certificate, make: Make) -> Result<Outcome, String> {
    match cell.rotation {
        Rotation::Before => before(cell, world, offer, questionable, make).await,
        Rotation::After => after(cell, world, offer, questionable, make).await,
    }
}

async fn before(cell: Cell, world: &World, offer: &Offer, questionable: &Certificate, make: Make) -> Result<Outcome, String> {
    let (server, client) = match cell.presenter {
        Presenter::Server => (questionable.clone(), world.good()),
        Presenter::Client => (world.good(), questionable.clone()),
    };
    let scene = Scene::open(cell, world, offer, make, server, client).await;
    outcome(cell, &scene, 1, NOTHING.to_owned()).await
}

async fn after(cell: Cell, world: &World, offer: &Offer, questionable: &Certificate, make: Make) -> Result<Outcome, String> {
    let scene = Scene::open(cell, world, offer, make, world.good(), world.good()).await;
    let mut old = scene.connect().await?.map_err(|outcome| format!("refused already before the rotation: {outcome:?}"))?;
    scene.agree(&old)?;
    let (presenter, judge) = match cell.presenter {
        Presenter::Server => (&scene.server, &scene.client),
        Presenter::Client => (&scene.client, &scene.server),
    };
    let update = rotate(presenter.as_ref(), questionable)?;
    check(rotate(judge.as_ref(), &world.good())? == TAKEN, || "the judging side's own update was refused".to_owned())?;
    let outcome = outcome(cell, &scene, 2, update).await?;
    untouched(&mut old).await?;
    Ok(outcome)
}

/// Updates, and if that is refused swaps all the same; says what the update said.
fn rotate(manager: &dyn CertAuthManager, certificate: &Certificate) -> Result<String, String> {
    let resolver = manager.resolver();
    let old = resolver.current();
    match manager.update(certificate.clone()) {
        Ok(generation) => {
            check(generation.0 == old.generation.0 + 1, || format!("{generation} follows {}", old.generation))?;
            Ok(TAKEN.to_owned())
        }
        Err(refused) => {
            let kept = resolver.current();
            let same = kept.generation == old.generation && kept.certificate.fingerprint() == old.certificate.fingerprint();
            check(same, || "a refused update changed the certificate".to_owned())?;
            resolver.swap_unchecked(certificate.clone());
            Ok(refused.code().as_str().to_owned())
        }
    }
}

/// A connection that was open during the rotation.
async fn untouched(old: &mut Link) -> Result<(), String> {
    old.talk().await?;
    let presented = [&old.dialled, &old.accepted].map(|side| side.presented().map(|issue| issue.generation.0));
    let good = presented.iter().flatten().all(|&generation| generation == 1);
    check(good, || format!("a connection of before the rotation now says that it presented {presented:?}"))
}

async fn outcome(cell: Cell, scene: &Scene, generation: u64, update: String) -> Result<Outcome, String> {
    match scene.connect().await? {
        Err(outcome) => Ok(Outcome { update, ..outcome }),
        Ok(mut link) => {
            link.talk().await?;
            scene.agree(&link)?;
            judged_alike(cell, &link)?;
            let presented = match cell.presenter {
                Presenter::Server => link.accepted.presented(),
                Presenter::Client => link.dialled.presented(),
            };
            // A client that was asked for no certificate has presented none.
            let right = presented.is_none_or(|issue| issue.generation.0 == generation);
            check(right, || format!("the certificate of before the rotation was presented: {presented:?}"))?;
            check(scene.listener.counters().refusals().is_empty(), || "something was counted as refused".to_owned())?;
            Ok(Outcome::accepted(update))
        }
    }
}

/// Whoever was accepted a moment ago would be accepted now, by the same judge; and where none judged, none does.
fn judged_alike(cell: Cell, link: &Link) -> Result<(), String> {
    let of_server = link.dialled.peer_certificate().map(PeerCertificate::rejudge);
    let is_good = matches!(of_server, Some(Verdict::Accepted { .. }));
    check(is_good, || format!("the server was accepted, and judged again it is {of_server:?}"))?;
    let of_client = link.accepted.peer_certificate().map(PeerCertificate::rejudge);
    let is_right = match &of_client {
        None => !cell.mode().insists(),
        Some(Verdict::Accepted { .. }) => cell.mode().judges(),
        Some(verdict) => !cell.mode().judges() && *verdict == Verdict::NotJudged(NotJudged::Unverified),
    };
    check(is_right, || format!("the client was accepted, and judged again it is {of_client:?}"))
}

const TAKEN: &str = "taken";
