//! What a seed must hold beyond being readable.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;
use serde_saphyr::{Location, Spanned};

use super::{AccountSeed, SeedError, SeedFile};
use crate::account::{Statement, matches};
use crate::rds::{Instance, NetworkType, PRODUCT, SecurityGroup, SecurityGroupIds, World};
use crate::wire::is_unfit;

/// Checks a text that is called `source` in what it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check<'a> {
    source: &'a str,
}

impl<'a> Check<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source }
    }

    /// Refuses what no server could start from.
    pub(super) fn seed(self, file: &SeedFile) -> Result<(), SeedError> {
        if file.accounts.is_empty() {
            return Err(self.whole("Accounts: at least one account is needed".to_owned()));
        }
        let mut accounts = Unique::new("AccountId");
        let mut access_keys = Unique::new("AccessKeyId");
        for account in &file.accounts {
            let AccountSeed { account_id, access_keys: keys, instances, security_groups, faults, stubs } =
                &account.value;
            if account_id.len() != 16 || !account_id.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(self.refuse(account, format!("AccountId: {account_id:?} is not a number of 16 digits")));
            }
            accounts.add(self, account, account_id)?;
            if keys.is_empty() {
                return Err(self.refuse(account, "AccessKeys: an account needs at least one access key".to_owned()));
            }
            for key in keys {
                self.text(key)?;
                access_keys.add(self, key, &key.value.access_key_id)?;
                if key.value.access_key_secret.expose().is_empty() {
                    return Err(self.refuse(key, "AccessKeySecret: must not be empty".to_owned()));
                }
                let token = key.value.security_token.as_ref();
                if token.is_some_and(|token| !token.expose().bytes().all(|byte| byte.is_ascii_graphic())) {
                    return Err(self.refuse(key, "SecurityToken: only visible ASCII characters can be sent".to_owned()));
                }
                for (name, statements) in
                    [("Allow", key.value.allow.as_deref().unwrap_or_default()), ("Deny", key.value.deny.as_slice())]
                {
                    statements.iter().try_for_each(|statement| self.statement(key, name, statement))?;
                }
                if key.value.expiration.is_some() && token.is_none() {
                    return Err(self.refuse(key, "Expiration: only a key with a SecurityToken expires".to_owned()));
                }
            }
            self.resources(instances, security_groups)?;
            for fault in faults {
                fault.value.to_fault(&PRODUCT).map_err(|error| self.refuse(fault, format!("Faults: {error}")))?;
            }
            for stub in stubs {
                stub.value.to_stub(&PRODUCT).map_err(|error| self.refuse(stub, format!("Stubs: {error}")))?;
            }
        }
        Ok(())
    }

    /// Refuses resources that calls could not have made.
    pub(super) fn resources(
        self,
        instances: &[Spanned<Instance>],
        security_groups: &[Spanned<SecurityGroup>],
    ) -> Result<(), SeedError> {
        let mut group_ids = Unique::new("SecurityGroupId");
        for group in security_groups {
            self.text(group)?;
            group_ids.add(self, group, &group.value.id)?;
            self.group_id(group, "SecurityGroupId", &group.value.id)?;
            if group.value.vpc_id.is_some() && group.value.network_type == NetworkType::Classic {
                return Err(self.refuse(group, "VpcId: a group of the type Classic has none".to_owned()));
            }
        }
        let world = World::new([], security_groups.iter().map(|group| group.value.clone()));
        let mut instance_ids = Unique::new("DBInstanceId");
        for instance in instances {
            self.text(instance)?;
            instance_ids.add(self, instance, &instance.value.id)?;
            self.groups_of(instance, &world)?;
        }
        Ok(())
    }

    /// Refuses instances with more groups than the server allows.
    pub(super) fn limit(self, instances: &[Spanned<Instance>], limit: usize) -> Result<(), SeedError> {
        for instance in instances {
            let (id, count) = (&instance.value.id, instance.value.security_group_ids.len());
            if count > limit {
                let message = format!("SecurityGroupIds: {id} has {count} groups, at most {limit} are allowed");
                return Err(self.refuse(instance, message));
            }
        }
        Ok(())
    }

    /// A pattern that nothing can match is a typo.
    fn statement<T>(self, at: &Spanned<T>, name: &str, statement: &Statement) -> Result<(), SeedError> {
        let is_action = |pattern: &str| {
            let pattern = pattern.to_ascii_lowercase();
            PRODUCT
                .known_names()
                .any(|known| matches(&pattern, &format!("{}:{known}", PRODUCT.ram_code).to_ascii_lowercase()))
        };
        if let Some(wrong) = statement.action.as_slice().iter().find(|pattern| !is_action(pattern)) {
            return Err(
                self.refuse(at, format!("{name}: no RDS action matches {wrong:?}; they look like rds:Describe*"))
            );
        }
        let is_resource = |pattern: &str| pattern == "*" || pattern.starts_with("acs:rds:");
        match statement.resource.as_slice().iter().find(|pattern| !is_resource(pattern)) {
            Some(wrong) => {
                let example = "acs:rds:*:*:dbinstance/rm-1";
                Err(self.refuse(at, format!("{name}: {wrong:?} is no RDS resource; they look like {example}")))
            }
            None => Ok(()),
        }
    }

    /// The groups of an instance are such as a call could have set.
    fn groups_of(self, instance: &Spanned<Instance>, world: &World) -> Result<(), SeedError> {
        let ids = &instance.value.security_group_ids;
        let mut unique = Unique::new("SecurityGroupIds");
        for id in ids {
            self.group_id(instance, "SecurityGroupIds", id)?;
            unique.add(self, instance, id)?;
        }
        world.check_security_groups(&instance.value, ids).map_err(|error| {
            let why = error.hint_text().unwrap_or_default();
            self.refuse(instance, format!("SecurityGroupIds: {why}"))
        })
    }

    fn group_id<T>(self, at: &Spanned<T>, key: &str, id: &str) -> Result<(), SeedError> {
        SecurityGroupIds::check(id)
            .map_err(|_| self.refuse(at, format!("{key}: {id:?} has something other than letters, digits, - and _")))
    }

    /// Refuses characters that no XML answer could carry.
    fn text<T: Serialize>(self, item: &Spanned<T>) -> Result<(), SeedError> {
        let value = serde_json::to_value(&item.value).expect("a seed has string keys");
        match find_control_character(&value, "") {
            Some(key) => Err(self.refuse(item, format!("{key}: control characters cannot be answered in XML"))),
            None => Ok(()),
        }
    }

    fn refuse<T>(self, at: &Spanned<T>, message: String) -> SeedError {
        SeedError::value(self.source, at.referenced, message)
    }

    /// A refusal of the text as a whole.
    pub(super) fn whole(self, message: String) -> SeedError {
        SeedError::value(self.source, Location::UNKNOWN, message)
    }
}

/// The key of the first text with a control character or a Unicode non-character in it.
fn find_control_character(value: &Value, key: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains(is_unfit).then(|| key.to_owned()),
        Value::Array(items) => items.iter().find_map(|item| find_control_character(item, key)),
        Value::Object(fields) => fields.iter().find_map(|(key, value)| {
            if key.contains(is_unfit) { Some(format!("{key:?}")) } else { find_control_character(value, key) }
        }),
        _ => None,
    }
}

/// Ids that may be given once.
struct Unique<'a> {
    key: &'static str,
    seen: HashSet<&'a str>,
}

impl<'a> Unique<'a> {
    fn new(key: &'static str) -> Self {
        Self { key, seen: HashSet::new() }
    }

    fn add<T>(&mut self, check: Check<'_>, at: &Spanned<T>, id: &'a str) -> Result<(), SeedError> {
        let key = self.key;
        if id.is_empty() {
            return Err(check.refuse(at, format!("{key}: must not be empty")));
        }
        if self.seen.insert(id) { Ok(()) } else { Err(check.refuse(at, format!("{key}: {id:?} is given twice"))) }
    }
}
