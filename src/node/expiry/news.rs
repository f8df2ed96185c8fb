//! What is new about a node's own certificates since it looked last.

use super::{ExpiryStage, OwnCertificate};
use crate::clock::Timestamp;
use crate::x509::Fingerprint;

/// What was found when the node looked last.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    holders: Vec<String>,
    sha256: Fingerprint,
    stage: ExpiryStage,
    /// The latest stage that was warned of: each is said once.
    warned: ExpiryStage,
    /// When it was last said that peers refuse it.
    complained: Option<Timestamp>,
}

/// What is to be said of one certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// Programs are to know its stage.
    pub(super) tells: bool,
    /// Peers took none before, and take it.
    pub(super) recovers: bool,
    /// One more part of its life is over.
    pub(super) warns: bool,
    /// Peers refuse it.
    pub(super) complains: bool,
}

impl Known {
    /// Holds what is found now against what was found before, and takes its place. One piece of news for each certificate.
    pub(super) fn learn(&mut self, found: &[OwnCertificate]) -> Vec<News> {
        let (entries, news) = found.iter().map(|own| self.of(own)).unzip();
        self.0 = entries;
        news
    }

    fn of(&self, own: &OwnCertificate) -> (Entry, News) {
        let sha256 = own.certificate.fingerprint();
        let same = self.0.iter().find(|entry| entry.sha256 == sha256);
        let before = same.or_else(|| self.0.iter().find(|entry| entry.holders.iter().any(|holder| own.holders.contains(holder))));
        let stage = own.stage;
        let warned = same.map_or(ExpiryStage::Well, |entry| entry.warned);
        let complained = same.filter(|entry| entry.stage == stage).and_then(|entry| entry.complained);
        let news = News {
            // Of another one also at the same stage: it is another one that ends.
            tells: before.map_or(ExpiryStage::Well, |entry| entry.stage) != stage || same.is_none() && stage != ExpiryStage::Well,
            recovers: !stage.is_unfit() && before.is_some_and(|entry| entry.stage.is_unfit()),
            warns: !stage.is_unfit() && stage > warned,
            complains: stage.is_unfit() && complained.is_none_or(|last| !(last..last + PAUSE).contains(&own.at)),
        };
        let entry = Entry {
            holders: own.holders.clone(),
            sha256,
            stage,
            warned: if news.warns { stage } else { warned },
            complained: if news.complains { Some(own.at) } else { complained },
        };
        (entry, news)
    }
}

/// Between two complaints of one certificate, in seconds.
const PAUSE: i64 = 60 * 60;
