//! Numbers flow, and the certificate of one node is replaced under them.

use super::cast::{Cast, presented};
use super::error::Mishap;
use super::narrator::Narrator;
use super::scene::Scene;
use super::told::{Certificate, Told};
use super::{in_milliseconds, numbers};
use crate::cli::ask::ask;
use crate::cli::spoken;
use crate::etf::json;
use crate::net::LinkId;
use crate::rt;
use std::time::{Duration, Instant};

pub(super) async fn let_them_talk(cast: &Cast, narrator: &mut Narrator<'_, '_>) -> Result<(), Mishap> {
    narrator.begin(Scene::Numbers).await?;
    let (a, b) = (cast.a.name(), &cast.b);
    numbers::begin(&cast.a, a, b).await?;
    numbers::begin(&cast.a, b, a).await?;
    go_on(cast).await?;
    let (sent, received) = cast.tally.so_far();
    Ok(narrator.tell(&Told::Flowing { sent, received })?)
}

pub(super) async fn rotate(cast: &Cast, link: LinkId, narrator: &mut Narrator<'_, '_>) -> Result<(), Mishap> {
    narrator.begin(Scene::Rotation).await?;
    let before = certificate(cast).await?;
    let next = cast.development.renew(cast.a.name())?;
    let serial = next.leaf().serial_hex();
    if let Some(manager) = cast.a.cert_manager() {
        let generation = manager.update(next)?.0;
        narrator.tell(&Told::Replaced { node: cast.a.name().to_string(), generation })?;
    }
    let began = Instant::now();
    cast.a.hand_over(&cast.b).await?;
    let milliseconds = in_milliseconds(began.elapsed());
    let after = certificate(cast).await?;
    if after.shown != serial || before.shown == serial {
        return Err(Mishap::NotMoved { shown: after.shown, seen: after.seen });
    }
    let peer = cast.a.connect(&cast.b).await?;
    if peer.facts().id != link {
        return Err(Mishap::AnotherLink);
    }
    let (handovers, up_milliseconds) = (peer.link().handovers().done, in_milliseconds(peer.since().elapsed()));
    narrator.tell(&Told::HandedOver { milliseconds, before, after, handovers, up_milliseconds })?;
    go_on(cast).await?;
    count(cast, narrator).await
}

/// Whether all that was sent has arrived, once no more is sent.
async fn count(cast: &Cast, narrator: &mut Narrator<'_, '_>) -> Result<(), Mishap> {
    let (a, b) = (cast.a.name(), &cast.b);
    for (from, to) in [(a, b), (b, a)] {
        let sent = numbers::finish(&cast.a, from, to).await?;
        narrator.tell(&Told::Counted { from: from.to_string(), to: to.to_string(), sent, received: sent })?;
    }
    Ok(())
}

/// Waits until so many more numbers have come through.
async fn go_on(cast: &Cast) -> Result<(), Mishap> {
    if cast.tally.grows_by(NUMBERS).await {
        return Ok(());
    }
    // It says why it fell silent.
    numbers::finish(&cast.a, cast.a.name(), &cast.b).await.map(drop)
}

/// What a shows on the link, once b sees the same: that b has the link's next connection is told by nobody.
async fn certificate(cast: &Cast) -> Result<Certificate, Mishap> {
    for _ in 0..ATTEMPTS {
        let shown = presented(&cast.a.connect(&cast.b).await?.transport());
        let seen = seen_by_b(cast).await?;
        if shown == seen {
            return Ok(Certificate { shown, seen });
        }
        rt::sleep(MOMENT).await;
    }
    let shown = presented(&cast.a.connect(&cast.b).await?.transport());
    Err(Mishap::NotMoved { shown, seen: seen_by_b(cast).await? })
}

/// The serial number of a's certificate, as b tells it when it is asked over the link itself.
async fn seen_by_b(cast: &Cast) -> Result<String, Mishap> {
    let links = json::of(&ask(&cast.to_b(), "links").await?);
    let to_a = links.as_array().into_iter().flatten().find(|link| spoken::text(link, &["peer"]) == Some(cast.a.name().as_str()));
    Ok(to_a.and_then(|link| spoken::text(link, &["peer_certificate", "serial"])).unwrap_or("none").to_owned())
}

const NUMBERS: u64 = 10_000;
const ATTEMPTS: usize = 500;
const MOMENT: Duration = Duration::from_millis(10);
