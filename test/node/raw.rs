//! A peer made by hand: it shakes hands as it should, and then does what the test wants.

use crate::world::{NEVER, World, cookie, name};
use bytes::{Bytes, BytesMut};
use countersign::dist::initiator::{self, AfterStatus};
use countersign::dist::{
    Challenge, Control, Established, Flags, Form, Frame, Framing, Local, Message, Outstanding, PacketReader, PacketWriter, ReadLimits,
    Splitter,
};
use countersign::etf::{Atom, Creation, Pid, Reference, Term};
use countersign::net::{Connection, Dialer, DialerOptions};
use countersign::node::Node;
use countersign::rt;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::io;

/// The far end of a connection, frame by frame.
#[derive(Debug)]
pub(crate) struct Frames {
    pub(crate) connection: Connection,
    read: BytesMut,
    framing: Framing,
}

impl Frames {
    /// A connection to the first acceptor of a node, before any handshake of the distribution.
    pub(crate) async fn dial(world: &World, node: &Node) -> Self {
        Self::with(dialer(world, node), node).await
    }

    pub(crate) async fn with(dialer: Dialer, node: &Node) -> Self {
        Self::accepted(dialer.dial("localhost", node.local_addrs()[0].port()).await.unwrap())
    }

    pub(crate) fn accepted(connection: Connection) -> Self {
        let framing = Framing::of_handshake(connection.tls().is_some());
        Self { connection, read: BytesMut::new(), framing }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.connection.write_all(bytes).await?;
        self.connection.flush().await
    }

    pub(crate) async fn send(&mut self, frame: &[u8]) {
        let mut bytes = Vec::new();
        self.framing.write(frame, &mut bytes).unwrap();
        self.write(&bytes).await.unwrap();
    }

    /// The next frame that is no tick; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        rt::timeout(NEVER, self.wait()).await.unwrap()
    }

    async fn wait(&mut self) -> Option<Bytes> {
        loop {
            match Splitter::new(self.framing, usize::MAX).next(&mut self.read).unwrap() {
                Some(Frame::Packet(frame)) => return Some(frame),
                Some(Frame::Tick) => {}
                None => {
                    let mut chunk = [0; 16 * 1024];
                    let count = self.connection.read(&mut chunk).await.unwrap_or(0);
                    if count == 0 {
                        return None;
                    }
                    self.read.extend_from_slice(&chunk[..count]);
                }
            }
        }
    }
}

/// A dialler with a good certificate, or without any for a node that has none.
pub(crate) fn dialer(world: &World, node: &Node) -> Dialer {
    let options = if node.cert_manager().is_some() { DialerOptions::secure(world.manager()) } else { DialerOptions::plain() };
    Dialer::new(options).unwrap()
}

pub(crate) fn local(own: &str) -> Local {
    Local { name: name(own), creation: Creation(77), flags: Flags::DEFAULT, cookie: cookie("cluster") }
}

/// A peer whose link is up.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) frames: Frames,
    pub(crate) established: Established,
    reader: PacketReader,
    writer: PacketWriter,
}

impl Raw {
    /// Meets a node under this name.
    pub(crate) async fn meet(world: &World, node: &Node, own: &str) -> Self {
        Self::shake(Frames::dial(world, node).await, &local(own), node).await
    }

    pub(crate) async fn shake(mut frames: Frames, local: &Local, node: &Node) -> Self {
        let (first, state) = initiator::send_name(local, node.name().clone());
        frames.send(&first).await;
        let state = match state.on_status(&frames.next().await.unwrap()).unwrap() {
            AfterStatus::Continue(state) => state,
            AfterStatus::Alive(alive) => {
                let (answer, state) = alive.send_true();
                frames.send(&answer).await;
                state
            }
            AfterStatus::GiveWay(refused) => panic!("{refused}"),
        };
        let challenge = frames.next().await.unwrap();
        let (reply, state) = state.on_challenge(&challenge, Challenge(4_711), &Outstanding::default()).unwrap();
        frames.send(&reply).await;
        let established = state.on_challenge_ack(&frames.next().await.unwrap()).unwrap();
        frames.framing = Framing::Four;
        let form = Form::agreed(established.flags);
        Self { frames, reader: PacketReader::new(form, ReadLimits::default()), writer: PacketWriter::new(form), established }
    }

    /// A process of this peer.
    pub(crate) fn pid(&self, id: u32) -> Pid {
        Pid { node: Atom::new(self.established.local.as_str()).unwrap(), id, serial: 0, creation: Creation(77) }
    }

    pub(crate) fn reference(&self, number: u32) -> Reference {
        Reference::new(Atom::new(self.established.local.as_str()).unwrap(), Creation(77), &[number, 0, 0]).unwrap()
    }

    /// The bytes of a message, all its fragments included.
    pub(crate) fn packed(&mut self, control: impl Into<Control>, payload: Option<&Term>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = self.writer.write(control, payload, &mut out).unwrap();
        while let Some(more) = rest {
            rest = more.write_next(&mut out);
        }
        out
    }

    pub(crate) async fn say(&mut self, control: impl Into<Control>, payload: Option<&Term>) {
        let bytes = self.packed(control, payload);
        self.frames.write(&bytes).await.unwrap();
    }

    /// The next message; `None` at the end of the link.
    pub(crate) async fn hear(&mut self) -> Option<Message> {
        loop {
            let frame = self.frames.next().await?;
            if let Some(message) = self.reader.read(frame).unwrap() {
                return Some(message);
            }
        }
    }

    /// The term of the next message that carries one.
    pub(crate) async fn hear_term(&mut self) -> Option<Term> {
        loop {
            if let Some(term) = self.hear().await?.payload {
                return Some(term);
            }
        }
    }

    /// Waits until the node has ended the link.
    pub(crate) async fn until_ended(&mut self) {
        while self.frames.next().await.is_some() {}
    }
}
