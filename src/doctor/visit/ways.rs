//! The ways that lead to a peer, each with all that holds there.

use crate::doctor::case::Case;
use crate::doctor::finding::{Check, Finding, Report};
use crate::doctor::target::Target;
use crate::epmd::{AliveName, Client};
use crate::node::{Address, Effective, Mode, NodeOptions, Place, Route, Visibility, epmd_client};
use crate::node_name::NodeName;
use std::time::Duration;

/// One way.
pub(super) struct Way {
    /// Who is meant; not known where an address alone was given.
    pub(super) peer: Option<NodeName>,
    pub(super) place: Place,
    /// `None` where the configuration does not say, being broken.
    pub(super) effective: Option<Effective>,
    epmd: Option<Client>,
    label: String,
}

pub(super) fn to(case: &Case, target: &Target, report: &mut Report) -> Vec<Way> {
    let Some(options) = &case.options else {
        report.add(Finding::absent(
            Check::Offer,
            target.to_string(),
            "nothing: what is wrong with the configuration comes first; this is but a look",
        ));
        return vec![Way::unsettled(target)];
    };
    // As the other commands do it: what only asks has no name, and shows itself to nobody.
    let options = NodeOptions { visibility: Visibility::Hidden, mode: Mode::OutgoingOnly, ..options.clone() };
    let mut routes: Vec<&Route> = options.routes.iter().filter(|route| leads_to(route, target)).collect();
    routes.sort_by_key(|route| std::cmp::Reverse(route.weight));
    if routes.is_empty() {
        return Way::settled(&options, None, target, report).into_iter().collect();
    }
    let mut ways: Vec<Way> = routes.iter().filter_map(|route| Way::settled(&options, Some(route), target, report)).collect();
    // What a route says holds where it lets its peers be discovered, too.
    let discovering = routes.iter().filter(|route| route.discovery && matches!(target, Target::Node(_)));
    for route in discovering {
        let way = Way::settled(&options, Some(route), target, report);
        ways.extend(way.map(|way| Way { place: Place::DISCOVERY, label: format!("{}, discovered,", way.label), ..way }));
    }
    ways
}

fn leads_to(route: &Route, target: &Target) -> bool {
    match (target, &route.place) {
        (Target::Node(name), _) => route.matches.matches(name),
        (Target::Address(address), Place::At { host: Some(host), port }) => *host == address.host && *port == address.port,
        (Target::Address(_), _) => false,
    }
}

impl Way {
    fn unsettled(target: &Target) -> Self {
        let (peer, place) = whom(target);
        Self { peer, place, effective: None, epmd: Client::from_environment().ok(), label: target.to_string() }
    }

    fn settled(options: &NodeOptions, route: Option<&Route>, target: &Target, report: &mut Report) -> Option<Self> {
        let effective = route.map_or_else(|| Effective::of_node(options), |route| Effective::of_route(options, route));
        let effective = effective.map_err(|error| report.add(Finding::bad(Check::Offer, target.to_string(), &error))).ok()?;
        let (peer, place) = whom(target);
        let place = route.filter(|_| peer.is_some()).map_or(place, |route| route.place.clone());
        let by = route.filter(|route| route.matches.as_str() != target.to_string());
        let label = by.map_or_else(|| target.to_string(), |route| format!("{target}, by the route {},", route.matches));
        Some(Self { peer, place, effective: Some(effective), epmd: epmd_client(&options.epmd).ok(), label })
    }

    pub(super) fn whom(&self) -> &str {
        &self.label
    }

    /// For a step of connecting.
    pub(super) fn patience(&self) -> Duration {
        self.effective.as_ref().map_or(Duration::from_secs(5), |effective| effective.connect_timeout)
    }

    /// Where the peer is.
    pub(super) async fn find(&self, report: &mut Report) -> Option<(String, u16)> {
        let own = |host: &Option<String>| host.clone().or_else(|| self.peer.as_ref().map(|peer| peer.host().to_owned()));
        match &self.place {
            Place::At { host, port } => Some((own(host)?, *port)),
            Place::Epmd { host, port } => match port.map_or(self.epmd, |port| Some(Client::at(port))) {
                Some(epmd) => self.look_up(own(host)?, epmd, report).await,
                None => {
                    report.add(Finding::absent(Check::Epmd, &self.label, "what the environment says about epmd is wrong: ERL_EPMD_PORT"));
                    None
                }
            },
            Place::Found(_) => {
                report.add(Finding::absent(Check::Resolve, &self.label, "a function of the program finds it; say --peer HOST:PORT"));
                None
            }
        }
    }

    async fn look_up(&self, host: String, epmd: Client, report: &mut Report) -> Option<(String, u16)> {
        let name = AliveName::new(self.peer.as_ref()?.name()).ok()?;
        let about = format!("{} at the epmd of {host}, port {}", self.label, epmd.port());
        match epmd.lookup(&name, &host).await {
            Ok(entry) => {
                report.add(Finding::good(Check::Epmd, about, format!("it listens on port {}", entry.port)));
                Some((host, entry.port))
            }
            Err(error) => {
                report.add(Finding::bad(Check::Epmd, about, &error));
                None
            }
        }
    }
}

fn whom(target: &Target) -> (Option<NodeName>, Place) {
    match target {
        Target::Node(name) => (Some(name.clone()), Place::DISCOVERY),
        Target::Address(Address { host, port }) => (None, Place::at(host.clone(), *port)),
    }
}
