//! What waits, encoded as far as its turn has come: whole messages in a buffer, and the rests of long ones
//! beside it.

use super::super::NotSent;
use super::super::ended::{Ended, LinkClosed, Why};
use crate::dist::{Continuation, Control, Form, PacketWriter, Unsendable};
use crate::etf::{Pid, Term, encode, encode_into};
use crate::observe::Event;
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Backlog {
    writer: PacketWriter,
    pub(super) ready: Vec<u8>,
    /// How many messages end in it.
    pub(super) messages: u64,
    /// How many bytes of it nobody waited for.
    pub(super) posted: usize,
    /// Bytes that the driver has taken and not yet got rid of.
    pub(super) taken: usize,
    long: VecDeque<Long>,
    /// How many bytes of what waits behind long messages, about.
    behind: usize,
    /// The tickets of those that were cut off by the end.
    cut_off: Vec<u64>,
    last_ticket: u64,
    pub(super) phase: Phase,
}

/// A message whose fragments are not all in the buffer.
#[derive(Debug)]
struct Long {
    ticket: u64,
    sender: Option<Pid>,
    rest: Continuation,
    length: usize,
    /// Whether nobody waits for it.
    posted: bool,
    /// What the same sender has said since. It must not overtake.
    behind: VecDeque<Behind>,
}

/// A signal that waits for the last fragment of a message.
#[derive(Debug)]
struct Behind {
    control: Control,
    payload: Option<Term>,
    /// About how many bytes it will be.
    length: usize,
}

#[derive(Debug)]
pub(super) enum Phase {
    Up,
    /// What waits is said, and nothing else.
    Finishing(Why),
    Ended(LinkClosed),
}

impl Backlog {
    /// With what is to be said before anything else.
    pub(super) fn new(form: Form, first: Vec<u8>) -> Self {
        let (writer, long) = (PacketWriter::new(form), VecDeque::new());
        let (cut_off, phase) = (Vec::new(), Phase::Up);
        Self { writer, ready: first, messages: 0, posted: 0, taken: 0, long, behind: 0, cut_off, last_ticket: 0, phase }
    }

    /// Whether the long message with this ticket has gone out, or never will.
    pub(super) fn is_through(&self, ticket: u64) -> Option<Result<(), NotSent>> {
        if self.cut_off.contains(&ticket) {
            return Some(self.check());
        }
        self.long.iter().all(|long| long.ticket != ticket).then_some(Ok(()))
    }

    /// Nothing more is said.
    pub(super) fn end(&mut self, closed: LinkClosed) {
        self.phase = Phase::Ended(closed);
        (self.ready, self.messages, self.taken, self.behind) = (Vec::new(), 0, 0, 0);
        self.cut_off.extend(self.long.drain(..).map(|long| long.ticket));
    }

