//! Judging one link, and all of them.

use super::{ExpiredLinks, Judgement, Judging, LinkJudge, LinkVerdict};
use crate::failure::{Code, Failure};
use crate::net::TransportFacts;
use crate::net::link::Ended;
use crate::node::admission::Shown;
use crate::node::core::Core;
use crate::node::peer::Peer;
use crate::rt;
use crate::tls::rejudge::{NotJudged, Verdict};
use crate::tls::{PeerCertificate, Refusal};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

/// Why a link is closed.
type Condemned = Box<dyn Failure + Send + Sync>;

/// Judges the links of a node whenever it is time, for as long as there is the node.
pub(in crate::node) async fn keep_judging(core: Weak<Core>) {
    let Some(judging) = core.upgrade().map(|core| Arc::clone(&core.judging)) else { return };
    let mut seen = judging.watcher.count();
    loop {
        judging.alarm.due(&judging.watcher, seen).await;
        // Changes that come while links are being judged have them judged once more.
        seen = judging.watcher.count();
        let Some(core) = core.upgrade() else { return };
        core.judge_links().await;
    }
}

impl Core {
    /// Judges all links now. Others have their turn after each.
    pub(in crate::node) async fn judge_links(&self) -> Arc<Judgement> {
        self.judging.alarm.rewind();
        let mut links = Vec::new();
        for peer in self.peers.all().into_iter().filter(|peer| peer.is_up()) {
            links.push((peer.name().clone(), self.judge(&peer)));
            rt::yield_now().await;
        }
        links.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let judgement = Arc::new(Judgement { at: self.settings.clock.now(), links });
        self.judging.last.store(Some(Arc::clone(&judgement)));
        judgement
    }

    /// A link has come up. It was judged a moment ago; but who judged by something that has changed since, or was not
    /// asked yet, is asked now, for whoever was told of the change did not find this link.
    pub(in crate::node) fn judge_newcomer(&self, peer: &Peer) {
        let transport = peer.transport();
        let certificate = transport.peer_certificate.as_ref();
        let is_stale = certificate.is_some_and(|certificate| certificate.watch(&self.judging.watcher));
        if let Some((certificate, until)) = certificate.and_then(|it| Some((it, it.valid_until()?))) {
            self.judging.alarm.note(certificate.seconds_until(until));
        }
        let gate = &peer.tenure.terms.effective().admission;
        gate.watch(&self.judging.watcher);
        let is_admitted = gate.judge(peer.name(), Shown::from(&*transport)).is_ok();
        if is_stale || !is_admitted || !self.judging.judges.is_empty() {
            self.judge(peer);
        }
    }

    /// A link may be given another connection while it is judged: the verdict on the one that carries it counts.
    fn judge(&self, peer: &Peer) -> LinkVerdict {
        let mut transport = peer.transport();
        loop {
            let verdict = self.judging.verdict(peer, &transport);
            let latest = peer.transport();
            match verdict {
                Err(_) if !Arc::ptr_eq(&transport, &latest) => transport = latest,
                Err(why) => return self.condemn(peer, why),
                Ok(verdict) => return verdict,
            }
        }
    }

    fn condemn(&self, peer: &Peer, why: Condemned) -> LinkVerdict {
        let code = why.code();
        // Two may judge at a time.
        if peer.is_up() {
            self.counters.refuse(code, false);
            // At once: nothing more is said to whom nothing may be said.
            peer.link().cut(Ended::Condemned(why));
        }
        LinkVerdict::Closed(code)
    }
}

impl Judging {
    fn verdict(&self, peer: &Peer, transport: &TransportFacts) -> Result<LinkVerdict, Condemned> {
        let verdict = match &transport.peer_certificate {
            Some(certificate) => self.of_certificate(certificate)?,
            None if transport.tls.is_some() => LinkVerdict::NotJudged(NotJudged::NoCertificate),
            None => LinkVerdict::NotJudged(NotJudged::Plain),
        };
        let gate = &peer.tenure.terms.effective().admission;
        gate.judge(peer.name(), Shown::from(transport)).map_err(|refused| Box::new(refused) as Condemned)?;
        self.judges.iter().try_for_each(|judge| ask(judge.as_ref(), peer))?;
        Ok(verdict)
    }

    fn of_certificate(&self, certificate: &PeerCertificate) -> Result<LinkVerdict, Condemned> {
        match certificate.rejudge() {
            Verdict::Accepted { until } => {
                self.alarm.note(certificate.seconds_until(until));
                Ok(LinkVerdict::Good)
            }
            Verdict::NotJudged(why) => Ok(LinkVerdict::NotJudged(why)),
            Verdict::Refused(refusal) => match refusal.code() {
                code @ (Code::Expired | Code::NotYetValid) if self.expired == ExpiredLinks::Keep => {
                    certificate.rejudge_besides_dates().map_err(|refusal| Box::new(refusal) as Condemned)?;
                    Ok(LinkVerdict::Kept(code))
                }
                _ => Err(Box::new(refusal)),
            },
        }
    }
}

/// One that panics must neither let a peer stay nor keep others from being judged.
fn ask(judge: &dyn LinkJudge, peer: &Peer) -> Result<(), Condemned> {
    catch_unwind(AssertUnwindSafe(|| judge.judge(peer)))
        .unwrap_or_else(|_| Err(Box::new(Refusal::ByHook { hook: "judge of links", reason: "it panicked".to_owned() })))
}
