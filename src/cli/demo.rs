//! `demo`: what this program is for, in ten seconds. Everything that it shows is checked while it is shown, so that
//! it fails where something else happens.

mod cast;
mod companion;
mod error;
mod folder;
mod impostor;
mod member;
mod narrator;
mod numbers;
mod props;
mod rotation;
mod scene;
mod told;

pub(crate) use error::DemoError;
pub(super) use member::DemoNode;

use super::console::Console;
use super::{Exit, Trouble};
use crate::rt;
use crate::rt::channel::{Receiver, bounded};
use crate::rt::signals::Stops;
use cast::Cast;
use clap::Args;
use error::Mishap;
use futures_util::FutureExt;
use narrator::{Form, Narrator};
use props::Props;
use scene::Scene;
use std::cell::Cell;
use std::future::Future;
use std::io::{self, IsTerminal};
use std::pin::pin;
use std::time::{Duration, Instant};
use told::Told;

/// Watch two nodes talk while a certificate is replaced, and an impostor be turned away
#[derive(Debug, Args)]
#[command(after_help = "\
It needs nothing, and leaves nothing behind: a CA and an epmd for this demo alone, two nodes in two
processes on this host, ports that the system chooses. Numbers flow in both directions; the
certificate of one node is replaced, and the link moves to a new connection without losing one; an
impostor whose certificate is of another CA is turned away, and both sides say why.

With --json each event is an object on a line of its own, with the key event: begun, authority,
node, linked, flowing, replaced, handed_over, counted, impostor, turned_away, shell, ended.

At a terminal it leaves time to read. Ctrl-C ends it at any time.
Exit code 1, with the reason, if anything is not as it tells, or if it is interrupted.

Examples:
  countersign demo
  countersign demo --stay
  countersign demo --json")]
pub(super) struct Demo {
    /// Go on until Ctrl-C, so that an Erlang shell can join
    #[arg(long)]
    stay: bool,
    /// Print each event as an object for programs
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let form = match (self.json, io::stdout().is_terminal()) {
            (true, _) => Form::Program,
            (false, true) => Form::Watching,
            (false, false) => Form::Text,
        };
        let at = Cell::new(Scene::Authority);
        let mut narrator = Narrator::new(console, &at, form);
        let played = rt::block_on(self.play(&mut narrator, &at));
        played.map_err(|mishap| DemoError { scene: at.get(), mishap })?;
        Ok(Exit::Done)
    }

    /// Plays it, and puts everything away, however far it came.
    async fn play(&self, narrator: &mut Narrator<'_, '_>, at: &Cell<Scene>) -> Result<(), Mishap> {
        let began = Instant::now();
        // Before anything is there that would be left behind.
        let mut stops = Stops::listen().map_err(Trouble::Signals)?;
        let mut props = Props::default();
        let played = self.play_with(&mut props, narrator, &mut stops, at).await;
        let put_away = futures_util::select_biased! {
            put_away = Box::pin(props.put_away()).fuse() => put_away,
            // Whoever cannot wait has it thrown away.
            signal = stops.next().fuse() => Err(Mishap::Interrupted { signal }),
        };
        drop(props);
        played.and(put_away)?;
        let milliseconds = in_milliseconds(began.elapsed());
        Ok(narrator.tell(&Told::Ended { milliseconds })?)
    }

    async fn play_with(
        &self,
        props: &mut Props,
        narrator: &mut Narrator<'_, '_>,
        stops: &mut Stops,
        at: &Cell<Scene>,
    ) -> Result<(), Mishap> {
        let (alive, companion) = bounded(1);
        let (release, released) = bounded(1);
        props.alive = Some(alive);
        let outcome = {
            let mut companion_ended = pin!(companion.recv().fuse());
            let mut scenes = pin!(self.scenes(props, narrator, &released).fuse());
            loop {
                futures_util::select_biased! {
                    _ = companion_ended => break Err(Mishap::ProcessEnded { status: None }),
                    outcome = scenes => break outcome,
                    // At the end of the demo that is how it ends; once.
                    signal = stops.next().fuse() => if at.get() != Scene::Shell || !self.stay || release.try_send(()).is_err() {
                        break Err(Mishap::Interrupted { signal });
                    },
                }
            }
        };
        props.or_why_the_companion_ended(outcome, &companion).await
    }

    async fn scenes(&self, props: &mut Props, narrator: &mut Narrator<'_, '_>, released: &Receiver<()>) -> Result<(), Mishap> {
        let cast = in_time(Cast::gather(props, narrator)).await?;
        let link = in_time(cast.link(narrator)).await?;
        in_time(rotation::let_them_talk(&cast, narrator)).await?;
        in_time(rotation::rotate(&cast, link, narrator)).await?;
        in_time(impostor::come(&cast, narrator)).await?;
        in_time(cast.invite(self.stay, narrator)).await?;
        if self.stay {
            // Its owner is whoever looks on.
            released.recv().await.unwrap_or_default();
        }
        narrator.begin(Scene::End).await?;
        in_time(cast.a.stop().map(Ok)).await
    }
}

async fn in_time<T>(scene: impl Future<Output = Result<T, Mishap>>) -> Result<T, Mishap> {
    rt::timeout(PATIENCE, scene).await.unwrap_or(Err(Mishap::Overdue { within: PATIENCE }))
}

fn in_milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Far more than any scene takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(20);
