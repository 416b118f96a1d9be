//! The seed: accounts, keys and resources that a server starts with, read from YAML or JSON.

mod check;
mod error;

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use self::check::Check;
pub use self::error::SeedError;
use crate::account::{Account, AccountStart, Faults, Ids, Key, Permissions, Secret, SecurityToken, Statement, Stubs};
use crate::rds::{Instance, PRODUCT, SecurityGroup, World};
use crate::{FaultPlan, StubPlan};

/// The seed that a server starts with when it is given none.
const DEMO: &str = include_str!("../../fixtures/seeds/demo.yaml");

/// The accounts a server starts with: access keys, DB instances and ECS security groups.
///
/// A seed is text, YAML or JSON, with the service's own field names:
///
/// ```
/// let seed = rds_mock::Seed::parse(
///     "
///     Accounts:
///       - AccountId: '1234567890123456'
///         AccessKeys:
///           - {AccessKeyId: alice, AccessKeySecret: wonderland}
///         DBInstances:
///           - {DBInstanceId: rm-1, Engine: PostgreSQL, SecurityGroupIds: [sg-1]}
///     ",
/// )?;
/// # Ok::<(), rds_mock::SeedError>(())
/// ```
///
/// Reading refuses unknown keys, ids that are used twice, control characters, and security groups that an instance can't
/// be added to. How many groups an instance may have is a setting of the server and checked when it starts.
#[derive(Debug)]
pub struct Seed {
    /// What the seed is called in errors: a path, or `seed` for text.
    source: String,
    file: SeedFile,
}

/// The file, as it is written.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SeedFile {
    accounts: Vec<Spanned<AccountSeed>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct AccountSeed {
    account_id: String,
    access_keys: Vec<Spanned<AccessKeySeed>>,
    #[serde(rename = "DBInstances", default)]
    instances: Vec<Spanned<Instance>>,
    #[serde(default)]
    security_groups: Vec<Spanned<SecurityGroup>>,
    #[serde(default)]
    faults: Vec<Spanned<FaultPlan>>,
    #[serde(default)]
    stubs: Vec<Spanned<StubPlan>>,
}

/// The resources of one account, as the state of a running server is read and written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct StateFile {
    account_id: Option<String>,
    #[serde(rename = "DBInstances", default)]
    instances: Vec<Spanned<Instance>>,
    #[serde(default)]
    security_groups: Vec<Spanned<SecurityGroup>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct AccessKeySeed {
    access_key_id: String,
    access_key_secret: Secret,
    /// Makes the key a temporary one, which calls must send along.
    #[serde(default)]
    security_token: Option<Secret>,
    /// When the token ends; without it, never.
    #[serde(default)]
    expiration: Option<Timestamp>,
    #[serde(default)]
    disabled: bool,
    /// What the key may do; everything that is not denied without it.
    #[serde(default)]
    allow: Option<Vec<Statement>>,
    /// What it may not do whatever it is allowed.
    #[serde(default)]
    deny: Vec<Statement>,
}

impl Default for Seed {
    /// The demo seed: one account with the access key `testid` / `testsecret` and the instance `rm-uf6wjk5xxxxxx`.
    fn default() -> Self {
        Self::parse(DEMO).expect("the built-in seed is valid")
    }
}

