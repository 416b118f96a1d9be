//! What an action and a product are: the only door between the wire and the products behind it.
//!
//! The gateway finds an [`Entry`] in a [`Product`] and calls it with a [`Context`] and the parameters; an action sees
//! typed fields and values, never HTTP, and returns a typed response, never text.

mod catalogue;
mod error;

use jiff::Timestamp;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use self::catalogue::ErrorCode;
pub(crate) use self::error::{AccessDenied, Error, Result, shortened};
use crate::rds::World;
use crate::wire::{Body, Format, Params, render, typed};

/// One RPC action. The implementing struct *is* the request: its fields are the parameters, read by serde.
pub(crate) trait Action: DeserializeOwned {
    /// The name on the wire, as the service writes it.
    const NAME: &'static str;
    /// What the mock does for this action, in one line; the README's table is made from it.
    const SUMMARY: &'static str;
    /// Serialises to the XML and the JSON body alike; carries its own `RequestId` so that element order is its own.
    type Response: Serialize;

    /// Does the work. Synchronous, so that no lock can survive an `.await`; an `Err` must leave no trace.
    fn run(self, context: &Context<'_>) -> Result<Self::Response>;
}

/// What an action is given besides its parameters: the caller's resources, the time, and a request id.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The resources of the account that signed the call.
    pub(crate) world: &'a World,
    /// The account's clock, read once for the call.
    pub(crate) now: Timestamp,
    /// The id of this call, which every response repeats.
    pub(crate) request_id: &'a str,
    /// The numbers that the settings fix.
    pub(crate) limits: Limits,
}

/// The numbers that the settings fix and actions enforce.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many ECS security groups one instance may be added to.
    pub(crate) security_groups_per_instance: usize,
}

/// A row of a product's action table: plain function pointers, made from an [`Action`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// The parameters it looks at.
    pub(crate) fields: fn() -> &'static [&'static str],
    pub(crate) call: fn(&Context<'_>, &Params<'_>, Format) -> Result<Body>,
}

impl Entry {
    pub(crate) const fn of<A: Action>() -> Self {
        Self { name: A::NAME, summary: A::SUMMARY, fields: typed::fields_of::<A>, call: call::<A> }
    }
}

fn call<A: Action>(context: &Context<'_>, params: &Params<'_>, format: Format) -> Result<Body> {
    let request: A = typed::from_params(params)?;
    let response = request.run(context)?;
    Ok(render::response(A::NAME, &response, format))
}

/// A product behind the endpoint: a name, a version, the actions the mock emulates and the names of all it knows of.
#[derive(Debug)]
pub(crate) struct Product {
    /// As people say it.
    pub(crate) title: &'static str,
    /// As the troubleshooting link in `Recommend` spells it.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// As RAM names the product in actions and resources.
    pub(crate) ram_code: &'static str,
    /// The host that the real service answers on.
    pub(crate) host: &'static str,
    pub(crate) actions: &'static [Entry],
    /// Every action of the real product, one a line: its name and its parameters.
    pub(crate) known_actions: &'static str,
}

impl Product {
    /// Finds an emulated action. Case does not matter: production takes `UnTagResources` for `UntagResources`.
    pub(crate) fn find(&self, name: &str) -> Option<&'static Entry> {
        self.actions.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// An action that the real product has, emulated or not.
    pub(crate) fn known(&self, name: &str) -> Option<KnownAction> {
        let action = |line: &'static str| {
            let (name, parameters) = line.split_once(' ').unwrap_or((line, ""));
            KnownAction { name, parameters }
        };
        self.known_actions.lines().map(action).find(|action| action.name.eq_ignore_ascii_case(name))
    }

    /// The names of all actions that the real product has, sorted.
    pub(crate) fn known_names(&self) -> impl Iterator<Item = &'static str> {
        self.known_actions.lines().map(|line| line.split_once(' ').map_or(line, |(name, _)| name))
    }
}

/// What the service's metadata says of an action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownAction {
    /// The service's own spelling.
    pub(crate) name: &'static str,
    /// Separated by spaces; a list's as `Tag.N.Key`. Common ones are left out.
    parameters: &'static str,
}

impl KnownAction {
    /// Whether the action has the parameter, which may be an item of a list: `Tag.1.Key`.
    pub(crate) fn has_parameter(&self, name: &str) -> bool {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let name: Vec<_> = name.split('.').map(|part| if is_number(part) { "N" } else { part }).collect();
        let name = name.join(".");
        self.parameters.split(' ').any(|known| known == name)
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.split(' ').filter(|name| !name.is_empty())
    }
}

/// Parameters that any call may have: those of the protocol, and those that clients add to every call.
pub(crate) fn is_common_parameter(name: &str) -> bool {
    matches!(
        name,
        "Action"
            | "Version"
            | "Format"
            | "AccessKeyId"
            | "Timestamp"
            | "SecurityToken"
            | "BearerToken"
            | "RegionId"
            | "Signature"
            | "SignatureMethod"
            | "SignatureVersion"
            | "SignatureNonce"
            | "SignatureType"
            | "OwnerId"
            | "OwnerAccount"
            | "ResourceOwnerId"
            | "ResourceOwnerAccount"
            | "SourceIp"
            | "SecureTransport"
    )
}

/// A parameter whose empty value says something, where an empty value of any other parameter counts as absent.
#[derive(Debug)]
pub(crate) struct MaybeEmpty(pub(crate) String);

impl<'de> Deserialize<'de> for MaybeEmpty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = MaybeEmpty;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("text, possibly empty")
            }
            fn visit_str<E>(self, text: &str) -> std::result::Result<MaybeEmpty, E> {
                Ok(MaybeEmpty(text.to_owned()))
            }
        }
        // `deserialize_any` hands over whatever was sent; `deserialize_str` would call an empty value missing.
        deserializer.deserialize_any(Text)
    }
}