    /// Whether the driver has nothing to find here: then it has to be woken for what comes next.
    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.long.is_empty()
    }

    pub(super) fn waiting(&self) -> usize {
        let long = self.long.iter().map(|long| long.length);
        long.fold(self.ready.len().saturating_add(self.taken), usize::saturating_add)
    }

    /// Whether somebody who waits for room need not wait any longer. Long messages have their own bound: each has
    /// a sender who waits for it, and others go between its fragments.
    pub(super) fn has_room(&self, limit: usize) -> bool {
        self.ready.len().saturating_add(self.taken) < limit && self.long.len() < MOST_LONG
    }

    /// How many bytes wait that nobody waits for.
    pub(super) fn unread(&self) -> usize {
        let long = self.long.iter().filter(|long| long.posted).map(|long| long.length);
        long.fold(self.posted.saturating_add(self.behind), usize::saturating_add)
    }

    pub(super) fn check(&self) -> Result<(), NotSent> {
        match &self.phase {
            Phase::Up => Ok(()),
            Phase::Finishing(why) => Err(NotSent::Closed(LinkClosed(Arc::new(Ended::Us(*why))))),
            Phase::Ended(closed) => Err(NotSent::Closed(closed.clone())),
        }
    }

    /// For which nobody waits.
    pub(super) fn post(&mut self, behind: Option<&Pid>, control: &Control, payload: Option<&Term>) -> Result<(), NotSent> {
        let before = self.ready.len();
        let ticket = self.write(control, payload, behind)?;
        self.posted = self.posted.saturating_add(self.ready.len().saturating_sub(before));
        if let (Some(ticket), Some(long)) = (ticket, self.long.back_mut()) {
            long.posted |= long.ticket == ticket && long.behind.is_empty();
        }
        Ok(())
    }

    /// Returns the ticket of a message that is too long for one piece.
    pub(super) fn write(&mut self, control: &Control, payload: Option<&Term>, behind: Option<&Pid>) -> Result<Option<u64>, NotSent> {
        if self.long.is_empty() {
            return self.write_now(control, payload);
        }
        let sender = behind.or_else(|| sender(control)).cloned();
        match self.long.iter_mut().find(|long| long.sender.is_some() && long.sender == sender) {
            Some(long) => {
                let length = length(control, payload)?;
                self.behind = self.behind.saturating_add(length);
                long.behind.push_back(Behind { control: control.clone(), payload: payload.cloned(), length });
                Ok(Some(long.ticket))
            }
            None => self.write_now(control, payload),
        }
    }

    fn write_now(&mut self, control: &Control, payload: Option<&Term>) -> Result<Option<u64>, NotSent> {
        let Some(rest) = self.writer.write_control(control, payload, &mut self.ready)? else {
            self.messages += 1;
            return Ok(None);
        };
        let sender = sender(control).cloned();
        self.last_ticket = self.last_ticket.wrapping_add(1);
        let (ticket, length, behind) = (self.last_ticket, rest.remaining(), VecDeque::new());
        self.long.push_back(Long { ticket, sender, rest, length, posted: false, behind });
        Ok(Some(ticket))
    }

    /// Fills the buffer with fragments, one of each long message by turns.
    pub(super) fn refill(&mut self) {
        while self.ready.len() < SLICE {
            let Some(long) = self.long.pop_front() else { return };
            let Long { ticket, sender, rest, posted, behind, .. } = long;
            match rest.write_next(&mut self.ready) {
                Some(rest) => {
                    let length = rest.remaining();
                    self.long.push_back(Long { ticket, sender, rest, length, posted, behind });
                }
                None => self.catch_up(ticket, sender, behind),
            }
        }
    }

    /// The long message is through: now what its sender has said since, which may be long again.
    fn catch_up(&mut self, ticket: u64, sender: Option<Pid>, mut behind: VecDeque<Behind>) {
        self.messages += 1;
        while let Some(Behind { control, payload, length }) = behind.pop_front() {
            self.behind = self.behind.saturating_sub(length);
            match self.writer.write(control, payload.as_ref(), &mut self.ready) {
                Ok(None) => self.messages += 1,
                Ok(Some(rest)) => {
                    let length = rest.remaining();
                    self.long.push_back(Long { ticket, sender, rest, length, posted: true, behind });
                    return;
                }
                Err(error) => log::error!(target: "countersign::net", event:% = Event::TermUnsendable, error:%; "a signal cannot be sent"),
            }
        }
    }
}

/// Whose order a message belongs to.
const fn sender(control: &Control) -> Option<&Pid> {
    match control {
        Control::SendSender(message) => Some(&message.from),
        Control::RegSend(message) => Some(&message.from),
        Control::AliasSend(message) => Some(&message.from),
        Control::SpawnRequest(message) => Some(&message.from),
        other => other.origin(),
    }
}

/// About how many bytes a message is; exactly, with all atoms written out.
fn length(control: &Control, payload: Option<&Term>) -> Result<usize, Unsendable> {
    let mut bytes = encode(&control.clone().into_term())?;
    payload.map_or(Ok(()), |payload| encode_into(payload, &mut bytes))?;
    Ok(bytes.len())
}

/// As many long messages wait; who sends one more waits before it is put into bytes.
const MOST_LONG: usize = 16;
/// What the driver takes at a time when there is more: enough for its writes, and little enough for
/// others to come between.
const SLICE: usize = 256 * 1024;
