//! What the program that runs a node may do about its routes.

use super::{Route, RouteId, RouteInfo, RouteRefused};
use crate::node::handle::Node;

impl Node {
    /// Adds a route, for peers that are dialled from now on. Its manager is read now: its pools and its name stay for as
    /// long as the route does, and a route that has none of its own has those that the node read when it started.
    ///
    /// ```
    /// use countersign::node::{Node, NodeOptions, Place, Route};
    /// # use countersign::node::EpmdMode;
    ///
    /// # countersign::rt::block_on(async {
    /// # let options = NodeOptions {
    /// #     danger_plaintext: true,
    /// #     cookie: Some(countersign::dist::Cookie::new(b"secret".to_vec())),
    /// #     acceptors: Vec::new(),
    /// #     epmd: EpmdMode::Off,
    /// #     ..NodeOptions::default()
    /// # };
    /// let node = Node::start("a@localhost", options).await?;
    /// let id = node.add_route(Route::matching("db-*@internal".parse()?, Place::at("127.0.0.1", 1)))?;
    ///
    /// let error = node.connect(&"db-1@internal".parse()?).await.unwrap_err();
    /// assert!(error.to_string().starts_with("cannot connect to db-1@internal: by route db-*@internal to 127.0.0.1:1: "));
    /// assert_eq!(error.attempts().next().and_then(|attempt| attempt.route()), Some(id));
    /// assert!(node.remove_route(id));
    /// # node.stop().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Settings that cannot work, or that would protect nothing.
    pub fn add_route(&self, route: Route) -> Result<RouteId, RouteRefused> {
        let manager = route.cert_manager.clone();
        let id = self.core().settings.routes.add(route)?;
        self.core().welcome(manager.as_ref());
        self.core().expiry.stir();
        Ok(id)
    }

    /// Removes a route; whether there was one. Links that were made by it stay, and go by it when they are handed over:
    /// updates of its certificate ask it until the last of them has ended.
    pub fn remove_route(&self, id: RouteId) -> bool {
        self.core().settings.routes.remove(id)
    }

    /// All routes, in the order in which they are tried, with what is in force on each.
    pub fn routes(&self) -> Vec<RouteInfo> {
        self.core().settings.routes.list()
    }
}