impl Seed {
    /// Reads a seed from text, YAML or JSON.
    ///
    /// # Errors
    ///
    /// When the text is not a valid seed; the error says line and key.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        Self::named("seed".to_owned(), text)
    }

    /// Reads a seed file, YAML or JSON whatever its name.
    ///
    /// # Errors
    ///
    /// When the file can't be read or is not a valid seed; the error says file, line and key.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, SeedError> {
        let source = path.as_ref().display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::named(source, &text),
            Err(error) => Err(SeedError::unreadable(source, &error)),
        }
    }

    fn named(source: String, text: &str) -> Result<Self, SeedError> {
        let file = match serde_saphyr::from_str(text) {
            Ok(file) => file,
            Err(error) => return Err(SeedError::syntax(source, text, &error)),
        };
        Check::new(&source).seed(&file)?;
        Ok(Self { source, file })
    }

    /// The accounts, ready to be called.
    pub(crate) fn accounts(&self, start: AccountStart) -> impl Iterator<Item = Account> {
        self.file.accounts.iter().map(move |account| account.value.to_account(start))
    }

    /// A new account: a key pair of its own, and the resources that the first account starts with.
    pub(crate) fn make_account(&self, start: AccountStart, ids: &Ids) -> Account {
        let key = Key::new(Secret::new(ids.letters(30)), None, false);
        // As long as real ids, and with their beginning.
        let keys = [(format!("LTAI5t{}", ids.letters(18)), key)].into();
        start.account(ids.account_id(), keys, Faults::default(), Stubs::default(), self.first().to_world())
    }

    /// An account as it was at its start: its keys without used nonces, the clock, an empty journal, and the resources,
    /// faults and stubs of the seed's account with this id; for one that was made, the resources of the first.
    pub(crate) fn restarted(&self, account: &Account, start: AccountStart) -> Account {
        let mut seeded = self.file.accounts.iter().map(|seeded| &seeded.value);
        let seeded = seeded.find(|seeded| seeded.account_id == account.id);
        let keys = account.keys.iter().map(|(id, key)| (id.clone(), key.restarted())).collect();
        let faults = seeded.map(AccountSeed::to_faults).unwrap_or_default();
        let stubs = seeded.map(AccountSeed::to_stubs).unwrap_or_default();
        start.account(account.id.clone(), keys, faults, stubs, seeded.unwrap_or(self.first()).to_world())
    }

    fn first(&self) -> &AccountSeed {
        &self.file.accounts[0].value
    }

    /// Refuses instances with more security groups than the server allows.
    pub(crate) fn check_limit(&self, limit: usize) -> Result<(), SeedError> {
        let check = Check::new(&self.source);
        self.file.accounts.iter().try_for_each(|account| check.limit(&account.value.instances, limit))
    }

    /// Resources for an account from text in the format of a seed's account, checked as a seed is.
    pub(crate) fn world(account_id: &str, text: &str, limit: usize) -> Result<World, SeedError> {
        const SOURCE: &str = "state";
        let check = Check::new(SOURCE);
        let state: StateFile =
            serde_saphyr::from_str(text).map_err(|error| SeedError::syntax(SOURCE.to_owned(), text, &error))?;
        if state.account_id.is_some_and(|id| id != account_id) {
            return Err(check.whole(format!("AccountId: it is {account_id} and can't be changed")));
        }
        check.resources(&state.instances, &state.security_groups)?;
        check.limit(&state.instances, limit)?;
        Ok(world(&state.instances, &state.security_groups))
    }

    /// Id, secret and token of the first access key of the first account.
    pub(crate) fn first_key(&self) -> (&str, &str, Option<&str>) {
        let key = &self.first().access_keys[0].value;
        (&key.access_key_id, key.access_key_secret.expose(), key.security_token.as_ref().map(Secret::expose))
    }
}

impl AccountSeed {
    fn to_account(&self, start: AccountStart) -> Account {
        let keys = self.access_keys.iter().map(|key| (key.value.access_key_id.clone(), key.value.to_key())).collect();
        start.account(self.account_id.clone(), keys, self.to_faults(), self.to_stubs(), self.to_world())
    }

    /// The planned faults, none of which has struck yet.
    fn to_faults(&self) -> Faults {
        let plan = |plan: &Spanned<FaultPlan>| plan.value.to_fault(&PRODUCT).expect("every plan was checked");
        Faults::new(self.faults.iter().map(plan))
    }

    /// The planned stubs, none of which was given yet.
    fn to_stubs(&self) -> Stubs {
        let plan = |plan: &Spanned<StubPlan>| plan.value.to_stub(&PRODUCT).expect("every plan was checked");
        Stubs::new(self.stubs.iter().map(plan))
    }

    fn to_world(&self) -> World {
        world(&self.instances, &self.security_groups)
    }
}

fn world(instances: &[Spanned<Instance>], security_groups: &[Spanned<SecurityGroup>]) -> World {
    let instances = instances.iter().map(|instance| instance.value.clone());
    World::new(instances, security_groups.iter().map(|group| group.value.clone()))
}

impl AccessKeySeed {
    fn to_key(&self) -> Key {
        let token = self
            .security_token
            .as_ref()
            .map(|value| SecurityToken { value: value.clone(), expiration: self.expiration });
        let permissions = Permissions { allow: self.allow.clone(), deny: self.deny.clone() };
        Key::new(self.access_key_secret.clone(), token, self.disabled).with_permissions(permissions)
    }
}
