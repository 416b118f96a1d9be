//! The seed: accounts, keys and resources that a server starts with, read from YAML or JSON.

mod check;
mod error;

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

pub use self::error::SeedError;
use crate::account::{Account, Clock, Key, Secret, SecurityToken};
use crate::rds::{Instance, SecurityGroup, World};

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
        let seed = Self { source, file };
        seed.check()?;
        Ok(seed)
    }

    /// The accounts, ready to be called.
    pub(crate) fn accounts(&self, clock: Clock) -> impl Iterator<Item = Account> {
        let account = move |seed: &AccountSeed| {
            let keys =
                seed.access_keys.iter().map(|key| (key.value.access_key_id.clone(), key.value.to_key())).collect();
            let instances = seed.instances.iter().map(|instance| instance.value.clone());
            let groups = seed.security_groups.iter().map(|group| group.value.clone());
            Account { clock, keys, world: World::new(instances, groups) }
        };
        self.file.accounts.iter().map(move |seed| account(&seed.value))
    }

    /// Id, secret and token of the first access key of the first account.
    pub(crate) fn first_key(&self) -> (&str, &str, Option<&str>) {
        let key = &self.file.accounts[0].value.access_keys[0].value;
        (&key.access_key_id, key.access_key_secret.expose(), key.security_token.as_ref().map(Secret::expose))
    }
}

impl AccessKeySeed {
    fn to_key(&self) -> Key {
        let token = self
            .security_token
            .as_ref()
            .map(|value| SecurityToken { value: value.clone(), expiration: self.expiration });
        Key::new(self.access_key_secret.clone(), token, self.disabled)
    }
}
