//! What the two nodes say to each other: numbers in order, as fast as the link takes them, in both directions. Whoever
//! hears them counts each that is the next one, so one that is lost or comes out of order is found at once.

use super::error::Mishap;
use crate::etf::{Atom, Term};
use crate::node::{Mail, Node, Process};
use crate::node_name::NodeName;
use crate::otp::gen_server::{Answer, AskError, Caller, Client, GenServer, Launch, Step, Typed};
use crate::rt;
use crate::rt::channel::{Receiver, bounded};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far both directions are, as one end knows it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Numbers of the other end's that came here in order.
    heard: AtomicU64,
    /// Numbers of ours that the other end has confirmed.
    confirmed: AtomicU64,
    enough: AtomicBool,
    /// Nothing more is sent from here.
    silent: AtomicBool,
    changed: rt::Event,
}

impl Tally {
    /// Numbers out and in.
    pub(super) fn so_far(&self) -> (u64, u64) {
        (self.confirmed.load(Ordering::SeqCst), self.heard.load(Ordering::SeqCst))
    }

    /// Waits until so many more have come through in each direction; false if this end fell silent before.
    pub(super) async fn grows_by(&self, more: u64) -> bool {
        let (out, into) = self.so_far();
        loop {
            let changed = self.changed.listen();
            let now = self.so_far();
            if now.0 >= out + more && now.1 >= into + more {
                return true;
            }
            if self.silent.load(Ordering::SeqCst) {
                return false;
            }
            changed.await;
        }
    }

    fn hear(&self, number: Option<i64>) {
        let expected = self.heard.load(Ordering::SeqCst);
        if number.and_then(|number| u64::try_from(number).ok()) == Some(expected) {
            self.heard.store(expected + 1, Ordering::SeqCst);
            self.tell();
        }
    }

    fn confirm(&self, sent: u64) {
        self.confirmed.store(sent, Ordering::SeqCst);
        self.tell();
    }

    fn fall_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
        self.tell();
    }

    fn tell(&self) {
        self.changed.notify(usize::MAX);
    }
}

/// What one end may ask of the process `numbers` at either.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    /// Begin to send to this node.
    Begin(String),
    /// How many have come in order?
    Heard,
    /// Send no more. How many were sent?
    Finish,
}

/// Starts the process `numbers` of a node.
pub(super) async fn listen(node: &Node) -> Result<Arc<Tally>, Mishap> {
    let tally = Arc::<Tally>::default();
    Launch::new(Numbers { tally: Arc::clone(&tally), sending: None }).named(NUMBERS).start(node).await?;
    Ok(tally)
}

/// Has one node begin to send to another.
pub(super) async fn begin(asks: &Node, from: &NodeName, to: &NodeName) -> Result<(), Mishap> {
    let begun: Result<(), String> = of(from).call(asks, &Request::Begin(to.to_string())).await?;
    begun.map_err(|reason| Mishap::Silenced { from: from.clone(), reason })
}

/// Has a node finish, and returns how many numbers it sent and how many of them the other one has heard.
pub(super) async fn finish(asks: &Node, from: &NodeName, to: &NodeName) -> Result<u64, Mishap> {
    let sent: Result<u64, String> = of(from).call(asks, &Request::Finish).await?;
    let sent = sent.map_err(|reason| Mishap::Silenced { from: from.clone(), reason })?;
    let heard = of(to).call(asks, &Request::Heard).await?;
    if sent == heard { Ok(sent) } else { Err(Mishap::Lost { from: from.clone(), sent, heard }) }
}

struct Numbers {
    tally: Arc<Tally>,
    sending: Option<Receiver<Result<u64, Mishap>>>,
}

impl GenServer for Numbers {
    type Call = Typed<Request>;
    type Cast = Term;

    async fn handle_info(&mut self, mail: Mail, _: &mut Process) -> Step {
        self.tally.hear(mail.term().and_then(Term::as_i64));
        Step::Wait
    }

    async fn handle_call(&mut self, Typed(request): Typed<Request>, caller: Caller, process: &mut Process) -> Answer {
        match request {
            Request::Begin(to) => caller.answer_typed(&self.begin(&to, process)),
            Request::Heard => caller.answer_typed(&self.tally.so_far().1),
            Request::Finish => caller.answer_typed(&self.finish().await),
        }
    }
}

impl Numbers {
    fn begin(&mut self, to: &str, process: &Process) -> Result<(), String> {
        let to = NodeName::new(to).map_err(|error| error.to_string())?;
        let (sender, sending) = bounded(1);
        let tally = Arc::clone(&self.tally);
        process.spawn(|process| async move {
            // Nobody may want to know.
            let _ = sender.try_send(send(process, to, &tally).await);
            tally.fall_silent();
        });
        self.sending = Some(sending);
        Ok(())
    }

    /// The sender needs nothing of this process, but of the one at the other end.
    async fn finish(&mut self) -> Result<u64, String> {
        self.tally.enough.store(true, Ordering::SeqCst);
        match self.sending.take() {
            None => Ok(0),
            Some(sending) => match sending.recv().await {
                Ok(sent) => sent.map_err(|mishap| mishap.to_string()),
                Err(_) => Err("it was ended".to_owned()),
            },
        }
    }
}

/// Sends numbers until that is enough. The receiver confirms each batch, so no more than that ever wait for it.
async fn send(mut process: Process, to: NodeName, tally: &Tally) -> Result<u64, Mishap> {
    let (from, mut sent) = (process.node().clone(), 0_u64);
    while !tally.enough.load(Ordering::SeqCst) {
        for number in sent..sent + BATCH {
            process.send((NUMBERS, &to), number).await.map_err(|error| AskError::Call(error.into()))?;
        }
        sent += BATCH;
        let heard = of(&to).call(&mut process, &Request::Heard).await?;
        if heard != sent {
            return Err(Mishap::Lost { from, sent, heard });
        }
        tally.confirm(sent);
    }
    Ok(sent)
}

fn of(node: &NodeName) -> Client<Request> {
    Client::of((NUMBERS, node))
}

const NUMBERS: Atom = Atom::fixed("numbers");
const BATCH: u64 = 100;
