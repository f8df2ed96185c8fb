//! A server of ours between types of Rust's, as a program in Elixir calls it.

use crate::pair::Pair;
use crate::puppet::in_time;
use countersign::etf::Atom;
use countersign::etf::serde::Mapping;
use countersign::node::Process;
use countersign::otp::gen_server::{Answer, Caller, GenServer, Launch, Typed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Put(User),
    Get { name: String },
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename = "%MyApp.User")]
struct User {
    name: String,
    age: Option<u8>,
}

#[derive(Default)]
struct Users(BTreeMap<String, User>);

impl GenServer for Users {
    type Call = Typed<Request>;
    type Cast = Typed<Request>;

    async fn handle_call(&mut self, Typed(request): Typed<Request>, caller: Caller, _: &mut Process) -> Answer {
        match request {
            Request::Put(user) => {
                self.0.insert(user.name.clone(), user);
                caller.answer_typed(&())
            }
            Request::Get { name } => caller.answer_typed(&self.0.get(&name)),
        }
    }
}

#[test]
fn a_server_of_ours_takes_and_gives_structs_of_elixir() {
    let Some(pair) = Pair::new("a_server_of_ours_takes_and_gives_structs_of_elixir") else { return };
    let users = Launch::new(Users::default()).named(Atom::fixed("users")).mapped(Mapping::elixir());
    in_time(users.start(&pair.rust)).unwrap();
    let call = |request: &str| pair.eval(&format!("GenServer.call({{:users, :rust@localhost}}, {request})"));
    let joe = "%{__struct__: MyApp.User, name: \"Joe\", age: nil}";
    assert_eq!(call("{:get, %{name: \"Joe\"}}"), "nil");
    assert_eq!(call(&format!("{{:put, {joe}}}")), ":ok");
    assert_eq!(pair.eval(&format!("GenServer.call({{:users, :rust@localhost}}, {{:get, %{{name: \"Joe\"}}}}) == {joe}")), "true");
    let wrong = call("{:put, %{__struct__: MyApp.User, name: \"Joe\", age: 300}}");
    assert_eq!(wrong, "{:error, {:bad_request, \"${put}.age: expected an integer from 0 to 255, found 300\"}}");
    pair.end();
}
