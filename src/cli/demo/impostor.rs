//! Somebody who knows everything but has no certificate of the right CA.

use super::cast::Cast;
use super::error::Mishap;
use super::narrator::Narrator;
use super::scene::Scene;
use super::told::Told;
use crate::authority::{Authority, Plan, Subject};
use crate::cli::ask::ask;
use crate::cli::development::{self, DevelopmentError};
use crate::cli::spoken;
use crate::clock::SystemClock;
use crate::etf::json;
use crate::failure::{Code, Failure};
use crate::node::{EpmdMode, Mode, Node, NodeOptions, Route};
use crate::node_name::NodeName;
use crate::rt;
use crate::tls::{CertAuth, Certificate};
use crate::x509::pem::Origin;
use std::sync::Arc;
use std::time::Duration;

/// It has the name of a and the cookie, knows where b listens, and believes b's certificate: it is b who must not let it
/// in.
pub(super) async fn come(cast: &Cast, narrator: &mut Narrator<'_, '_>) -> Result<(), Mishap> {
    narrator.begin(Scene::Impostor).await?;
    let name = cast.a.name();
    let (certificate, issuer) = forged(name)?;
    narrator.tell(&Told::Impostor { name: name.to_string(), issuer })?;
    let impostor = Node::start(name.as_str(), options(cast, certificate)?).await?;
    let connected = impostor.connect(&cast.b).await;
    impostor.stop().await;
    let Err(refused) = connected else { return Err(Mishap::LetIn) };
    if refused.code() != Code::UnknownCa || !refused.reason().is_by_peer() {
        return Err(Mishap::OtherReason(refused));
    }
    let noted = noted_by_b(cast).await?;
    Ok(narrator.tell(&Told::TurnedAway { code: refused.code().to_string(), told: refused.reason().to_string(), noted })?)
}

/// As good as the real one, but for who has signed it.
fn forged(name: &NodeName) -> Result<(Certificate, String), Mishap> {
    let plan = Plan::new(Subject::common_name("somebody else's CA").map_err(DevelopmentError::from)?);
    let ca = Authority::root(&plan, &SystemClock)?.authority;
    let issued = ca.issue(&development::leaf(name)?, &SystemClock)?;
    let chain = issued.certified.chain_pem;
    let certificate =
        Certificate::from_pem(&Origin::memory(), chain.as_bytes(), issued.key_pem.expose()).map_err(DevelopmentError::from)?;
    Ok((certificate, ca.facts().subject.clone()))
}

fn options(cast: &Cast, certificate: Certificate) -> Result<NodeOptions, Mishap> {
    let real = cast.development.options(cast.a.name())?;
    let pool = real.cert_manager.as_ref().and_then(|manager| manager.root_cas());
    Ok(NodeOptions {
        cert_manager: pool.map(|pool| Arc::new(CertAuth::mutual(certificate, pool)) as Arc<_>),
        mode: Mode::OutgoingOnly,
        acceptors: Vec::new(),
        epmd: EpmdMode::Off,
        routes: vec![Route::to(cast.b.clone(), cast.b.host(), cast.b_listens.port())],
        ..real
    })
}

/// b notes it when it has said it, and so perhaps after whom it concerns has heard it.
async fn noted_by_b(cast: &Cast) -> Result<String, Mishap> {
    loop {
        let failures = json::of(&ask(&cast.to_b(), "failures").await?);
        let is_the_one = |failure: &&serde_json::Value| spoken::text(failure, &["code"]) == Some(Code::UnknownCa.as_str());
        if let Some(failure) = failures.as_array().into_iter().flatten().find(is_the_one) {
            return Ok(spoken::text(failure, &["reason"]).unwrap_or("nothing").to_owned());
        }
        rt::sleep(MOMENT).await;
    }
}

const MOMENT: Duration = Duration::from_millis(10);
